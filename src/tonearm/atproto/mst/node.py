"""One node of the tree and its canonical encoding.

CIDs are the 36 bytes of a binary CIDv1 here: they are compared, hashed and copied far more often than they are shown.
The encoder writes the one fixed shape of a node directly, which is twice as fast as building dictionaries first.
"""

from __future__ import annotations

from hashlib import sha256
from itertools import pairwise
from typing import Any, Final, TypeAlias

import libipld

from tonearm.atproto.cid import CID_LENGTH, DAG_CBOR_PREFIX

MAX_ENTRIES: Final = 1_000
"""Most keys in one node. Three keys in four stay in the lowest layer by chance, so a run of a thousand without a
higher key doesn't happen; one that was mined would make each commit re-encode it whole."""

Kid: TypeAlias = "Node | bytes | None"
"""A subtree: loaded, named by its CID, or none."""

_LINK = b"\xd8\x2a\x58\x25\x00"


class MstError(ValueError):
    """A node breaks the format, or an edit does not fit the tree. The caller refuses the block or the batch."""


class Node:
    """A node: sorted `keys`, a value CID for each, and `len(keys) + 1` subtrees around them.

    `cid` is None from the first change until the node is encoded again. `block` is the encoding that `cid` names.
    """

    __slots__ = ("block", "cid", "keys", "kids", "vals")

    def __init__(self, keys: list[bytes], vals: list[bytes], kids: list[Kid]) -> None:
        self.keys = keys
        self.vals = vals
        self.kids = kids
        self.cid: bytes | None = None
        self.block = b""


def layer_of(key: bytes) -> int:
    """Return the layer of a key: the leading zero bits of its SHA-256, two to a layer."""
    digest = sha256(key).digest()
    return (256 - int.from_bytes(digest, "big").bit_length()) >> 1


def node_cid(block: bytes) -> bytes:
    """Return the binary CID of an encoded node."""
    return DAG_CBOR_PREFIX + sha256(block).digest()


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes((major | number,))
    if number < 0x100:
        return bytes((major | 24, number))
    return bytes((major | 25, number >> 8, number & 0xFF))


def encode_node(node: Node) -> bytes:
    """Return the DAG-CBOR of a node whose subtrees all have CIDs.

    Raises:
        MstError: the node has more than `MAX_ENTRIES` keys, or a subtree has not been encoded yet.
    """
    keys, vals, kids = node.keys, node.vals, node.kids
    if len(keys) > MAX_ENTRIES:
        raise MstError(f"a node may hold {MAX_ENTRIES} keys, this one holds {len(keys)}")
    parts = [b"\xa2ae", _head(0x80, len(keys))]
    append = parts.append
    previous = b""
    for index, key in enumerate(keys):
        shared = _shared(previous, key)
        suffix = key[shared:]
        append(b"\xa4ak" + _head(0x40, len(suffix)) + suffix + b"ap" + _head(0, shared) + b"at")
        append(_link(kids[index + 1]))
        append(b"av" + _LINK + vals[index])
        previous = key
    append(b"al")
    append(_link(kids[0]))
    return b"".join(parts)


def _shared(left: bytes, right: bytes) -> int:
    """Return how many leading bytes are the same: by one subtraction of big integers, not by a loop."""
    size = min(len(left), len(right))
    different = int.from_bytes(left[:size], "big") ^ int.from_bytes(right[:size], "big")
    return size - ((different.bit_length() + 7) >> 3)


def _link(kid: Kid) -> bytes:
    if kid is None:
        return b"\xf6"
    cid = kid if isinstance(kid, bytes) else kid.cid
    if cid is None:
        raise MstError("a subtree must be encoded before the node above it")
    return _LINK + cid


def decode_node(block: bytes, cid: bytes, *, trusted: bool) -> Node:
    """Decode the node that `cid` names.

    A node that we stored ourselves is `trusted`. One from anywhere else is checked in full: its CID, and that it is the
    canonical encoding of sorted keys of one layer.

    Raises:
        MstError: the block is no such node.
    """
    try:
        raw: Any = libipld.decode_dag_cbor(block)
        node = _from_entries(raw["l"], raw["e"])
        if not trusted:
            _check(node, block, cid)
    except MstError:
        raise
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise MstError(f"not an MST node: {error}") from error
    node.cid = cid
    node.block = block
    return node


def _from_entries(left: bytes | None, entries: list[dict[str, Any]]) -> Node:
    keys: list[bytes] = []
    vals: list[bytes] = []
    kids: list[Kid] = [left]
    key = b""
    for entry in entries:
        key = key[: entry["p"]] + entry["k"]
        keys.append(key)
        vals.append(entry["v"])
        kids.append(entry["t"])
    return Node(keys, vals, kids)


def _check(node: Node, block: bytes, cid: bytes) -> None:
    if node_cid(block) != cid:
        raise MstError("the block's CID is another")
    if any(left >= right for left, right in pairwise(node.keys)):
        raise MstError("keys must be sorted and distinct")
    if len({layer_of(key) for key in node.keys}) > 1:
        raise MstError("all keys of a node must have the same layer")
    links = [*node.vals, *(kid for kid in node.kids if kid is not None)]
    if not all(isinstance(link, bytes) and len(link) == CID_LENGTH and link.startswith(b"\x01") for link in links):
        raise MstError("a link must be a CIDv1 by SHA-256")
    if encode_node(node) != block:
        raise MstError("not the canonical encoding of a node")


EMPTY_ROOT: Final = encode_node(Node([], [], [None]))
"""The block of the tree without records."""
