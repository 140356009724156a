"""The event log: what `com.atproto.sync.subscribeRepos` sends.

Consumers pull: rows above their cursor, then a wait for one wake-up. Backfill and live are the same code, and a slow
consumer costs no memory.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tonearm.index.engine import Work, execute, select
from tonearm.pds.builtin.stream.frames import frame_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tonearm.index.engine import Database

BATCH_ROWS = 8
"""Events read at once; one may be 2 MB, and most are under 5 KB."""
POLL_S = 1.0
"""How long to wait for a wake-up before looking anyway: other processes write to the same log."""


class FutureCursorError(Exception):
    """The cursor is above every event. The consumer has confused servers, or the log was lost."""


def bounds() -> Work[tuple[int, int]]:
    """Return the lowest and the highest sequence number that are kept, (0, 0) for an empty log."""
    rows = yield select("SELECT COALESCE(MIN(seq), 0), COALESCE(MAX(seq), 0) FROM pds_event")
    return rows[0][0], rows[0][1]


def after(cursor: int, limit: int) -> Work[list[tuple[int, bytes, bytes]]]:
    """Return the next events above a cursor."""
    rows = yield select(
        "SELECT seq, before_seq, after_seq FROM pds_event WHERE seq > $1 ORDER BY seq LIMIT $2", cursor, limit
    )
    return [(row[0], row[1], row[2]) for row in rows]


def prune(before_micros: int) -> Work[None]:
    """Drop events made before a time. The newest stays whatever its age: its number must not be given out again."""
    yield execute("DELETE FROM pds_event WHERE made_at < $1 AND seq < (SELECT MAX(seq) FROM pds_event)", before_micros)


class EventLog:
    """Reads the log and wakes those who wait at its end."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Tell the consumers that there are new events."""
        self._news.set()
        self._news = asyncio.Event()

    async def prune(self, before_s: float) -> None:
        """Drop events made before a time, seconds since 1970."""
        await self._db.write(prune(int(before_s * 1_000_000)))

    async def bounds(self) -> tuple[int, int]:
        """Return the lowest and the highest sequence number that are kept, (0, 0) for an empty log."""
        return await self._db.read(bounds())

    async def frames(self, cursor: int | None) -> AsyncIterator[tuple[int, bytes]]:
        """Yield (seq, frame) without end: all kept events above `cursor`, or only new ones when it is None.

        Raises:
            FutureCursorError: the cursor is above every event.
        """
        _, newest = await self.bounds()
        if cursor is None:
            cursor = newest
        elif cursor > newest:
            raise FutureCursorError
        while True:
            news = self._news
            rows = await self._db.read(after(cursor, BATCH_ROWS))
            for seq, before_seq, after_seq in rows:
                yield seq, frame_of(before_seq, seq, after_seq)
                cursor = seq
            if not rows:
                await _wait(news)


async def _wait(news: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(news.wait(), POLL_S)
    except TimeoutError:
        return
