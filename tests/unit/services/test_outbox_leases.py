"""Several outbox writers on one database: one of them serves an actor at a time."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from tests.support.databases import postgres_schema
from tests.support.faulty_pds import Clock, OneHost, Outcome, ScriptedPds, new_index
from tonearm.atproto import dag_cbor
from tonearm.atproto.tid import tid_text
from tonearm.index import migrations
from tonearm.index.engine import execute, open_database, select
from tonearm.services.identity_hash import next_clock_id
from tonearm.services.indexing import Indexing
from tonearm.services.outbox import LEASE_S, OutboxWriter
from tonearm.services.preparing import Listener
from tonearm.services.scrobbles import Scrobbles
from tonearm.services.submission import Submission

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from typing import Any

    from tests.unit.services.conftest import Publishing
    from tonearm.index.engine import Database, Work

DIDS = {number: f"did:plc:{'abcdefgh'[number] * 24}" for number in range(1, 5)}


class Pair:
    """Two outbox writers, each with its own connection to the same database, and a PDS that notices who meets whom."""

    def __init__(self, databases: tuple[Database, Database]) -> None:
        self.clock = Clock()
        self.pds = ScriptedPds(self.clock)
        self.database = databases[0]
        self.writers = [
            OutboxWriter(database, OneHost(self), self.clock, lambda: 0.5, linger_s=0.0) for database in databases
        ]
        self.scrobbles = Scrobbles(self.database, Indexing(), now=self.clock, wake=lambda _actor_id: None)
        self.serving: list[str] = []
        self.met = 0

    async def apply_writes(self, did: str, writes: Any) -> Any:
        self.met += did in self.serving
        self.serving.append(did)
        await asyncio.sleep(0.002)
        try:
            return await self.pds.apply_writes(did, writes)
        finally:
            self.serving.remove(did)

    async def existing(self, did: str, keys: Any) -> dict[tuple[str, str], str]:
        return await self.pds.existing(did, keys)

    async def latest_rev(self, did: str) -> str:
        return await self.pds.latest_rev(did)

    async def play(self, actor_id: int, number: int) -> None:
        play = Submission.of(
            now_s=self.clock.at, title=f"Song {number}", artist="Kate Bush", played_at_s=1_600_000_000 + number
        )
        await self.scrobbles.submit(Listener(actor_id, DIDS[actor_id]), [play], "test")


def _add_actors() -> Work[None]:
    for number, did in DIDS.items():
        yield execute(
            "INSERT INTO actor (actor_id, did, handle, created_at, updated_at) VALUES ($1, $2, $3, 0, 0)",
            number,
            did,
            f"listener{number}.test",
        )


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
async def pair(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Pair]:
    async with AsyncExitStack() as stack:
        if request.param == "sqlite":
            new_index(tmp_path / "index.db", listeners=4)
            url = f"sqlite:///{tmp_path / 'index.db'}"
        else:
            url = await stack.enter_async_context(postgres_schema())
            await migrations.migrate(url, "index")
        databases = await open_database(url, lock_key=1), await open_database(url, lock_key=1)
        for database in databases:
            stack.push_async_callback(database.close)
        if request.param == "postgresql":
            await databases[0].write(_add_actors())
        yield Pair(databases)


async def test_two_writers_never_serve_one_actor_at_the_same_time(pair: Pair):
    running = [asyncio.create_task(writer.run()) for writer in pair.writers]
    for number in range(30):
        await asyncio.gather(*(pair.play(actor_id, number) for actor_id in DIDS))
        for writer in pair.writers:
            writer.wake(0)
    for _ in range(2000):
        if await pair.database.read(_waiting()) == 0:
            break
        await asyncio.sleep(0.01)
    for task in running:
        task.cancel()
    await asyncio.wait(running)
    assert pair.met == 0
    for did in DIDS.values():
        assert sum(collection == "app.rocksky.scrobble" for collection, _ in pair.pds.records[did]) == 30
    events, writes = await pair.database.read(_counts())
    assert events == writes


def _waiting() -> Work[int]:
    return (yield select("SELECT count(*) FROM outbox"))[0][0]


def _counts() -> Work[tuple[int, int]]:
    return (yield select("SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM repo_write)"))[0]


async def test_a_lease_keeps_others_off_until_it_ends_or_runs_out(publishing: Publishing):
    await publishing.play("Cloudbusting")
    seen: list[int] = []

    async def others_come_by() -> None:
        publishing.clock.at += LEASE_S - 1
        before = len(publishing.pds.calls)
        await publishing.process.other_outbox.serve(1)
        seen.append(len(publishing.pds.calls) - before)
        publishing.clock.at += 2
        await publishing.process.other_outbox.serve(1)
        seen.append(len(publishing.pds.calls) - before)

    publishing.pds.during = others_come_by
    await publishing.serve()
    assert seen == [0, 1], "off while it lasts, on when it has run out"
    assert len(publishing.scrobbles()) == 1
    assert len(await publishing.events()) == 4


async def test_who_has_lost_the_lease_stops(publishing: Publishing):
    for number in range(11):
        await publishing.play(*(f"Song {number} {n}" for n in range(40)))
    late: list[bool] = []

    async def another_takes_over() -> None:
        publishing.clock.at += LEASE_S + 1
        publishing.pds.script.extend([Outcome.DONE, Outcome.RATE_LIMITED])
        await publishing.process.other_outbox.serve(1)
        from tonearm.index.outbox import take_lease

        now = int(publishing.clock.at * 1e6)
        late.append(await publishing.process.database.write(take_lease(1, "a third", now, now + 10**8)))

    publishing.pds.during = another_takes_over
    calls = await publishing.serve()
    assert late == [True]
    assert calls == 3, "its own call, the other's two, and none after it has lost the lease"


async def test_two_who_find_a_key_taken_move_its_play_once(publishing: Publishing):
    (receipt,) = await publishing.play("Cloudbusting")
    foreign = dag_cbor.encode({"title": "by another client"})
    publishing.pds.put(publishing.did, "app.rocksky.scrobble", tid_text(receipt.tid), foreign)

    async def another_takes_over() -> None:
        publishing.clock.at += LEASE_S + 1
        await publishing.process.other_outbox.serve(1)

    publishing.pds.during = another_takes_over
    await publishing.serve()
    moved = next_clock_id(receipt.tid)
    assert await publishing.rows("SELECT tid FROM play") == [(moved,)]
    assert publishing.scrobbles() == sorted([tid_text(receipt.tid), tid_text(moved)])
    assert tid_text(moved) in {rkey for _, _, rkey, _ in await publishing.events()}
    assert await publishing.waiting() == []


async def test_a_lease_outlives_a_crash_and_then_runs_out(publishing: Publishing):
    await publishing.play("Cloudbusting")
    publishing.process.switch.steps_left = 3
    await publishing.process.all_or_killed(publishing.process.outbox.drain())
    publishing.process.switch.dead.clear()
    publishing.process.switch.steps_left = None
    await publishing.process.other_outbox.drain()
    assert await publishing.events() == []
    publishing.clock.at += LEASE_S + 1
    await publishing.process.other_outbox.drain()
    assert len(await publishing.events()) == 4
