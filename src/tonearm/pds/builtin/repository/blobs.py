"""Blobs: uploaded first, kept once a record references them, dropped when none does."""

from __future__ import annotations

import asyncio
import re
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from tonearm.atproto.cid import RAW_PREFIX, Cid, cid_text
from tonearm.index.engine import Work, execute, select
from tonearm.pds.builtin.account.identities import repo_named
from tonearm.pds.builtin.errors import BlobNotFoundError, InvalidWriteError
from tonearm.pds.builtin.repository.store import head_of
from tonearm.pds.builtin.times import micros_of_clock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tonearm.index.engine import Database

UNREFERENCED_KEPT_S = 6 * 3600
"""How long an upload waits for the record that references it."""
UNREFERENCED_LIMIT_BYTES = 50 << 20
"""Most bytes that an account's uploads may wait with."""
UPLOADS_AT_ONCE = 2
"""Uploads held in memory at once; the others wait."""

_MEDIA_TYPE = re.compile(r"[a-zA-Z0-9!#$&^_.+-]{1,100}/[a-zA-Z0-9!#$&^_.+-]{1,100}")
_UNREFERENCED = "NOT EXISTS (SELECT 1 FROM pds_blob_ref f WHERE f.repo_id = b.repo_id AND f.cid = b.cid)"


class Blob(NamedTuple):
    """A stored blob, without its content."""

    cid: Cid
    media_type: str
    size_bytes: int

    def value(self) -> dict[str, object]:
        """Return the blob in the data model, as a record references it."""
        return {"$type": "blob", "ref": self.cid, "mimeType": self.media_type, "size": self.size_bytes}


class BlobTooLargeError(InvalidWriteError):
    """The upload is larger than this host takes."""


class Blobs:
    """Stores and serves blobs."""

    def __init__(self, db: Database, *, clock: Callable[[], float], limit_bytes: int) -> None:
        self._db = db
        self._clock = clock
        self._uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)
        self.limit_bytes = limit_bytes

    async def upload(self, did: str, media_type: str, chunks: AsyncIterator[bytes]) -> Blob:
        """Store an upload. It is dropped after six hours unless a record references it by then.

        Raises:
            BlobTooLargeError: larger than `limit_bytes`.
            InvalidWriteError: the media type is malformed, or too many bytes wait already.
            RepoNotFoundError: there is no such repository.
        """
        media_type = media_type.partition(";")[0].strip() or "application/octet-stream"
        if _MEDIA_TYPE.fullmatch(media_type) is None:
            raise InvalidWriteError("the media type is malformed")
        async with self._uploads:
            content = bytearray()
            async for chunk in chunks:
                content += chunk
                if len(content) > self.limit_bytes:
                    raise BlobTooLargeError(f"a blob may have {self.limit_bytes} bytes")
            digest = await asyncio.get_running_loop().run_in_executor(None, sha256, content)
            blob = Blob(Cid(RAW_PREFIX + digest.digest()), media_type, len(content))
            await self._db.write(self._insert(did, blob, bytes(content)))
        return blob

    def _insert(self, did: str, blob: Blob, content: bytes) -> Work[None]:
        repo = yield from repo_named(did)
        rows = yield select(
            f"SELECT COALESCE(SUM(b.size_bytes), 0) FROM pds_blob b WHERE b.repo_id = $1 AND {_UNREFERENCED}",
            repo.repo_id,
        )
        if rows[0][0] + blob.size_bytes > UNREFERENCED_LIMIT_BYTES:
            raise InvalidWriteError("too many uploads that no record references")
        yield execute(
            "INSERT INTO pds_blob (repo_id, cid, media_type, size_bytes, created_at, content)"
            " VALUES ($1, $2, $3, $4, $5, $6)"
            " ON CONFLICT (repo_id, cid) DO UPDATE SET created_at = excluded.created_at",
            *(repo.repo_id, cid_text(blob.cid), blob.media_type, blob.size_bytes),
            *(micros_of_clock(self._clock), content),
        )

    async def content(self, did: str, cid: str) -> tuple[str, bytes]:
        """Return media type and content of a blob that a record references.

        Raises:
            RepoNotFoundError, RepoInactiveError: there is no repository that may be read.
            BlobNotFoundError: no record references such a blob.
        """
        return await self._db.read(self._content(did, cid))

    @staticmethod
    def _content(did: str, cid: str) -> Work[tuple[str, bytes]]:
        head = yield from head_of(did)
        rows = yield select(
            "SELECT b.media_type, b.content FROM pds_blob b WHERE b.repo_id = $1 AND b.cid = $2"
            " AND EXISTS (SELECT 1 FROM pds_blob_ref f WHERE f.repo_id = b.repo_id AND f.cid = b.cid)",
            *(head.repo_id, cid),
        )
        if not rows:
            raise BlobNotFoundError("Blob not found")
        return rows[0][0], rows[0][1]

    async def page(self, did: str, *, since: int, after: str, limit: int) -> list[str]:
        """Return CIDs of blobs referenced by records newer than the revision `since`, in order, beyond `after`.

        Raises:
            RepoNotFoundError, RepoInactiveError: there is no repository that may be read.
        """
        return await self._db.read(self._page(did, since, after, limit))

    @staticmethod
    def _page(did: str, since: int, after: str, limit: int) -> Work[list[str]]:
        head = yield from head_of(did)
        rows = yield select(
            "SELECT DISTINCT cid FROM pds_blob_ref WHERE repo_id = $1 AND rev > $2 AND cid > $3 ORDER BY cid LIMIT $4",
            *(head.repo_id, since, after, limit),
        )
        return [row[0] for row in rows]

    async def prune(self) -> None:
        """Drop what no record references and nobody uploaded lately."""
        before = micros_of_clock(self._clock) - UNREFERENCED_KEPT_S * 1_000_000
        await self._db.write(_prune(before))


def _prune(before: int) -> Work[None]:
    yield execute(
        "DELETE FROM pds_blob WHERE created_at < $1 AND NOT EXISTS"
        " (SELECT 1 FROM pds_blob_ref f WHERE f.repo_id = pds_blob.repo_id AND f.cid = pds_blob.cid)",
        before,
    )
