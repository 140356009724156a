"""Links: content identifiers of the two kinds that the AT Protocol uses.

A CID here is 36 bytes: version 1, a codec (DAG-CBOR for records and repository nodes, raw for blobs), SHA-256, the
digest. Its text is `b` and the unpadded lower-case base32 of those bytes: 59 characters. Other kinds (CIDv0, other
hashes, other bases) are well-formed strings of the `cid` format, see `formats.is_cid`, but nothing can be linked by
them.

Source: https://atproto.com/specs/data-model ("Link and CID Formats").
"""

from __future__ import annotations

import re
from hashlib import sha256

import libipld

DAG_CBOR_PREFIX = b"\x01\x71\x12\x20"
RAW_PREFIX = b"\x01\x55\x12\x20"
CID_LENGTH = 36

_PREFIXES = (DAG_CBOR_PREFIX, RAW_PREFIX)
_CID_TEXT = re.compile(r"b[a-z2-7]{58}")


class CidError(ValueError):
    """The bytes or the text are not a CID of the kinds that the AT Protocol links by. The caller refuses the input."""


class Cid:
    """A link. Hashable; equal when the bytes are; never equal to `bytes`, so that a link is not taken for data."""

    __slots__ = ("_bytes",)

    def __init__(self, cid_bytes: bytes) -> None:
        """Take the 36 binary bytes.

        Raises:
            CidError: they are not a version 1 SHA-256 CID with codec DAG-CBOR or raw.
        """
        if len(cid_bytes) != CID_LENGTH or cid_bytes[:4] not in _PREFIXES:
            raise CidError("a link must be CIDv1 with SHA-256 and the codec dag-cbor or raw")
        self._bytes = cid_bytes

    @property
    def digest(self) -> bytes:
        """The 32 bytes of the SHA-256 hash."""
        return self._bytes[4:]

    @property
    def is_raw(self) -> bool:
        """Whether the link names a blob's bytes rather than a DAG-CBOR block."""
        return self._bytes[1] == RAW_PREFIX[1]

    def matches(self, block: bytes) -> bool:
        """Whether `block` is what this link names."""
        return sha256(block).digest() == self._bytes[4:]

    def __bytes__(self) -> bytes:
        return self._bytes

    def __str__(self) -> str:
        return cid_text(self)

    def __repr__(self) -> str:
        return f"Cid({cid_text(self)!r})"

    def __hash__(self) -> int:
        return hash(self._bytes)

    def __eq__(self, other: object) -> bool:
        return type(other) is Cid and other._bytes == self._bytes


def cid_of_dag_cbor(block: bytes) -> Cid:
    """Return the link to a DAG-CBOR block: a record, a commit, a tree node."""
    return Cid(DAG_CBOR_PREFIX + sha256(block).digest())


def cid_of_raw(data: bytes) -> Cid:
    """Return the link to a blob's bytes."""
    return Cid(RAW_PREFIX + sha256(data).digest())


def cid_text(cid: Cid) -> str:
    """Return the 59 characters that name `cid` in JSON and in AT-URIs' neighbours."""
    text: str = libipld.encode_cid(bytes(cid))
    return text


def cid_text_of_dag_cbor(block: bytes) -> str:
    """Return the text of the link to a DAG-CBOR block, without making the `Cid`."""
    text: str = libipld.encode_cid(DAG_CBOR_PREFIX + sha256(block).digest())
    return text


def parse_cid(text: str) -> Cid:
    """Parse the canonical text of a link.

    Raises:
        CidError: `text` is not `b` and 58 characters of lower-case base32, has bits set after the last byte, or names
            another kind of CID (version 0, another hash or codec).
    """
    if _CID_TEXT.fullmatch(text) is None:
        raise CidError("a link's text must be 'b' and 58 characters of lower-case base32")
    try:
        binary: bytes = libipld.decode_multibase(text)[1]
    except ValueError as error:
        raise CidError(f"a link's text must be canonical base32: {error}") from None
    if libipld.encode_cid(binary) != text:
        raise CidError("a link's text must be canonical base32: bits are set after the last byte")
    return Cid(binary)
