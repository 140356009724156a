"""The deletion of an account is resumed wherever the process is killed with SIGKILL, and others notice nothing."""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.faults.killed_server import KilledServer
from tests.support.databases import postgres_schema
from tests.support.everything import everything, places_of, places_of_actor
from tests.support.kill_points import KillPoint
from tonearm.core import open_core
from tonearm.index.queries import erasing
from tonearm.services.preparing import Listener
from tonearm.services.submission import Submission
from tonearm.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from tonearm.core import Core

PLAYS = 1200
"""More than two chunks of what is removed at once."""
KILLS = (
    ("ask", "before", 1),
    ("ask", "after", 1),
    ("erase plays", "inside", 1),
    ("erase plays", "after", 2),
    ("erase journal", "before", 1),
    ("erase journal", "after", 2),
    ("announce", "after", 1),
    ("erase repository", "inside", 3),
    ("erase repository", "after", 2),
    ("give identity up", "before", 1),
    ("end", "before", 1),
    ("end", "after", 1),
)
DELETE = "app.tonearm.account.requestDelete"
KILL_LIMIT_S = 40


async def submit(core: Core, listener: Listener, count: int) -> None:
    now_s = core.scrobbles.now()
    plays = [
        Submission.of(
            title=f"Song {number}",
            artist="Shared",
            album="One",
            raw=b"x",
            played_at_s=1_600_000_000 + number,
            now_s=now_s,
        )
        for number in range(count)
    ]
    await core.scrobbles.submit(listener, plays, "test")


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
async def test_a_deletion_that_is_killed_twelve_times_removes_everything_and_nothing_else(
    tmp_path: Path, database: str
):
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(postgres_schema()) if database == "postgresql" else None
        server = KilledServer(tmp_path, url, random.Random(1))
        alice, bob = await server.make_listeners(2)
        async with open_core(Settings(**server.settings)) as core:
            ids = {who.did: (await core.accounts.named(who.did)).actor_id for who in (alice, bob)}
            handle = (await core.accounts.named(bob.did)).handle
            await submit(core, Listener(ids[alice.did], alice.did), 20)
            await submit(core, Listener(ids[bob.did], bob.did), PLAYS)
            await core.outbox.drain()
            before = await everything(core)
            of_alice = {
                name: [row for row in rows if row.get("actor_id") == ids[alice.did]] for name, rows in before.items()
            }
        http = await stack.enter_async_context(aiohttp.ClientSession())
        for step, phase, nth in KILLS:
            await server.spawn(KillPoint(step, phase, nth, at_once=True))
            await _asked(server, http, bob.token, bob.did)
            try:
                await asyncio.wait_for(server.process.wait(), KILL_LIMIT_S)
            except TimeoutError:
                await server.kill()
                pytest.fail(f"{step}, {phase} was not reached: {server.log.read_text()[-2000:]}")
            assert server.process.returncode == -9, (step, phase, server.log.read_text()[-2000:])

        async with open_core(Settings(**server.settings)) as core:
            row = await core.index.read(erasing.deletion_of(ids[bob.did]))
            assert row is not None and row.finished_at is not None
            assert (row.done, row.total) == (PLAYS, PLAYS), "each play is counted once, whatever was repeated"
            left = await everything(core)
            assert {table for table, column in places_of_actor(left, ids[bob.did]) if column == "actor_id"} == {
                "actor",
                "account_deletion",
            }
            assert {table for table, _ in places_of(left, bob.did)} <= {"pds_repo", "pds_event"}
            assert places_of(left, handle) == set()
            for name, rows in of_alice.items():
                kept = [row for row in left[name] if row.get("actor_id") == ids[alice.did]]
                assert _plain(kept) == _plain(rows), name
            assert len(left["song"]) == PLAYS, "the catalogue is shared and stays"


def _plain(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Without what the servers' own background work may have touched."""
    return [{name: value for name, value in row.items() if name not in {"profile_at", "last_used_at"}} for row in rows]


async def _asked(server: KilledServer, http: aiohttp.ClientSession, token: str, did: str) -> None:
    """Ask for the deletion until the process is gone, or refuses because it was asked for already."""
    while server.process and server.process.returncode is None:
        try:
            headers = {"Authorization": f"Bearer {token}"}
            body = {"did": did, "records": "delete"}
            async with http.post(f"{server.url}/xrpc/{DELETE}", json=body, headers=headers) as answer:
                assert answer.status in {200, 401}, await answer.text()
                return
        except aiohttp.ClientError:
            await asyncio.sleep(0.02)
