"""Reading repositories: records, heads, proofs, lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tonearm.atproto.car import car_block, car_header
from tonearm.atproto.cid import Cid
from tonearm.atproto.mst import path_of
from tonearm.index.engine import Work, select
from tonearm.pds.builtin.account import identities
from tonearm.pds.builtin.errors import BlockNotFoundError, RepoInactiveError
from tonearm.pds.builtin.repository import records
from tonearm.pds.builtin.repository.rows import Head, prefix_of
from tonearm.pds.builtin.repository.store import head_of, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tonearm.index.engine import Database
    from tonearm.pds.builtin.account.identities import Repo
    from tonearm.pds.builtin.repository.cache import NodeCache
    from tonearm.pds.builtin.repository.records import StoredRecord

BLOCKS_ANSWER_LIMIT_BYTES = 8 << 20
"""Most bytes of blocks that one getBlocks answers with."""


class HostedRepo(NamedTuple):
    """A line of listRepos. `rev` is the TID's number, `head` the binary CID."""

    repo_id: int
    did: str
    status: str
    rev: int
    head: bytes


class Reader:
    """Reads what repositories hold."""

    def __init__(self, db: Database, cache: NodeCache) -> None:
        self._db = db
        self._cache = cache

    async def record(self, identifier: str, collection: str, rkey: str) -> tuple[Repo, StoredRecord | None]:
        """Return one record of the repository with this DID or handle.

        Raises:
            RepoNotFoundError, RepoInactiveError: there is no repository that may be read.
        """
        return await self._db.read(self._record(identifier, collection, rkey))

    @staticmethod
    def _record(identifier: str, collection: str, rkey: str) -> Work[tuple[Repo, StoredRecord | None]]:
        repo = yield from _active(identifier)
        return repo, (yield from records.record_of(repo.repo_id, collection, rkey))

    async def page(
        self, identifier: str, collection: str, *, limit: int, cursor: str | None, reverse: bool
    ) -> tuple[Repo, list[StoredRecord]]:
        """Return up to `limit` records beyond the key `cursor`: newest keys first, or oldest first when `reverse`.

        They are fewer when they are large, so that only an empty page says that there are no more.

        Raises:
            RepoNotFoundError, RepoInactiveError: there is no repository that may be read.
        """
        return await self._db.read(self._page(identifier, collection, limit, cursor, reverse))

    @staticmethod
    def _page(
        identifier: str, collection: str, limit: int, cursor: str | None, reverse: bool
    ) -> Work[tuple[Repo, list[StoredRecord]]]:
        repo = yield from _active(identifier)
        page = yield from records.records_page(repo.repo_id, collection, limit=limit, cursor=cursor, reverse=reverse)
        return repo, page

    async def collections(self, identifier: str) -> tuple[Repo, list[str]]:
        """Return a repository and the collections that it has records in.

        Raises:
            RepoNotFoundError, RepoInactiveError: there is no repository that may be read.
        """
        return await self._db.read(self._collections(identifier))

    @staticmethod
    def _collections(identifier: str) -> Work[tuple[Repo, list[str]]]:
        repo = yield from _active(identifier)
        return repo, (yield from records.collections_of(repo.repo_id))

    async def head(self, did: str) -> Head:
        """Return a repository's newest commit.

        Raises:
            RepoNotFoundError, RepoInactiveError: there is no repository that may be read.
        """
        return await self._db.read(head_of(did))

    async def hosted(self, did: str) -> HostedRepo | None:
        """Return where a repository stands, whatever its status."""
        rows = await self._db.read(_hosted("r.did = $1", did))
        return rows[0] if rows else None

    async def all_hosted(self, after: int, limit: int) -> list[HostedRepo]:
        """Return up to `limit` repositories with numbers above `after`."""
        return await self._db.read(_hosted("r.repo_id > $1 ORDER BY r.repo_id LIMIT $2", after, limit))

    async def proof(self, did: str, collection: str, rkey: str) -> bytes:
        """Return a CAR that proves that a record is there, or is not.

        Raises:
            RepoNotFoundError, RepoInactiveError: there is no repository that may be read.
        """
        return await self._db.read(self._proof(did, collection, rkey))

    def _proof(self, did: str, collection: str, rkey: str) -> Work[bytes]:
        key = f"{collection}/{rkey}".encode()
        head, nodes = yield from load(did, [key], self._cache)
        value, path = path_of(nodes, head.root_cid, key)
        blocks = [(head.commit_cid, (yield from _commit_block(head)))]
        blocks += [(node.cid, node.block) for node in path if node.cid is not None]
        if value is not None:
            record = yield from records.record_of(head.repo_id, collection, rkey)
            if record is not None:
                blocks.append((value, record.block))
        car = b"".join(car_block(Cid(cid), block) for cid, block in blocks)
        return car_header([Cid(head.commit_cid)]) + car

    async def blocks(self, did: str, cids: Sequence[Cid]) -> bytes:
        """Return a CAR, without roots, of the newest commit's blocks that have these CIDs.

        Raises:
            RepoNotFoundError, RepoInactiveError: there is no repository that may be read.
            BlockNotFoundError: a block is not there, or they are too many bytes together.
        """
        return await self._db.read(self._blocks(did, [bytes(cid) for cid in cids]))

    @staticmethod
    def _blocks(did: str, cids: list[bytes]) -> Work[bytes]:
        head = yield from head_of(did)
        wanted, size = dict.fromkeys(cids, b""), 0
        prefixes = [prefix_of(cid) for cid in wanted]
        if head.commit_cid in wanted:
            wanted[head.commit_cid] = yield from _commit_block(head)
        for table in ("pds_node", "pds_record"):
            rows = yield select(
                f"SELECT cid, length(block) FROM {table} WHERE repo_id = $1 AND prefix = ANY($2)",
                head.repo_id,
                prefixes,
            )
            size += sum(row[1] for row in rows)
            if size > BLOCKS_ANSWER_LIMIT_BYTES:
                raise BlockNotFoundError("the blocks are too many bytes for one answer: ask for fewer")
            rows = yield select(
                f"SELECT cid, block FROM {table} WHERE repo_id = $1 AND prefix = ANY($2)", head.repo_id, prefixes
            )
            wanted.update((cid, block) for cid, block in rows if cid in wanted)
        if absent := [cid for cid, block in wanted.items() if not block]:
            raise BlockNotFoundError(f"Could not find cids: {', '.join(str(Cid(cid)) for cid in absent)}")
        return car_header([]) + b"".join(car_block(Cid(cid), block) for cid, block in wanted.items())


def _active(identifier: str) -> Work[Repo]:
    repo = yield from identities.repo_named(identifier)
    if repo.status != "active":
        raise RepoInactiveError(repo.status)
    return repo


def _commit_block(head: Head) -> Work[bytes]:
    rows = yield select("SELECT commit_block FROM pds_head WHERE repo_id = $1", head.repo_id)
    block: bytes = rows[0][0]
    return block


def _hosted(condition: str, *args: object) -> Work[list[HostedRepo]]:
    rows = yield select(
        "SELECT r.repo_id, r.did, r.status, h.rev, h.commit_cid FROM pds_repo r"
        f" JOIN pds_head h ON h.repo_id = r.repo_id WHERE {condition}",
        *args,
    )
    return [HostedRepo(*row) for row in rows]
