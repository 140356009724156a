"""Acknowledged is kept, one play is one record: across processes that are killed with SIGKILL at any step.

The seed is printed; TONEARM_SIGKILL_SEED sets it, TONEARM_SIGKILL_KILLS how often the server is killed.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import sqlite3
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import aiohttp
import asyncpg
import pytest

from tests.faults.killed_server import SCROBBLE, STEPS, Crowd, KilledServer, counted
from tests.support.databases import postgres_schema

if TYPE_CHECKING:
    from pathlib import Path

WRITERS = 16
LISTENERS = 4
KILLS = {"sqlite": 10, "postgresql": 4}
KILLS_SOAK = {"sqlite": 100, "postgresql": 25}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.soak
async def test_what_was_acknowledged_survives_any_kill_exactly_once(tmp_path: Path, database: str, soak: bool):
    seed = int(os.environ.get("TONEARM_SIGKILL_SEED", secrets.randbits(32)))
    kills = int(os.environ.get("TONEARM_SIGKILL_KILLS", (KILLS_SOAK if soak else KILLS)[database]))
    told = f"TONEARM_SIGKILL_SEED={seed}, {kills} kills on {database}"
    sys.stdout.write(f"{told}\n")
    try:
        await _survive(tmp_path, database, kills, random.Random(seed))
    except BaseException as error:
        error.add_note(told)
        raise


async def _survive(tmp_path: Path, database: str, kills: int, rng: random.Random) -> None:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(postgres_schema()) if database == "postgresql" else None
        server = KilledServer(tmp_path, url, rng)
        http = await stack.enter_async_context(
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30), connector=aiohttp.TCPConnector(limit=0))
        )
        crowd = Crowd(server, http, await server.make_listeners(LISTENERS), rng)
        writers = [asyncio.create_task(crowd.scrobble_for_ever()) for _ in range(WRITERS)]
        try:
            injected = await _kill_again_and_again(server, crowd, kills)
            for writer in writers:
                writer.cancel()
            await asyncio.wait(writers)
            await server.start(http, None)
            await crowd.drained(120 + kills)
            await _check(crowd)
            assert await server.stop() == 0, server.log.read_text()[-2000:]
        finally:
            for writer in writers:
                writer.cancel()
            if server.process and server.process.returncode is None:
                await server.kill()
        acknowledged = sum(play.uri is not None for play in crowd.plays)
        plays = f"{acknowledged} of {len(crowd.plays)} plays acknowledged"
        sys.stdout.write(f"{injected} of {kills} kills at injected points; {plays}\n")
        assert injected * 3 >= kills, "too few kills were at injected points"
        assert acknowledged > kills
        await _check_rows(tmp_path, url)


async def _kill_again_and_again(server: KilledServer, crowd: Crowd, kills: int) -> int:
    """Answers how many kills were at injected points."""
    injected = 0
    for number in range(kills):
        if number % 2 == 0:
            point = server.some_point(STEPS[number // 2 % len(STEPS)])
            await server.start(crowd.http, point)
            await _look_around(crowd, number)
            injected += await server.killed_at(point)
        elif server.rng.random() < 0.2:
            await server.spawn(None)
            await asyncio.sleep(server.rng.random() * 1.5)  # at an instant of the start
            await server.kill()
        else:
            await server.start(crowd.http, None)
            await _look_around(crowd, number)
            await asyncio.sleep(server.rng.random() * 0.8)
            await server.kill()
        assert not crowd.wrong, crowd.wrong
    return injected


async def _look_around(crowd: Crowd, number: int) -> None:
    """After a start: plays are taken, and (in some rounds) a repository is whole, while the writers go on."""
    answers, begun = crowd.answers, time.monotonic()
    while crowd.answers == answers:
        assert time.monotonic() - begun < 20, "no play is acknowledged after the start"
        await asyncio.sleep(0.01)
    if number % 10 == 3 or number == 2:
        await crowd.repository(crowd.rng.choice(crowd.listeners))


async def _check(crowd: Crowd) -> None:
    """Every acknowledged play is once in the repository and once in history, any other at most once."""
    for listener in crowd.listeners:
        plays = [play for play in crowd.plays if play.listener is listener]
        timed = {play.name for play in plays if play.name[2]}
        records = await crowd.pages(
            "com.atproto.repo.listRecords", "records", repo=listener.did, collection=SCROBBLE, limit=100
        )
        history = await crowd.pages("app.rocksky.scrobble.getScrobbles", "scrobbles", did=listener.did, limit=1000)
        uris = [record["uri"] for record in records]
        assert sorted(uris) == sorted(row["uri"] for row in history)
        assert len(set(uris)) == len(uris)
        assert {play.uri for play in plays if play.uri} <= set(uris), "an acknowledged play is lost"
        names = Counter(_name(listener.did, record["value"], timed) for record in records)
        assert set(names.values()) == {1}, names.most_common(3)
        assert set(names) <= {play.name for play in plays}, "nobody reported this"
        assert counted(names, {play.name for play in plays if play.uri}) == {}
        await _check_catalogue(crowd, listener.did, records)
    whole = await crowd.repository(crowd.listeners[0])
    first = [play.uri for play in crowd.plays if play.uri and play.listener is crowd.listeners[0]]
    assert {uri.split("/", 3)[3] for uri in first} <= set(whole)


def _name(did: str, record: dict[str, Any], timed: set[tuple[str, str, int]]) -> tuple[str, str, int]:
    second = int(time.mktime(time.strptime(record["createdAt"], "%Y-%m-%dT%H:%M:%S.000Z")) - time.timezone)
    named = (did, record["title"], second)
    return named if named in timed else (did, record["title"], 0)


async def _check_catalogue(crowd: Crowd, did: str, records: list[dict[str, Any]]) -> None:
    """Each song has one record: as many as the scrobbles name."""
    songs = await crowd.pages(
        "com.atproto.repo.listRecords", "records", repo=did, collection="app.rocksky.song", limit=100
    )
    named = Counter((song["value"]["title"], song["value"]["album"]) for song in songs)
    assert set(named.values()) <= {1}
    assert set(named) == {(record["value"]["title"], record["value"]["album"]) for record in records}


ROWS = (
    ("SELECT count(*) FROM outbox", 0, "nothing is left to be sent"),
    (
        "SELECT count(*) FROM repo_write w WHERE (SELECT count(*) FROM event e WHERE e.write_id = w.write_id) <> 1",
        0,
        "every write has one event",
    ),
    ("SELECT count(*) - coalesce(max(seq), 0) FROM event", 0, "the events are numbered without a gap"),
    (
        "SELECT count(*) FROM play p WHERE NOT EXISTS (SELECT 1 FROM journal j WHERE j.tid = p.tid)",
        0,
        "all is journaled",
    ),
    ("SELECT (SELECT count(*) FROM play) - (SELECT sum(plays) FROM actor_song)", 0, "the counts are right"),
)


async def _check_rows(folder: Path, url: str | None) -> None:
    if url:
        connection = await asyncpg.connect(url)
        for sql, wanted, claim in ROWS:
            assert await connection.fetchval(sql) == wanted, claim
        await connection.close()
        return
    index = sqlite3.connect(folder / "data" / "index.db")
    for sql, wanted, claim in ROWS:
        assert index.execute(sql).fetchone()[0] == wanted, claim
    index.close()
    for name in ("index.db", "pds.db"):
        connection = sqlite3.connect(folder / "data" / name)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()
