"""Submitting: one transaction for what arrives together, an answer after its commit, and faults narrowed down."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.faulty_pds import Process
from tonearm.atproto.tid import tid_text
from tonearm.services import dedup, scrobbles
from tonearm.services.identity_hash import next_clock_id, second_of
from tonearm.services.submission import Submission

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.services.conftest import Publishing
    from tonearm.services.scrobbles import Receipt

BROKEN_KEY = "\ud800"
"""A lone surrogate, which no database takes: the plays that come with it cannot be stored."""


def commits_of(publishing: Publishing) -> list[Any]:
    """Count the works that the database is given, from now on."""
    database, works = publishing.process.database, []
    write = database.write

    async def counted(work: Any) -> Any:
        works.append(work)
        return await write(work)

    database.write = counted
    return works


async def submitted(publishing: Publishing, *calls: list[dict[str, Any]], listener: int = 0) -> list[Any]:
    """Calls of one listener, all at once; answers receipts or the exception of each."""
    return await asyncio.gather(
        *(
            publishing.process.scrobbles.submit(
                publishing.listeners[listener],
                [Submission.of(now_s=publishing.clock.at, **{"artist": "Kate Bush", **values}) for values in call],
                "test",
            )
            for call in calls
        ),
        return_exceptions=True,
    )


async def test_calls_that_arrive_together_are_one_transaction(publishing: Publishing):
    works = commits_of(publishing)
    answers = await submitted(publishing, *([{"title": f"Song {n}", "played_at_s": 1_600_000_000}] for n in range(50)))
    assert len(works) == 1
    assert len({answer[0].tid for answer in answers}) == 50
    assert await publishing.rows("SELECT count(*) FROM journal") == [(50,)]


async def test_calls_that_arrive_while_one_commits_are_the_next_transaction(publishing: Publishing):
    works, begun = commits_of(publishing), threading.Event()
    go_on = threading.Event()
    counted = publishing.process.database.write

    def held_up(work: Any) -> Any:
        statement = next(work)  # in the writer's thread: it has taken what waited
        begun.set()
        assert go_on.wait(5)
        try:
            while True:
                statement = work.send((yield statement))
        except StopIteration as stop:
            return stop.value

    publishing.process.database.write = lambda work: counted(held_up(work))
    first = asyncio.create_task(publishing.play("Cloudbusting"))
    assert await asyncio.to_thread(begun.wait, 5)
    others = [asyncio.create_task(publishing.play(f"Song {n}")) for n in range(20)]
    await asyncio.sleep(0.01)
    go_on.set()
    await asyncio.gather(first, *others)
    assert len(works) == 2


async def test_calls_that_arrive_before_the_writer_begins_join_what_waits(publishing: Publishing):
    works, let_go = commits_of(publishing), threading.Event()

    def blocking() -> Any:
        assert let_go.wait(5)
        return
        yield

    blocked = asyncio.create_task(publishing.process.database.inner.write(blocking()))
    calls = [asyncio.create_task(publishing.play("Cloudbusting"))]
    await asyncio.sleep(0.01)
    calls += [asyncio.create_task(publishing.play(f"Song {n}")) for n in range(20)]
    await asyncio.sleep(0.01)
    let_go.set()
    await asyncio.gather(blocked, *calls)
    assert len(works) == 1


async def test_a_call_that_arrives_in_the_moment_a_group_ends_is_not_forgotten(publishing: Publishing):
    database, ended = publishing.process.database, asyncio.Event()
    write = database.write

    async def told(work: Any) -> Any:
        answer = await write(work)
        ended.set()  # whoever waits for it runs before anything that the end of the group brings about
        return answer

    async def after_it() -> list[Receipt]:
        await ended.wait()
        return await publishing.play("The Big Sky")

    database.write = told
    async with asyncio.timeout(5):
        _, (receipt,) = await asyncio.gather(publishing.play("Cloudbusting"), after_it())
    assert receipt.outcome == "stored"


async def test_a_large_import_is_a_transaction_of_its_own(publishing: Publishing, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scrobbles, "PLAYS_IN_A_GROUP", 10)
    works = commits_of(publishing)
    calls = [
        [{"title": f"Song {c} {n}", "played_at_s": 1_600_000_000} for n in range(size)]
        for c, size in enumerate((1, 30, 4, 5))
    ]
    answers = await submitted(publishing, *calls)
    assert len(works) == 3
    assert [len(answer) for answer in answers] == [1, 30, 4, 5]


async def test_nobody_is_answered_before_the_commit(publishing: Publishing):
    database = publishing.process.database
    write, committed, go_on = database.write, asyncio.Event(), asyncio.Event()

    async def slow(work: Any) -> Any:
        answer = await write(work)
        committed.set()
        await go_on.wait()
        return answer

    database.write = slow
    call = asyncio.create_task(publishing.play("Cloudbusting"))
    await committed.wait()
    await asyncio.sleep(0.01)
    assert not call.done()
    go_on.set()
    assert (await call)[0].outcome == "stored"


async def test_receipts_come_in_the_order_of_the_submissions_whoever_sent_them(publishing: Publishing):
    calls = [publishing.play(*(f"Song {call} {n}" for n in range(3)), listener=call % 3) for call in range(6)]
    for call, receipts in enumerate(await asyncio.gather(*calls)):
        assert [receipt.facts.title for receipt in receipts] == [f"Song {call} {n}" for n in range(3)]


async def test_of_reports_of_one_play_in_one_group_the_first_is_stored(publishing: Publishing):
    play = {"title": "Cloudbusting", "played_at_s": 1_600_000_000}
    answers = await submitted(publishing, [play, play], [play])
    receipts: list[Receipt] = [receipt for answer in answers for receipt in answer]
    assert [receipt.outcome for receipt in receipts] == ["stored", "duplicate", "duplicate"]
    assert len({receipt.tid for receipt in receipts}) == 1
    assert await publishing.rows("SELECT outcome, reason FROM journal ORDER BY journal_id") == [
        ("stored", dedup.NEW),
        ("duplicate", dedup.SAME_SECOND_SONG),
        ("duplicate", dedup.SAME_SECOND_SONG),
    ]
    assert len(await publishing.waiting()) == 4


async def test_one_listeners_play_is_not_anothers(publishing: Publishing):
    (mine,), (theirs,) = await asyncio.gather(
        publishing.play("Cloudbusting"), publishing.play("Cloudbusting", listener=1)
    )
    assert (mine.outcome, theirs.outcome) == ("stored", "stored")
    assert mine.tid != theirs.tid


async def test_songs_whose_keys_meet_take_the_next_clock_id(publishing: Publishing, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "tonearm.services.preparing.play_tid", lambda _did, _identity, second: second * 10**6 << 10 | 1022
    )
    together = await publishing.play("Song 0", "Song 1", "Song 2")
    (later,) = await publishing.play("Song 3")
    tids = [receipt.tid for receipt in (*together, later)]
    assert [tid & 1023 for tid in tids] == [1022, 1023, 0, 1], "the clock id goes round"
    assert {tid >> 10 for tid in tids} == {int(publishing.clock.at) * 10**6}
    assert tids[1] == next_clock_id(tids[0])
    (again,) = await publishing.play("Song 2")
    assert (again.outcome, again.tid) == ("duplicate", tids[2])
    await publishing.serve()
    assert publishing.scrobbles() == sorted(tid_text(tid) for tid in tids)


async def test_a_call_that_cannot_be_stored_fails_alone(publishing: Publishing):
    good = {"title": "Cloudbusting", "played_at_s": 1_600_000_000}
    broken = {"title": "The Big Sky", "played_at_s": 1_600_000_000, "idempotency_key": BROKEN_KEY}
    answers = await submitted(
        publishing, [good], [broken, {"title": "Waking the Witch"}], [{**good, "title": "Hello Earth"}]
    )
    assert isinstance(answers[1], UnicodeEncodeError)
    assert [answers[n][0].outcome for n in (0, 2)] == ["stored", "stored"]
    titles = await publishing.rows("SELECT s.title FROM play p JOIN song s ON s.song_id = p.song_id ORDER BY s.title")
    assert titles == [("Cloudbusting",), ("Hello Earth",)], "and nothing of the broken call"
    assert await publishing.rows("SELECT count(*) FROM journal") == [(2,)]


async def test_a_failed_commit_is_an_error_to_its_caller_and_leaves_nothing(publishing: Publishing):
    publishing.process.database.failing = 1
    with pytest.raises(sqlite3.OperationalError):
        await publishing.play("Cloudbusting")
    for table in ("journal", "play", "song", "actor_song", "outbox", "repo_write", "idempotency"):
        assert await publishing.rows(f"SELECT count(*) FROM {table}") == [(0,)]
    (receipt,) = await publishing.play("Cloudbusting")
    assert receipt.outcome == "stored"
    assert len(await publishing.waiting()) == 4, "its song, album and artist are not thought to be there already"
    rows = await publishing.rows("SELECT s.title FROM play p JOIN song s ON s.song_id = p.song_id")
    assert rows == [("Cloudbusting",)]


async def test_a_play_that_was_taken_for_one_that_failed_gets_its_own_key_back(publishing: Publishing):
    publishing.process.database.failing = 2
    first, other = await submitted(
        publishing,
        [{"title": "Cloudbusting", "played_at_s": 1_600_000_000, "idempotency_key": "k"}],
        [{"title": "The Big Sky", "played_at_s": 1_600_000_500, "idempotency_key": "k"}],
    )
    assert isinstance(first, sqlite3.OperationalError)
    assert other[0].outcome == "stored"
    assert second_of(other[0].tid) == 1_600_000_500
    (again,) = (await submitted(publishing, [{"title": "The Big Sky", "played_at_s": 1_600_000_500}]))[0]
    assert (again.outcome, again.tid) == ("duplicate", other[0].tid)


async def test_a_caller_who_goes_away_takes_nothing_back(publishing: Publishing):
    staying = asyncio.create_task(publishing.play("Cloudbusting"))
    leaving = asyncio.create_task(publishing.play("The Big Sky"))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying)[0].outcome == "stored"
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert await publishing.rows("SELECT count(*) FROM journal") == [(2,)]
    assert (await publishing.play("Waking the Witch"))[0].outcome == "stored"


async def test_no_plays_are_no_transaction(publishing: Publishing):
    works = commits_of(publishing)
    assert await submitted(publishing, []) == [[]]
    assert works == []


async def test_without_a_time_the_receipt_names_the_second_of_the_call(publishing: Publishing):
    publishing.clock.at = 1_600_000_000.999
    ((receipt,),) = await submitted(publishing, [{"title": "Cloudbusting"}])
    assert second_of(receipt.tid) == 1_600_000_000
    publishing.clock.at += 29
    ((again,),) = await submitted(publishing, [{"title": "Cloudbusting"}])
    assert (again.outcome, again.reason, again.tid) == ("duplicate", dedup.NEAR_WITHOUT_TIME, receipt.tid)
    publishing.clock.at += 2
    ((repeat,),) = await submitted(publishing, [{"title": "Cloudbusting"}])
    assert repeat.outcome == "stored"


async def test_an_idempotency_key_is_worth_more_than_what_it_comes_with(publishing: Publishing):
    (first,) = await publishing.play("Cloudbusting", key="k")
    (again,) = await publishing.play("The Big Sky", key="k", ago_s=5000)
    assert (again.outcome, again.reason, again.tid) == ("duplicate", dedup.IDEMPOTENCY_KEY, first.tid)
    (other,) = await publishing.play("The Big Sky", key="k", ago_s=5000, listener=1)
    assert other.outcome == "stored", "another account's key is another key"


async def test_two_calls_with_one_new_key_in_one_group_are_one_play(publishing: Publishing):
    (first,), (again,) = await asyncio.gather(
        publishing.play("Cloudbusting", key="k"), publishing.play("The Big Sky", key="k", ago_s=500)
    )
    assert (first.outcome, again.outcome) == ("stored", "duplicate")
    assert first.tid == again.tid


async def test_ids_go_on_where_another_life_of_the_process_ended(publishing: Publishing, tmp_path: Path):
    await publishing.play("Cloudbusting")
    publishing.process = Process(await publishing.process.crash(tmp_path), publishing.clock, publishing.pds)
    await publishing.play("The Big Sky")
    assert await publishing.rows("SELECT journal_id FROM journal ORDER BY 1") == [(1,), (2,)]
    assert await publishing.rows("SELECT write_id FROM repo_write ORDER BY 1") == [(n,) for n in range(1, 7)]
