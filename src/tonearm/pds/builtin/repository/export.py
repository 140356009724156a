"""Whole repositories as CAR.

The archive must be one commit's, while other commits go on. It is therefore written to a temporary file within one
snapshot, as fast as the disk takes it, and sent from there as slowly as the client likes. Rejected: sending straight
from the database, where a slow client would hold a snapshot, and the log behind it, for as long as it wants.
"""

from __future__ import annotations

import asyncio
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

from tonearm.atproto.car import car_block, car_header
from tonearm.atproto.cid import Cid
from tonearm.index.engine import Work, select
from tonearm.pds.builtin.errors import RepoBusyError
from tonearm.pds.builtin.repository.store import head_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tonearm.index.engine import Database

ROWS_A_READ = 50
"""Rows held at once: a record may be a megabyte."""
IN_MEMORY_BYTES = 1 << 20
CHUNK_BYTES = 256 << 10
DOWNLOADS_LIMIT = 8
"""Archives that may be on their way to clients at once; each may hold a large temporary file."""

_COMMIT = "SELECT commit_block FROM pds_head WHERE repo_id = $1"
_NODES = """
SELECT prefix, cid, block FROM pds_node WHERE repo_id = $1 AND rev > $2 AND (prefix, cid) > ($3, $4)
ORDER BY prefix, cid LIMIT $5
"""
_RECORDS = """
SELECT rev, collection, rkey, cid, block FROM pds_record WHERE repo_id = $1 AND (rev, collection, rkey) > ($2, $3, $4)
ORDER BY rev, collection, rkey LIMIT $5
"""
_LOWEST = -(1 << 63)
_BEYOND_ALL_NAMES = "\x7f"
"""Sorts after every collection: names of one revision are all skipped."""


def spool(did: str, since: int, file: IO[bytes], *, any_status: bool) -> Work[None]:
    """Write the blocks of the newest commit that are newer than the revision `since` (0 for all) to a file."""
    head = yield from head_of(did, any_status=any_status)
    root = Cid(head.commit_cid)
    rows = yield select(_COMMIT, head.repo_id)
    file.write(car_header([root]) + car_block(root, rows[0][0]))
    prefix, cid = _LOWEST, b""
    while rows := (yield select(_NODES, head.repo_id, since, prefix, cid, ROWS_A_READ)):
        file.write(b"".join(car_block(Cid(row[1]), row[2]) for row in rows))
        prefix, cid = rows[-1][:2]
    last = (since, _BEYOND_ALL_NAMES, "")
    while rows := (yield select(_RECORDS, head.repo_id, *last, ROWS_A_READ)):
        file.write(b"".join(car_block(Cid(row[3]), row[4]) for row in rows))
        last = rows[-1][:3]


class Exporter:
    """Sends repositories."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._one_at_a_time = asyncio.Lock()
        self._downloads = 0

    async def car(self, did: str, *, since: int = 0, any_status: bool = False) -> AsyncGenerator[bytes, None]:
        """Yield the archive of a repository, or of what is newer than a revision.

        Raises:
            RepoNotFoundError, RepoInactiveError: there is no repository that may be read.
            RepoBusyError: too many archives are being sent already.
        """
        if self._downloads >= DOWNLOADS_LIMIT:
            raise RepoBusyError("too many repositories are being downloaded; try again later")
        self._downloads += 1
        try:
            with SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as file:
                async with self._one_at_a_time:
                    await self._db.read(spool(did, since, file, any_status=any_status))
                file.seek(0)
                loop = asyncio.get_running_loop()
                while chunk := await loop.run_in_executor(None, file.read, CHUNK_BYTES):
                    yield chunk
        finally:
            self._downloads -= 1
