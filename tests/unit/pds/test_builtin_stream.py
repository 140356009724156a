"""The event log of the built-in PDS: order, backfill, waking, pruning."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from atproto_core.cbor import decode_dag_multi

from tests.network.repo_oracles import read_frame
from tests.support.pds_sessions import write_of
from tonearm.index.engine import open_database
from tonearm.pds.builtin.host import EVENTS_KEPT_S
from tonearm.pds.builtin.stream import events as event_log
from tonearm.pds.builtin.stream.events import FutureCursorError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.builtin_pds import World
    from tonearm.pds.builtin.host import BuiltinPds


async def take(frames: AsyncIterator[tuple[int, bytes]], count: int) -> list[tuple[int, bytes]]:
    return [await asyncio.wait_for(anext(frames), 10) for _ in range(count)]


async def write(pds: BuiltinPds, did: str, rkey: str) -> None:
    await pds.apply_writes(did, [write_of(rkey, {"$type": "app.rocksky.scrobble", "title": rkey})])


async def test_backfill_and_live_events_come_in_one_unbroken_order(pds: BuiltinPds, did: str) -> None:
    for n in range(20):
        await write(pds, did, f"old{n}")
    frames = pds.events.frames(0)
    seen = await take(frames, 24)
    for n in range(5):
        await write(pds, did, f"new{n}")
    seen += await take(frames, 5)
    assert [seq for seq, _ in seen] == list(range(1, 30))
    for seq, frame in seen:
        header, body = read_frame(frame)
        assert header["op"] == 1
        assert body["seq"] == seq
        assert next(iter(decode_dag_multi(frame))) == header
    await frames.aclose()


async def test_without_a_cursor_only_what_follows_is_sent(pds: BuiltinPds, did: str) -> None:
    await write(pds, did, "old")
    frames = pds.events.frames(None)
    first = asyncio.ensure_future(anext(frames))
    await asyncio.sleep(0.05)
    assert not first.done()
    await write(pds, did, "new")
    _, frame = await asyncio.wait_for(first, 10)
    assert [op["path"] for op in read_frame(frame)[1]["ops"]] == ["app.rocksky.scrobble/new"]
    await frames.aclose()


async def test_a_cursor_above_every_event_is_refused(pds: BuiltinPds, did: str) -> None:
    _, newest = await pds.events.bounds()
    with pytest.raises(FutureCursorError):
        await anext(pds.events.frames(newest + 1))
    frames = pds.events.frames(newest)
    await write(pds, did, "x")
    assert (await take(frames, 1))[0][0] == newest + 1
    await frames.aclose()


async def test_many_consumers_wake_for_one_event(pds: BuiltinPds, did: str) -> None:
    waiting = [pds.events.frames(None) for _ in range(20)]
    tasks = [asyncio.ensure_future(anext(frames)) for frames in waiting]
    await asyncio.sleep(0.1)
    await write(pds, did, "x")
    frames = await asyncio.wait_for(asyncio.gather(*tasks), 10)
    assert len(set(frames)) == 1
    for consumer in waiting:
        await consumer.aclose()


async def test_another_process_is_seen_without_a_wake_up(
    pds: BuiltinPds, world: World, did: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "POLL_S", 0.05)
    db = await open_database(world.url, lock_key=7)
    other = world.host(db)
    frames = pds.events.frames(None)
    first = asyncio.ensure_future(anext(frames))
    await asyncio.sleep(0.1)
    await write(other, did, "x")
    await asyncio.wait_for(first, 10)
    await frames.aclose()
    await other.close()
    await db.close()


async def test_old_events_are_dropped_but_never_the_newest_number(pds: BuiltinPds, world: World, did: str) -> None:
    for n in range(3):
        await write(pds, did, f"n{n}")
    _, newest = await pds.events.bounds()
    world.clock.now += EVENTS_KEPT_S + 1
    await pds.tidy()
    assert await pds.events.bounds() == (newest, newest)
    await write(pds, did, "after")
    assert await pds.events.bounds() == (newest, newest + 1)
    frames = pds.events.frames(0)
    assert [seq for seq, _ in await take(frames, 2)] == [newest, newest + 1]
    await frames.aclose()
