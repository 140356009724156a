"""The write path over an index of its own and a scripted PDS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.faulty_pds import Clock, Process, ScriptedPds, new_index
from tonearm.index import outbox
from tonearm.index.engine import select
from tonearm.services.submission import Submission

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tonearm.services.preparing import Listener
    from tonearm.services.scrobbles import Receipt

SCROBBLE = "app.rocksky.scrobble"


@dataclass
class Publishing:
    """The write path, its listeners, their PDS, and time."""

    process: Process
    clock: Clock
    pds: ScriptedPds
    listeners: list[Listener]

    @property
    def did(self) -> str:
        return self.listeners[0].did

    async def play(self, *titles: str, listener: int = 0, key: str | None = None, ago_s: int = 0) -> list[Receipt]:
        """Plays of songs, all in the present second, or so many seconds ago."""
        submissions = [
            Submission.of(
                now_s=self.clock.at,
                title=title,
                artist="Kate Bush",
                album="Hounds of Love",
                played_at_s=int(self.clock.at) - ago_s,
                idempotency_key=key,
            )
            for title in titles
        ]
        return await self.process.scrobbles.submit(self.listeners[listener], submissions, "test")

    async def serve(self, listener: int = 0) -> int:
        """Let the outbox send a listener's writes; answers how many calls that took."""
        before = len(self.pds.calls)
        await self.process.outbox.serve(self.listeners[listener].actor_id)
        return len(self.pds.calls) - before

    async def drain(self) -> int:
        """Let the outbox serve whoever it may serve now; answers how many calls that took."""
        before = len(self.pds.calls)
        await self.process.outbox.drain()
        return len(self.pds.calls) - before

    async def rows(self, sql: str, *args: Any) -> list[Any]:
        def work() -> Any:
            return (yield select(sql, *args))

        return await self.process.database.inner.read(work())

    async def waiting(self, listener: int = 0) -> list[str]:
        """The (collection's last word and) record keys of a listener's unconfirmed writes."""
        writes = await self.process.database.inner.read(outbox.unconfirmed_writes_of(self.listeners[listener].actor_id))
        return [f"{write.collection.rsplit('.', 1)[1]} {write.rkey}" for write in writes]

    async def refused(self) -> list[Any]:
        """(collection, reason) of what stands refused in the queues."""
        return await self.rows(
            "SELECT w.collection, o.reason FROM outbox o JOIN repo_write w ON w.write_id = o.write_id "
            "WHERE o.refused = 1 ORDER BY o.write_id"
        )

    async def events(self) -> list[Any]:
        """(seq, collection, rkey, rev) of the event log."""
        return await self.rows(
            "SELECT e.seq, w.collection, w.rkey, e.rev FROM event e JOIN repo_write w ON w.write_id = e.write_id "
            "ORDER BY e.seq"
        )

    def scrobbles(self, listener: int = 0) -> list[str]:
        """The record keys of a listener's scrobbles in the repository."""
        records = self.pds.records.get(self.listeners[listener].did, {})
        return sorted(rkey for collection, rkey in records if collection == SCROBBLE)


@pytest.fixture
async def publishing(tmp_path: Path) -> AsyncIterator[Publishing]:
    listeners = new_index(tmp_path / "index.db", listeners=6)
    clock = Clock()
    pds = ScriptedPds(clock)
    process = Process(tmp_path / "index.db", clock, pds)
    yield Publishing(process, clock, pds, listeners)
    await process.stop()
