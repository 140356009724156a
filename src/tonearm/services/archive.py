"""Reading a repository's scrobbles out of its CAR, on disk and a piece at a time.

The archive is untrusted: `CarReader` compares every block with its CID, and each node of the tree is checked in full.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.atproto import dag_cbor
from tonearm.atproto.car import CarError, CarReader
from tonearm.atproto.cid import Cid
from tonearm.atproto.mst import Node, decode_node, walk_records
from tonearm.atproto.tid import tid_int
from tonearm.lexicons import nsids

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tonearm.index.scratch import Scratch


async def load(pieces: AsyncIterator[bytes], scratch: Scratch) -> bytes:
    """Put an archive's blocks into the scratch file and answer the CID of its tree's root.

    Raises:
        CarError: the archive is malformed, truncated, or holds no commit.
    """
    reader = CarReader()
    scratch.begin_repository()
    async for piece in pieces:
        scratch.add_blocks((bytes(cid), block) for cid, block in reader.feed(piece))
    reader.finish()
    scratch.end_repository()
    try:
        root = dag_cbor.decode(scratch.block(bytes(reader.roots[0])))["data"]
    except (LookupError, TypeError, ValueError) as error:
        raise CarError("the archive holds no commit") from error
    if type(root) is not Cid:
        raise CarError("the archive holds no commit")
    return bytes(root)


def scrobbles(scratch: Scratch, root: bytes) -> Iterator[tuple[int, bytes]]:
    """The (TID, CID) of each scrobble of the repository at hand, in the order of TIDs. Keys that are no TIDs have none.

    Raises:
        LookupError: a node of the tree is not in the archive.
        MstError: a block is no node.
    """
    wanted = f"{nsids.APP_ROCKSKY_SCROBBLE}/".encode()
    for path, cid in walk_records(_StoredNodes(scratch), root):
        if not path.startswith(wanted):
            continue
        try:
            tid = tid_int(path[len(wanted) :].decode())
        except ValueError:
            continue
        yield tid, cid


class _StoredNodes:
    """Nodes that are read when they are opened, and not kept."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch

    def open(self, kid: Node | bytes) -> Node:
        """Read and check one node."""
        return kid if isinstance(kid, Node) else decode_node(self._scratch.block(kid), kid, trusted=False)
