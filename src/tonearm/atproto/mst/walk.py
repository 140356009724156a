"""Reading a tree whose nodes are fetched as they are needed."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Protocol

from tonearm.atproto.mst.node import Kid, Node, decode_node

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class MissingNodeError(LookupError):
    """A node was needed that has not been added to `Nodes`: the store lost it, or the wrong keys were asked for."""

    def __init__(self, cid: bytes) -> None:
        super().__init__(f"MST node {cid.hex()} is missing")
        self.cid = cid


class OpensNodes(Protocol):
    """Whatever has the nodes of a tree."""

    def open(self, kid: Node | bytes) -> Node:
        """Return the node that `kid` is or names, or raise."""
        ...


class Nodes:
    """The decoded nodes that one piece of work has fetched, by CID."""

    def __init__(self) -> None:
        self._nodes: dict[bytes, Node] = {}

    def __len__(self) -> int:
        return len(self._nodes)

    def __contains__(self, cid: bytes) -> bool:
        return cid in self._nodes

    def add(self, cid: bytes, block: bytes, *, trusted: bool = True) -> None:
        """Decode a fetched block.

        Args:
            cid: the CID under which the block was asked for.
            block: its bytes.
            trusted: False for a block from elsewhere, which is checked in full.

        Raises:
            MstError: the block is no node, or (untrusted) its CID is another.
        """
        self._nodes[cid] = decode_node(block, cid, trusted=trusted)

    def open(self, kid: Node | bytes) -> Node:
        """Return the node itself.

        Raises:
            MissingNodeError: it was not added.
        """
        if isinstance(kid, Node):
            return kid
        try:
            return self._nodes[kid]
        except KeyError:
            raise MissingNodeError(kid) from None

    def missing(self, root: bytes, keys: Sequence[bytes]) -> Iterator[list[bytes]]:
        """Yield, level by level, the CIDs to add before an edit of `keys` (sorted, distinct): the root at least.

        An edit touches every node whose range of keys contains one of `keys` or ends at it: the path to it, and both
        sides of the gap below it down to the lowest layer.

        Raises:
            MissingNodeError: the iteration went on although a node had not been added.
        """
        level: list[tuple[Node | bytes, int, int]] = [(root, 0, len(keys))]
        while level:
            absent = [kid for kid, _, _ in level if isinstance(kid, bytes) and kid not in self._nodes]
            if absent:
                yield absent
            level = [part for kid, first, last in level for part in touched(self.open(kid), keys, first, last)]


def touched(node: Node, keys: Sequence[bytes], first: int, last: int) -> list[tuple[Node | bytes, int, int]]:
    """Return each subtree of `node` that one of `keys[first:last]` touches, with the slice of the keys that do.

    A key that is in the node touches the subtrees on both of its sides.
    """
    own = node.keys
    slices: dict[int, list[int]] = {}
    for at in range(first, last):
        index = bisect_left(own, keys[at])
        slices.setdefault(index, [at, at])[1] = at + 1
        if index < len(own) and own[index] == keys[at]:
            slices.setdefault(index + 1, [at, at])[1] = at + 1
    return [(kid, low, high) for index, (low, high) in slices.items() if (kid := node.kids[index]) is not None]


def path_of(nodes: Nodes, root: Node | bytes, key: bytes) -> tuple[bytes | None, list[Node]]:
    """Return the value of `key` (None when it is not in the tree) and the nodes that prove it, from the root down.

    Raises:
        MissingNodeError: a node on the path was not added.
    """
    path: list[Node] = []
    kid: Kid = root
    while kid is not None:
        node = nodes.open(kid)
        path.append(node)
        index = bisect_left(node.keys, key)
        if index < len(node.keys) and node.keys[index] == key:
            return node.vals[index], path
        kid = node.kids[index]
    return None, path


def walk_records(nodes: OpensNodes, root: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield every (key, value CID) of a tree, in the order of the keys. It holds one path of nodes at a time.

    Raises:
        MissingNodeError: a node is not there, or what `nodes` raises then.
    """
    stack: list[tuple[Node, int]] = []
    kid: Kid = root
    while True:
        while kid is not None:
            node = nodes.open(kid)
            stack.append((node, 0))
            kid = node.kids[0]
        if not stack:
            return
        node, index = stack.pop()
        if index < len(node.keys):
            yield node.keys[index], node.vals[index]
            stack.append((node, index + 1))
            kid = node.kids[index + 1]
