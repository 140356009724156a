"""When the outbox waits: rate limits, back-off, hosts that are down, sessions that have ended, writes that are stuck."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.support.faulty_pds import HOST, OneHost, Outcome
from tonearm.atproto.tid import tid_text
from tonearm.services import outbox as outbox_service
from tonearm.services.outbox import (
    BACK_OFF_MOST_S,
    BREAKER_FAILURES,
    BREAKER_OPEN_S,
    STUCK_UNCLEAR,
    OutboxWriter,
)

if TYPE_CHECKING:
    from tests.unit.services.conftest import Publishing
    from tonearm.services.repositories import Repository

TITLES = [f"Song {number}" for number in range(40)]


async def due_in(publishing: Publishing) -> float:
    ((due_at,),) = await publishing.rows("SELECT due_at FROM outbox_actor WHERE actor_id = 1")
    return due_at / 1e6 - publishing.clock.at


async def test_a_rate_limit_is_honoured_to_the_second(publishing: Publishing):
    await publishing.play("Cloudbusting")
    publishing.pds.script.extend([Outcome.RATE_LIMITED])
    assert await publishing.drain() == 1
    assert await due_in(publishing) == pytest.approx(300)
    publishing.clock.at += 299.9
    assert await publishing.drain() == 0
    publishing.clock.at += 0.2
    assert await publishing.drain() == 1
    assert len(publishing.scrobbles()) == 1


async def test_one_listeners_rate_limit_holds_nobody_else_up(publishing: Publishing):
    await publishing.play("Cloudbusting")
    await publishing.play("Cloudbusting", listener=1)
    publishing.pds.script.extend([Outcome.RATE_LIMITED])
    await publishing.drain()
    assert (publishing.scrobbles(0), len(publishing.scrobbles(1))) == ([], 1)


@pytest.mark.parametrize(("jitter", "share"), [(0.0, 0.5), (0.999999, 1.0)])
async def test_the_back_off_doubles_up_to_a_quarter_of_an_hour_with_half_of_it_by_chance(
    publishing: Publishing, jitter: float, share: float
):
    await publishing.play("Cloudbusting")
    writer = OutboxWriter(publishing.process.database, publishing.process.routes, publishing.clock, lambda: jitter)
    for failures in range(13):
        publishing.pds.script.extend([Outcome.LOST_BEFORE] if failures < STUCK_UNCLEAR else [Outcome.UNAVAILABLE])
        publishing.clock.at += 10 * BACK_OFF_MOST_S
        await writer.serve(1)
        assert await due_in(publishing) == pytest.approx(share * min(2**failures, BACK_OFF_MOST_S), rel=0.01)


async def test_success_ends_the_back_off(publishing: Publishing):
    await publishing.play("Cloudbusting")
    publishing.pds.script.extend([Outcome.UNAVAILABLE] * 4)
    for _ in range(5):
        publishing.clock.at += 1000
        await publishing.drain()
    assert await publishing.rows("SELECT failures, reason FROM outbox_actor") == [(0, None)]
    await publishing.play("The Big Sky")
    publishing.pds.script.extend([Outcome.UNAVAILABLE])
    await publishing.drain()
    assert await due_in(publishing) <= 1


@pytest.mark.parametrize("outcome", [Outcome.LOST_AFTER, Outcome.LATE])
async def test_what_is_found_by_asking_ends_the_back_off_too(publishing: Publishing, outcome: Outcome):
    await publishing.play("Cloudbusting")
    publishing.pds.script.extend([Outcome.UNAVAILABLE, outcome])
    for _ in range(3):
        await publishing.drain()
        publishing.clock.at += 1000
    assert await publishing.waiting() == []
    assert await publishing.rows("SELECT failures, reason FROM outbox_actor") == [(0, None)]


async def test_a_host_that_does_not_answer_is_left_alone_for_a_while(publishing: Publishing):
    for listener in range(6):
        await publishing.play("Cloudbusting", listener=listener)
    publishing.pds.script.extend([Outcome.UNAVAILABLE] * BREAKER_FAILURES)
    assert await publishing.drain() == BREAKER_FAILURES, "the sixth listener's call is not made any more"
    publishing.clock.at += BREAKER_OPEN_S + 1
    assert await publishing.drain() == 6
    assert [len(publishing.scrobbles(listener)) for listener in range(6)] == [1] * 6


async def test_the_pause_does_not_prolong_itself_while_listeners_ask(publishing: Publishing):
    for listener in range(6):
        await publishing.play("Cloudbusting", listener=listener)
    publishing.pds.script.extend([Outcome.UNAVAILABLE] * BREAKER_FAILURES)
    await publishing.drain()
    for _ in range(int(BREAKER_OPEN_S) - 1):
        publishing.clock.at += 1
        assert await publishing.drain() == 0
    publishing.clock.at += BREAKER_OPEN_S / 2
    for listener in publishing.listeners:
        await publishing.process.outbox.resume(listener.actor_id)
    assert await publishing.drain() == 6


async def test_after_the_pause_one_more_failure_begins_another(publishing: Publishing):
    for listener in range(6):
        await publishing.play("Cloudbusting", listener=listener)
    publishing.pds.script.extend([Outcome.UNAVAILABLE] * (BREAKER_FAILURES + 1))
    await publishing.drain()
    publishing.clock.at += BREAKER_OPEN_S + 1
    assert await publishing.drain() == 1


class _TwoHosts:
    def __init__(self, routes: OneHost) -> None:
        self.routes = routes

    async def route(self, actor_id: int, did: str) -> Repository:
        return await OneHost(self.routes.writer, HOST if actor_id < 6 else "other.test").route(actor_id, did)


async def test_a_host_that_is_down_does_not_concern_another(publishing: Publishing):
    for listener in range(6):
        await publishing.play("Cloudbusting", listener=listener)
    publishing.process.outbox.routes = _TwoHosts(publishing.process.routes)
    publishing.pds.script.extend([Outcome.UNAVAILABLE] * BREAKER_FAILURES)
    await publishing.drain()
    assert [len(publishing.scrobbles(listener)) for listener in range(6)] == [0, 0, 0, 0, 0, 1]


async def test_writes_wait_for_the_next_login_and_then_go(publishing: Publishing):
    await publishing.play("Cloudbusting")
    publishing.pds.script.extend([Outcome.SESSION_LOST])
    await publishing.drain()
    for _ in range(3):
        publishing.clock.at += 100_000
        assert await publishing.drain() == 0, "time alone brings no session back"
    (entry, *_), _ = await publishing.process.queue.entries(
        publishing.listeners[0], state="waitingForLogin", limit=10, cursor=None
    )
    assert entry.reason == "PdsSessionLost"
    await publishing.play("The Big Sky")
    publishing.pds.logged_out.clear()
    assert await publishing.drain() == 0, "nobody has said so yet"
    await publishing.process.outbox.resume(1)
    assert await publishing.drain() == 1
    assert len(publishing.scrobbles()) == 2


async def test_a_login_while_a_session_is_found_lost_is_not_waited_for(publishing: Publishing):
    """The batch had the old session; a login through another process comes before its failure is noted."""
    await publishing.play("Cloudbusting")
    publishing.pds.script.extend([Outcome.SESSION_LOST])

    async def somebody_logs_in() -> None:
        publishing.clock.at += 1
        await publishing.process.other_outbox.resume(1)

    publishing.pds.during = somebody_logs_in
    await publishing.drain()
    publishing.pds.logged_out.clear()
    publishing.clock.at += 10
    assert await publishing.drain() == 1
    assert len(publishing.scrobbles()) == 1


async def test_a_write_that_is_stuck_is_put_off_and_the_others_go(publishing: Publishing):
    receipts = await publishing.play(*TITLES)
    stuck = tid_text(receipts[20].tid)
    original = publishing.pds._answer

    def answer(did: str, writes: list, outcome: Outcome):
        lost = any(write.rkey == stuck for write in writes)
        return original(did, writes, Outcome.LOST_BEFORE if lost else outcome)

    publishing.pds._answer = answer
    for _ in range(60):
        publishing.clock.at += 20
        await publishing.drain()
    assert await publishing.waiting() == [f"scrobble {stuck}"]
    assert len(publishing.scrobbles()) == len(TITLES) - 1
    publishing.pds._answer = original
    publishing.clock.at += 2 * BACK_OFF_MOST_S
    await publishing.drain()
    assert len(publishing.scrobbles()) == len(TITLES)


async def test_a_host_that_answers_everything_with_500_is_not_asked_again_and_again(publishing: Publishing):
    for number in range(5):
        await publishing.play(*(f"Song {number} {n}" for n in range(40)))
    calls = 0
    for _ in range(36):
        publishing.pds.script.extend([Outcome.LOST_BEFORE] * 1000)
        publishing.clock.at += 100
        calls += await publishing.drain()
    assert calls < 120, "in an hour"
    publishing.pds.heal()
    publishing.clock.at += 2 * BACK_OFF_MOST_S
    await publishing.drain()
    assert await publishing.waiting() == []
    assert len(publishing.scrobbles()) == 200


async def test_the_loop_sends_what_it_is_woken_for_and_looks_by_itself_now_and_then(
    publishing: Publishing, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(outbox_service, "SWEEP_S", 0.05)
    running = asyncio.create_task(publishing.process.outbox.run())
    await publishing.play("Cloudbusting")
    await _until(publishing, 1)
    publishing.process.scrobbles._wake = lambda _actor_id: None
    await publishing.play("The Big Sky")
    await _until(publishing, 2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_an_error_of_our_own_ends_neither_the_loop_nor_the_writes(
    publishing: Publishing, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(outbox_service, "SWEEP_S", 0.05)
    await publishing.play("Cloudbusting")
    publishing.process.database.failing = 2
    running = asyncio.create_task(publishing.process.outbox.run())
    await _until(publishing, 1)
    assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def _until(publishing: Publishing, scrobbles: int) -> None:
    async with asyncio.timeout(10):
        while len(publishing.scrobbles()) < scrobbles:  # noqa: ASYNC110 - it is the fake PDS that changes
            await asyncio.sleep(0.01)
