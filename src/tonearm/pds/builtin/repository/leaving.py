"""Reading a whole repository whose account leaves this host, whatever its status."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tonearm.atproto.cid import Cid, cid_text
from tonearm.index.engine import Work, select
from tonearm.pds.builtin.repository.records import PAGE_LIMIT_BYTES
from tonearm.pds.builtin.repository.store import head_of

if TYPE_CHECKING:
    from tonearm.index.engine import Database


class OldRecord(NamedTuple):
    """A record and where it stands; `cid` is text."""

    collection: str
    rkey: str
    cid: str
    block: bytes


class LeavingRepositories:
    """Walks through repositories."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def count_records(self, did: str) -> int:
        """Return how many records there are.

        Raises:
            RepoNotFoundError: there is no such repository.
        """
        return await self._db.read(_count(did))

    async def records_after(self, did: str, after: tuple[str, str], limit: int) -> list[OldRecord]:
        """Return up to `limit` records beyond (collection, record key), in the order of both.

        They are fewer when they are large, so that only an empty page says that there are no more.

        Raises:
            RepoNotFoundError: there is no such repository.
        """
        return await self._db.read(_records_after(did, after, limit))

    async def blob(self, did: str, cid: str) -> tuple[str, bytes] | None:
        """Return media type and content of a blob; None when it is not there.

        Raises:
            RepoNotFoundError: there is no such repository.
        """
        return await self._db.read(_blob(did, cid))


def _count(did: str) -> Work[int]:
    head = yield from head_of(did, any_status=True)
    rows = yield select("SELECT count(*) FROM pds_record WHERE repo_id = $1", head.repo_id)
    count: int = rows[0][0]
    return count


def _records_after(did: str, after: tuple[str, str], limit: int) -> Work[list[OldRecord]]:
    head = yield from head_of(did, any_status=True)
    beyond = "FROM pds_record WHERE repo_id = $1 AND (collection, rkey) > ($2, $3) ORDER BY collection, rkey LIMIT $4"
    sizes = yield select(f"SELECT length(block) {beyond}", head.repo_id, *after, limit)
    fitting = total = 0
    for (size,) in sizes:
        total += size
        if fitting and total > PAGE_LIMIT_BYTES:
            break
        fitting += 1
    rows = yield select(f"SELECT collection, rkey, cid, block {beyond}", head.repo_id, *after, fitting)
    return [OldRecord(row[0], row[1], cid_text(Cid(row[2])), row[3]) for row in rows]


def _blob(did: str, cid: str) -> Work[tuple[str, bytes] | None]:
    head = yield from head_of(did, any_status=True)
    rows = yield select("SELECT media_type, content FROM pds_blob WHERE repo_id = $1 AND cid = $2", head.repo_id, cid)
    return (rows[0][0], rows[0][1]) if rows else None
