"""Changing a tree: edits in memory, then one encoding of what changed."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from tonearm.atproto.mst.node import Kid, MstError, Node, encode_node, layer_of, node_cid
from tonearm.atproto.mst.walk import Nodes, path_of, touched

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Change(NamedTuple):
    """What a batch of edits did to the stored nodes.

    Attributes:
        root: CID of the new root.
        created: the blocks that the old tree did not have, by CID.
        removed: the CIDs of the old tree that the new tree does not have.
    """

    root: bytes
    created: dict[bytes, bytes]
    removed: set[bytes]


def _no_pause() -> None:
    """Go on at once."""


class Tree:
    """A tree that is being changed. It works on `nodes`, which must hold what `Nodes.missing` named for the edits.

    `pause` is called between steps of well under a millisecond, so that a caller in a thread can let others run.
    """

    def __init__(self, nodes: Nodes, root: bytes, pause: Callable[[], None] = _no_pause) -> None:
        """Open the tree at its root.

        Raises:
            MissingNodeError: the root was not added.
        """
        self._nodes = nodes
        self._root = nodes.open(root)
        self._pause = pause
        self._replaced: set[bytes] = set()

    def value(self, key: bytes) -> bytes | None:
        """Return the value of a key, None when the tree does not have it.

        Raises:
            MissingNodeError: a node was not added.
        """
        return path_of(self._nodes, self._root, key)[0]

    def put(self, key: bytes, value: bytes) -> bytes | None:
        """Add a key or replace its value; return the value it had, None when it is new.

        Raises:
            MissingNodeError: a node was not added.
        """
        self._pause()
        layer = layer_of(key)
        if not self._root.keys:
            self._root = self._edit(self._root)
            self._root.keys, self._root.vals, self._root.kids = [key], [value], [None, None]
            return None
        height = layer_of(self._root.keys[0])
        while height < layer:
            self._root = Node([], [], [self._root if self._root.cid is None else self._root.cid])
            height += 1
        node = self._root = self._edit(self._root)
        index = bisect_left(node.keys, key)
        for _ in range(height - layer):
            child = self._edit(node.kids[index])
            node.kids[index] = child
            node, index = child, bisect_left(child.keys, key)
        if index < len(node.keys) and node.keys[index] == key:
            old, node.vals[index] = node.vals[index], value
            return old
        node.kids[index : index + 1] = self._split(node.kids[index], key)
        node.keys.insert(index, key)
        node.vals.insert(index, value)
        return None

    def remove(self, key: bytes) -> bytes:
        """Take a key out and return the value it had.

        Raises:
            MstError: the tree does not have it.
            MissingNodeError: a node was not added.
        """
        self._pause()
        path: list[tuple[Node, int]] = []
        node = self._root = self._edit(self._root)
        index = bisect_left(node.keys, key)
        while index == len(node.keys) or node.keys[index] != key:
            kid = node.kids[index]
            if kid is None:
                raise MstError("the key to remove is not in the tree")
            path.append((node, index))
            child = node.kids[index] = self._edit(kid)
            node, index = child, bisect_left(child.keys, key)
        old = node.vals.pop(index)
        del node.keys[index]
        node.kids[index : index + 2] = [self._merge(node.kids[index], node.kids[index + 1])]
        while path and not node.keys and node.kids[0] is None:
            node, index = path.pop()
            node.kids[index] = None
        self._drop_empty_top()
        return old

    def seal(self) -> Change:
        """Encode what changed and return the difference to the tree that was opened.

        Raises:
            MstError: a node would hold too many keys.
        """
        created: dict[bytes, bytes] = {}
        root = self._encode(self._root, created)
        old = self._replaced
        for cid in old & created.keys():
            del created[cid]
            old.discard(cid)
        return Change(root, created, old)

    def cover(self, keys: Sequence[bytes]) -> list[Node]:
        """Return the nodes of the sealed tree that undoing an edit of `keys` (sorted, distinct) touches."""
        found: dict[bytes, Node] = {}
        level: list[tuple[Node | bytes, int, int]] = [(self._root, 0, len(keys))]
        while level:
            below: list[tuple[Node | bytes, int, int]] = []
            for kid, first, last in level:
                node = self._nodes.open(kid)
                if node.cid is None:
                    raise MstError("the tree must be sealed before it is covered")
                found[node.cid] = node
                below.extend(touched(node, keys, first, last))
            self._pause()
            level = below
        return list(found.values())

    def _edit(self, kid: Kid) -> Node:
        """Return the node behind `kid`, marked as changed; an empty one in an empty gap."""
        if kid is None:
            return Node([], [], [None])
        node = self._nodes.open(kid)
        if node.cid is not None:
            self._replaced.add(node.cid)
            node.cid = None
        return node

    def _split(self, kid: Kid, key: bytes) -> list[Kid]:
        """Divide a subtree at a key that it does not hold. A half that stays whole is not touched."""
        if kid is None:
            return [None, None]
        node = self._nodes.open(kid)
        index = bisect_left(node.keys, key)
        left, right = self._split(node.kids[index], key)
        if index == len(node.keys) and right is None:
            return [kid, None]
        if index == 0 and left is None:
            return [None, kid]
        node = self._edit(node)
        above = Node(node.keys[index:], node.vals[index:], [right, *node.kids[index + 1 :]])
        del node.keys[index:], node.vals[index:]
        node.kids[index:] = [left]
        return [node, above]

    def _merge(self, left: Kid, right: Kid) -> Kid:
        """Join the subtrees on both sides of a key that was taken out."""
        if left is None:
            return right
        if right is None:
            return left
        node, other = self._edit(left), self._edit(right)
        node.kids[-1:] = [self._merge(node.kids[-1], other.kids[0]), *other.kids[1:]]
        node.keys += other.keys
        node.vals += other.vals
        return node

    def _drop_empty_top(self) -> None:
        while not self._root.keys:
            kid = self._root.kids[0]
            if kid is None:
                return
            self._edit(self._root)
            self._root = self._nodes.open(kid)

    def _encode(self, node: Node, created: dict[bytes, bytes]) -> bytes:
        if node.cid is not None:
            return node.cid
        for kid in node.kids:
            if isinstance(kid, Node):
                self._encode(kid, created)
        node.block = encode_node(node)
        node.cid = node_cid(node.block)
        created[node.cid] = node.block
        self._pause()
        return node.cid
