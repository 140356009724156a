"""The codec behind `dag_cbor`: libipld, with links told apart from byte strings.

libipld is the fastest DAG-CBOR codec and comes compiled for every platform, but it has no type for a link: it reads a
link as the link's bytes, and writes every byte string that parses as a CID as a link (one 64-byte signature in 262,144
does). So here:

- Writing: links are handed over as bytes; a byte string that might be taken for one is written by the slow encoder.
- Reading: what was read is written again and must give the same bytes. That proves the block canonical, and proves that
  everything in it that parses as a CID was a link. If it differs, the slow decoder reads the block: it knows the
  difference, and refuses what is not canonical.

Rejected: cbrrr, which has a type for links but has to be compiled on the machine that it is installed on.
"""

from __future__ import annotations

from typing import Any

import libipld

from tonearm.atproto.cid import Cid

_LINK_TAG = b"\xd8\x2a"
_LINK_HEAD = _LINK_TAG + b"\x58\x25\x00"  # a byte string of 37: a zero, then the 36 bytes of a `Cid`
_CID_STARTS = (0x01, 0x12)  # version 1; the bare SHA-256 multihash that was version 0


class BlockError(ValueError):
    """The value or the bytes are outside canonical DAG-CBOR."""


def encode_block(value: Any, *, has_binary: bool = True) -> bytes:
    """Return the canonical bytes. `has_binary` False promises that there are no links and byte strings inside.

    Raises:
        ValueError: a type, a key or a text that DAG-CBOR does not have.
    """
    if has_binary:
        ambiguous: list[bytes] = []
        bare = _bare(value, ambiguous)
        if ambiguous:
            out = bytearray()
            _write(value, out)
            return bytes(out)
        value = bare
    block: bytes = libipld.encode_dag_cbor(value)
    return block


def _bare(value: Any, ambiguous: list[bytes]) -> Any:
    """A copy with links as their bytes; collects byte strings that may parse as a CID."""
    kind = type(value)
    if kind is dict:
        return {key: _bare(item, ambiguous) for key, item in value.items()}
    if kind is list:
        return [_bare(item, ambiguous) for item in value]
    if kind is Cid:
        return bytes(value)
    if kind is bytes and value and value[0] in _CID_STARTS:
        ambiguous.append(value)
    return value


def decode_block(block: bytes) -> Any:
    """Return the value of one block.

    Raises:
        ValueError: not the canonical bytes of one value; `CidError` for a link of another kind than `Cid`.
    """
    value = libipld.decode_dag_cbor(block)
    if libipld.encode_dag_cbor(value) != block:
        value, end = _read(block, 0)
        if end != len(block):
            raise BlockError("bytes follow the value")
        return value
    return _linked(value) if _LINK_TAG in block else value


def decode_blocks(data: bytes) -> list[Any]:
    """Return the values that stand one after another; raises as `decode_block`."""
    values: list[Any] = libipld.decode_dag_cbor_multi(data)
    if b"".join(map(libipld.encode_dag_cbor, values)) == data:
        return [_linked(value) for value in values] if _LINK_TAG in data else values
    values, at = [], 0
    while at < len(data):
        value, at = _read(data, at)
        values.append(value)
    return values


def _linked(value: Any) -> Any:
    """The value with everything that parses as a CID as a link; changes it in place."""
    kind = type(value)
    if kind is dict:
        for key, item in value.items():
            inner = type(item)
            if inner is bytes or inner is dict or inner is list:
                value[key] = _linked(item)
    elif kind is list:
        for index, item in enumerate(value):
            value[index] = _linked(item)
    elif kind is bytes and value and value[0] in _CID_STARTS and _parses_as_cid(value):
        return Cid(value)
    return value


def _parses_as_cid(data: bytes) -> bool:
    """Whether libipld writes these bytes as a link."""
    written: bytes = libipld.encode_dag_cbor(data)
    return written[:2] == _LINK_TAG


def _head(major: int, argument: int) -> bytes:
    if argument < 24:
        return bytes([major << 5 | argument])
    for info, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 1 << 8 * width:
            return bytes([major << 5 | info]) + argument.to_bytes(width)
    raise BlockError("an integer beyond 64 bits")


def _write(value: Any, out: bytearray) -> None:
    """The slow encoder: the rules of DAG-CBOR, spelt out."""
    kind = type(value)
    if value is None or kind is bool:
        out += b"\xf6" if value is None else b"\xf5" if value else b"\xf4"
    elif kind is int:
        out += _head(0, value) if value >= 0 else _head(1, -1 - value)
    elif kind is Cid:
        out += _LINK_HEAD + bytes(value)
    elif kind is bytes:
        out += _head(2, len(value)) + value
    elif kind is str:
        text = value.encode()
        out += _head(3, len(text)) + text
    elif kind is list:
        out += _head(4, len(value))
        for item in value:
            _write(item, out)
    elif kind is dict:
        keys = sorted(((key.encode(), item) for key, item in value.items()), key=lambda pair: (len(pair[0]), pair[0]))
        out += _head(5, len(keys))
        for key, item in keys:
            out += _head(3, len(key)) + key
            _write(item, out)
    else:
        raise BlockError(f"a {kind.__name__}, which DAG-CBOR does not have")


_SIMPLE = {0xF4: False, 0xF5: True, 0xF6: None}


def _argument(block: bytes, at: int) -> tuple[int, int, int]:
    """(major type, argument, position after the head); refuses indefinite, reserved and non-minimal heads."""
    first = block[at : at + 1]
    if not first:
        raise BlockError("the block ends within a value")
    major, info = first[0] >> 5, first[0] & 31
    if info < 24:
        return major, info, at + 1
    if info > 27:
        raise BlockError("an indefinite or reserved length")
    width = 1 << (info - 24)
    argument = int.from_bytes(block[at + 1 : at + 1 + width])
    if at + 1 + width > len(block) or argument < (24, 1 << 8, 1 << 16, 1 << 32)[info - 24]:
        raise BlockError("a length or an integer that is not in its shortest form")
    return major, argument, at + 1 + width


def _read(block: bytes, at: int) -> tuple[Any, int]:
    """The slow decoder: the value at a position, and the position after it."""
    if block[at : at + 1] and block[at] in _SIMPLE:
        return _SIMPLE[block[at]], at + 1
    major, argument, at = _argument(block, at)
    if major == 0:
        return argument, at
    if major == 1:
        return -1 - argument, at
    if major in (2, 3):
        data = block[at : at + argument]
        if len(data) < argument:
            raise BlockError("the block ends within a value")
        return (data if major == 2 else data.decode()), at + argument
    if major == 4:
        items = []
        for _ in range(argument):
            item, at = _read(block, at)
            items.append(item)
        return items, at
    if major == 5:
        return _read_map(block, at, argument)
    if major == 6 and argument == 42 and block[at : at + 3] == _LINK_HEAD[2:]:
        return Cid(block[at + 3 : at + 39]), at + 39
    raise BlockError("a tag other than a link, a float, or another value that the data model does not have")


def _read_map(block: bytes, at: int, size: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    before = (-1, b"")
    for _ in range(size):
        key, at = _read(block, at)
        if type(key) is not str:
            raise BlockError("a key that is not text")
        raw = key.encode()
        if (len(raw), raw) <= before:
            raise BlockError("keys must be sorted and unique")
        before = (len(raw), raw)
        found[key], at = _read(block, at)
    return found, at
