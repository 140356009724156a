"""A move that is killed at any step loses and doubles no record, while plays keep coming.

The seed is printed; TONEARM_SIGKILL_SEED sets it. The destination is the reference PDS, or the built-in one of a
second Tonearm.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.faults.killed_server import SCROBBLE, Crowd, KilledServer, Listener
from tests.support.databases import postgres_schema
from tests.support.kill_points import PHASES, KillPoint
from tests.support.moving import START
from tests.support.real_pds import real_pds
from tests.support.reindexing import WIPED, wipe
from tests.support.server import NEIGHBOURS, PASSWORD, running_server
from tests.support.world import SONGS
from tonearm.core import open_core
from tonearm.index.engine import select
from tonearm.services.indexing import Indexing
from tonearm.services.preparing import Listener as Who
from tonearm.services.reindex import Reindex
from tonearm.services.submission import Submission
from tonearm.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.real_pds import RealPds
    from tonearm.index.engine import Work

__all__ = ["real_pds"]

WRITERS = 2
PLAYS = 300
PLAYS_SOAK = 1500
FOREIGN = 40
"""Plays that another client has put into the outside repository; every other one is a play that we have as well."""
ANY = ("inside", "before", "during", "after")
KILLS = (
    ("freeze", ANY),
    ("switch", ("inside", "before")),  # it is not done yet, and the next one comes to it again
    ("switch", ANY),
    ("adopt", ANY),
    ("move", ANY),
    ("send", PHASES["send"]),
    ("move", ANY),
    ("done", ANY),
    ("send", PHASES["send"]),
    ("move", ANY),
)
"""Where the kills fall: in the order of the move, since it does not go back."""
DESTINATIONS = {"sqlite": ("tonearm",), "postgresql": ("reference",)}
DESTINATIONS_SOAK = ("tonearm", "reference")


@dataclass(frozen=True)
class Outside:
    """The identity to move to."""

    did: str
    password: str
    pds_url: str


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.soak
async def test_a_move_killed_ten_times_loses_and_doubles_no_record(
    tmp_path: Path, database: str, soak: bool, request: pytest.FixtureRequest
) -> None:
    for destination in DESTINATIONS_SOAK if soak else DESTINATIONS[database]:
        seed = int(os.environ.get("TONEARM_SIGKILL_SEED", secrets.randbits(32)))
        told = f"TONEARM_SIGKILL_SEED={seed}, a move from {database} to {destination}"
        sys.stdout.write(f"{told}\n")
        reference: RealPds | None = request.getfixturevalue("real_pds") if destination == "reference" else None
        folder = tmp_path / destination
        folder.mkdir()
        try:
            await _survive(folder, database, reference, PLAYS_SOAK if soak else PLAYS, random.Random(seed))
        except BaseException as error:
            error.add_note(told)
            raise


async def _survive(folder: Path, database: str, reference: RealPds | None, plays: int, rng: random.Random) -> None:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(postgres_schema()) if database == "postgresql" else None
        http = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)))
        outside = await _outside(stack, folder, reference)
        server = KilledServer(folder, url, rng, page=40, allowed_private_hosts=NEIGHBOURS)
        (listener,) = await server.make_listeners(1)
        await _prepare(server, listener, outside, http, plays)
        crowd = Crowd(server, http, [listener], rng, same=_same_key)
        writers = [asyncio.create_task(crowd.scrobble_for_ever()) for _ in range(WRITERS)]
        try:
            injected = await _kill_again_and_again(server, crowd)
            for writer in writers:
                writer.cancel()
            await asyncio.wait(writers)
            await server.start(http, None)
            await _finished(crowd, listener)
            assert await server.stop() == 0, server.log.read_text()[-2000:]
        finally:
            for writer in writers:
                writer.cancel()
            if server.process and server.process.returncode is None:
                await server.kill()
        sys.stdout.write(
            f"{injected} of {len(KILLS)} kills at injected points; {len(crowd.plays)} plays came meanwhile\n"
        )
        assert injected * 2 >= len(KILLS), "too few kills were at injected points"
        await _check(crowd, outside, plays)
        await _check_index(server, outside.did)


async def _outside(stack: AsyncExitStack, folder: Path, reference: RealPds | None) -> Outside:
    if reference is not None:
        account = reference.create_account()
        return Outside(account.did, account.app_password, reference.url)
    other = await stack.enter_async_context(running_server(folder / "elsewhere", handle_domain="elsewhere.test"))
    person = await other.create_account("alice-elsewhere")
    return Outside(person.did, PASSWORD, other.url)


async def _prepare(
    server: KilledServer, listener: Listener, outside: Outside, http: aiohttp.ClientSession, plays: int
) -> None:
    """A history in the local repository, another client's in the outside one, the link, and the start of the move."""
    async with open_core(Settings(**server.settings)) as core:
        account = await core.accounts.named(listener.did)
        submissions = [_play(number) for number in range(plays)]
        await core.scrobbles.submit(Who(account.actor_id, account.did), submissions, "import")
        await core.outbox.drain()
        other = await core.password_logins.log_in(outside.did, outside.password, address=None, pds_url=outside.pds_url)
        session = await core.sessions.load(outside.did)
        assert session is not None
        for number in range(FOREIGN):
            record = _foreign_record(number * 3 if number % 2 else plays + 1000 + number)
            await _write(http, outside, session.access_jwt, record)
        await core.moves.link(account.actor_id, other)
        await core.moves.start(account.actor_id)


def _play(number: int) -> Submission:
    song = SONGS[number % 5]
    values = {"title": song["title"], "artist": song["artist"], "album": song["album"], "duration_ms": 90_000}
    return Submission.of(now_s=time.time(), **values, played_at_s=START + 300 * number)


def _foreign_record(number: int) -> dict[str, Any]:
    song = SONGS[number % 5]
    return {
        "$type": SCROBBLE,
        **{name: song[name] for name in ("title", "artist", "album")},
        "albumArtist": song.get("albumArtist", song["artist"]),
        "duration": 90_000,
        "createdAt": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(START + 300 * number)),
    }


async def _write(http: aiohttp.ClientSession, outside: Outside, token: str, record: dict[str, Any]) -> None:
    second = int(time.mktime(time.strptime(record["createdAt"], "%Y-%m-%dT%H:%M:%S.000Z")) - time.timezone)
    from tonearm.atproto.tid import tid_text

    rkey = tid_text((second * 1_000_000 + 77_777) << 10 | 5)
    body = {"repo": outside.did, "collection": SCROBBLE, "rkey": rkey, "record": record, "validate": False}
    url = f"{outside.pds_url}/xrpc/com.atproto.repo.createRecord"
    async with http.post(url, json=body, headers={"Authorization": f"Bearer {token}"}) as answer:
        assert answer.status == 200, await answer.text()


async def _kill_again_and_again(server: KilledServer, crowd: Crowd) -> int:
    """Answers how many kills were at injected points."""
    injected = 0
    for step, phases in KILLS:
        phase = server.rng.choice(phases)
        nth = server.rng.randint(1, 2) if step in {"move", "send", "done"} else 1
        point = KillPoint(step, phase, nth=nth, delay_us=int(server.rng.expovariate(1 / 400)), at_once=True)
        await server.spawn(point)
        injected += await server.killed_at(point)
        assert not crowd.wrong, crowd.wrong
    return injected


def _same_key(one: str, other: str) -> bool:
    """A play keeps its record key when its account moves."""
    return one.rsplit("/", 1)[1] == other.rsplit("/", 1)[1]


async def _finished(crowd: Crowd, listener: Listener) -> None:
    async with asyncio.timeout(240):
        while True:
            view = await crowd.ask("app.tonearm.move.getMove", listener.token)
            if view["move"]["state"] == "done":
                break
            await asyncio.sleep(0.1)
    await crowd.drained(120)


async def _check(crowd: Crowd, outside: Outside, plays: int) -> None:
    """The outside repository has each play once: the history, another client's, and what came during the move."""
    records: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        params = {"repo": outside.did, "collection": SCROBBLE, "limit": "100", **cursor}
        url = f"{outside.pds_url}/xrpc/com.atproto.repo.listRecords"
        async with crowd.http.get(url, params=params) as answer:
            page = await answer.json()
        records += page["records"]
        if not page.get("cursor") or not page["records"]:
            break
        cursor = {"cursor": page["cursor"]}
    timed = {play.name[1:] for play in crowd.plays if play.name[2]}
    imported = {_name(_foreign_record(number)) for number in range(plays)}
    foreign = {_name(_foreign_record(plays + 1000 + number)) for number in range(0, FOREIGN, 2)}
    names = Counter(
        name if (name := _name(record["value"])) in timed | imported | foreign else (name[0], 0) for record in records
    )
    assert set(names.values()) == {1}, names.most_common(3)
    acknowledged = {play.name[1:] for play in crowd.plays if play.uri}
    assert imported | foreign | acknowledged <= set(names), "a play is lost"
    assert set(names) <= imported | foreign | {play.name[1:] for play in crowd.plays}, "nobody reported this"
    keys = {record["uri"].rsplit("/", 1)[1] for record in records}
    assert {play.uri.rsplit("/", 1)[1] for play in crowd.plays if play.uri} <= keys


def _name(record: dict[str, Any]) -> tuple[str, int]:
    second = int(time.mktime(time.strptime(record["createdAt"], "%Y-%m-%dT%H:%M:%S.000Z")) - time.timezone)
    return record["title"], second


async def _check_index(server: KilledServer, did: str) -> None:
    """The index is what a reindex makes of the outside repository, and its counts are right."""
    async with open_core(Settings(**server.settings)) as core:
        account = await core.accounts.named("listener0")
        assert account.did == did
        before = await core.index.read(_rows())
        counted = sum(row[2] for row in before["actor_song"])
        assert counted == len(before["play"])
        await core.index.write(wipe())
        outcomes = await Reindex(core.index, Indexing(), core.pds, core.remote).run(
            [account], progress=lambda _what, _done: None
        )
        assert outcomes[0].failure is None
        after = await core.index.read(_rows())
        for table in ("play", "actor_song", "actor_artist", "actor_album"):
            assert _alive(table, after[table]) == _alive(table, before[table]), table


def _alive(table: str, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """What an actor had and does not have any more stays until the index is rebuilt."""
    return rows if table == "play" else [row for row in rows if row[2]]


def _rows() -> Work[dict[str, list[tuple[Any, ...]]]]:
    found = {}
    for table in WIPED:
        columns = "actor_id, tid, song_id, mbid, isrc" if table == "play" else "*"
        found[table] = sorted((yield select(f"SELECT {columns} FROM {table}")), key=repr)
    return found
