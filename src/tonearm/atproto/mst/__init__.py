"""The Merkle search tree of a repository: from record paths to record CIDs, without I/O.

A key's layer is half the number of leading zero bits of its SHA-256; a node holds the keys of one layer in order, with
a subtree in each gap. The shape follows from the keys alone, so every writer arrives at the same root.

Model: `Nodes` holds decoded nodes by CID. A batch of edits first asks `Nodes.missing` which nodes it touches, level by
level, and the caller fetches those (a database's round trip a level, not a node). `Tree` then changes the loaded nodes
in memory, and `Tree.seal` encodes each touched node once: the new blocks, the CIDs that are no longer reachable, the
new root. `Tree.cover` names the nodes that a consumer needs to undo the batch (sync 1.1), `path_of` those that prove
that a record is there or is not.

Rejected: immutable nodes rewritten for each key. A batch of two hundred keys then encodes the upper nodes two hundred
times, which is nine tenths of the work.

Invariant: a tree and its nodes live for one commit. Nothing of them is reused when the commit fails, and a CID is
never trusted to be stored because a tree was seen to hold it.

Source: https://atproto.com/specs/repository ("MST Structure"), reference/atproto.md section 2.
"""

from tonearm.atproto.mst.node import EMPTY_ROOT, MstError, Node, decode_node, encode_node, layer_of
from tonearm.atproto.mst.tree import Change, Tree
from tonearm.atproto.mst.walk import MissingNodeError, Nodes, OpensNodes, path_of, walk_records

__all__ = [
    "EMPTY_ROOT",
    "Change",
    "MissingNodeError",
    "MstError",
    "Node",
    "Nodes",
    "OpensNodes",
    "Tree",
    "decode_node",
    "encode_node",
    "layer_of",
    "path_of",
    "walk_records",
]
