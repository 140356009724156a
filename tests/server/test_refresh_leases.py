"""One holder at a time refreshes a session, in whichever process, and a holder that is gone holds nobody up for ever."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tonearm.index.engine import Work, execute
from tonearm.index.queries import oauth
from tonearm.pds.errors import PdsUnavailableError
from tonearm.services.signing_in.refresh_leases import RefreshLeases

if TYPE_CHECKING:
    from tests.support.server import Server

LIVES_S = 100
ACTOR = 77


class Clock:
    def __init__(self) -> None:
        self.at = 1_790_000_000.0

    def __call__(self) -> float:
        return self.at


def process(server: Server, clock: Clock) -> RefreshLeases:
    """The leases as a process of its own has them."""
    return RefreshLeases(server.core.index, clock, LIVES_S, oauth.take_lease, oauth.end_lease, oauth.has_session)


def a_session() -> Work[None]:
    yield execute(
        "INSERT INTO oauth_session (actor_id, session_id, sealed, created_at, updated_at) VALUES ($1, 's', $2, 0, 0)",
        ACTOR,
        b"",
    )


@pytest.fixture
async def clock(server: Server) -> Clock:
    await server.core.index.write(a_session())
    return Clock()


async def test_holders_take_turns(server: Server, clock: Clock):
    log: list[str] = []

    async def refresh(leases: RefreshLeases, name: str) -> None:
        async with leases.held(ACTOR):
            log.append(f"{name} begins")
            await asyncio.sleep(0.02)
            log.append(f"{name} ends")

    one, two = process(server, clock), process(server, clock)
    await asyncio.gather(refresh(one, "a"), refresh(one, "b"), refresh(two, "c"), refresh(two, "d"))
    for begins, ends in zip(log[::2], log[1::2], strict=True):
        assert (begins[2:], ends[2:]) == ("begins", "ends")
        assert begins[0] == ends[0]


async def test_the_lease_of_a_process_that_is_gone_runs_out(server: Server, clock: Clock):
    gone, other = process(server, clock), process(server, clock)
    assert await gone._take(ACTOR)
    waiting = asyncio.create_task(wait_for(other))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    clock.at += LIVES_S + 1
    await asyncio.wait_for(waiting, 5)


async def test_a_server_that_has_its_database_to_itself_ends_the_leases_of_its_last_run(server: Server, clock: Clock):
    assert await process(server, clock)._take(ACTOR)
    await server.core.index.write(oauth.clear_leases())
    await asyncio.wait_for(wait_for(process(server, clock)), 5)


async def test_a_holder_that_never_lets_go_is_told_of(server: Server, clock: Clock):
    holder, other = process(server, clock), process(server, clock)
    assert await holder._take(ACTOR)
    waiting = asyncio.create_task(wait_for(other))
    for _ in range(5):
        await asyncio.sleep(0.06)
        clock.at += LIVES_S / 2
        assert await holder._take(ACTOR)  # and again
    with pytest.raises(PdsUnavailableError, match="does not let go"):
        await asyncio.wait_for(waiting, 5)


async def test_without_a_session_nobody_waits(server: Server, clock: Clock):
    assert await process(server, clock)._take(ACTOR)
    waiting = asyncio.create_task(wait_for(process(server, clock)))
    assert await server.core.index.write(oauth.drop_session(ACTOR, "s"))
    await asyncio.wait_for(waiting, 5)


async def wait_for(leases: RefreshLeases) -> None:
    async with leases.held(ACTOR):
        pass
