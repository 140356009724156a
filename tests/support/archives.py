"""Repositories as archives (CAR), made by hand: any records, and whatever may be wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.atproto import dag_cbor
from tonearm.atproto.car import write_car
from tonearm.atproto.cid import Cid, cid_of_dag_cbor
from tonearm.atproto.mst import EMPTY_ROOT, Nodes, Tree
from tonearm.atproto.mst.node import node_cid
from tonearm.atproto.tid import tid_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

SCROBBLE = "app.rocksky.scrobble"


def archive_of(records: dict[str, bytes], *, without: Callable[[str], bool] = lambda _path: False) -> bytes:
    """An archive of records by path, whose commit nobody has signed. Records at `without` paths have no block."""
    root, nodes = node_cid(EMPTY_ROOT), Nodes()
    nodes.add(root, EMPTY_ROOT)
    tree = Tree(nodes, root)
    for path, block in records.items():
        tree.put(path.encode(), bytes(cid_of_dag_cbor(block)))
    change = tree.seal()
    commit = dag_cbor.encode({"data": Cid(change.root), "version": 3})
    blocks = [(cid_of_dag_cbor(commit), commit)]
    blocks += [(Cid(cid), block) for cid, block in (change.created or {root: EMPTY_ROOT}).items()]
    blocks += [(cid_of_dag_cbor(block), block) for path, block in records.items() if not without(path)]
    return write_car([blocks[0][0]], blocks)


def path_of(tid: int) -> str:
    return f"{SCROBBLE}/{tid_text(tid)}"


async def in_pieces(archive: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for start in range(0, len(archive), size):
        yield archive[start : start + size]


class Archives:
    """Gives out archives by DID (`RepositoryExport`); raises what stands in place of one."""

    def __init__(self) -> None:
        self.by_did: dict[str, bytes | Exception] = {}

    def export_car(self, did: str) -> AsyncIterator[bytes]:
        archive = self.by_did[did]
        if isinstance(archive, Exception):
            raise archive
        return in_pieces(archive)
