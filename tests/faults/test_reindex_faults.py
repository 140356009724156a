"""Reindexing when a record or a repository cannot be read, when the database fails half-way, and in little memory."""

from __future__ import annotations

import sqlite3
import tracemalloc
from contextlib import closing
from typing import TYPE_CHECKING, Any

import cbor2
import pytest

from tests.support.archives import Archives, archive_of, path_of
from tests.support.faulty_pds import Clock, Process, ScriptedPds, new_index
from tonearm.atproto import dag_cbor
from tonearm.index.queries.actors import AccountRow
from tonearm.pds.errors import PdsUnavailableError
from tonearm.services.identity_hash import next_clock_id, play_tid
from tonearm.services.preparing import Listener
from tonearm.services.records import scrobble_record
from tonearm.services.reindex import Outcome, Reindex
from tonearm.services.submission import Submission

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

AT = 1_600_000_000


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Process]:
    new_index(tmp_path / "index.db")
    clock = Clock()
    process = Process(tmp_path / "index.db", clock, ScriptedPds(clock))
    yield process
    await process.stop()


def did_of(actor_id: int) -> str:
    """As `new_index` makes them."""
    return f"did:plc:{'abcdefgh'[actor_id] * 24}"


async def rebuild_all(process: Process, repositories: dict[int, dict[int, bytes] | Exception]) -> list[Outcome]:
    """Reindex from repositories that hold these scrobbles, by actor and TID, or cannot be read."""
    archives = Archives()
    for actor_id, found in repositories.items():
        whole = found if isinstance(found, Exception) else archive_of({path_of(t): b for t, b in found.items()})
        archives.by_did[did_of(actor_id)] = whole
    work = Reindex(process.database, process.indexing, archives, archives)
    accounts = [AccountRow(actor_id, did_of(actor_id), "", "", "none", None, None) for actor_id in repositories]
    return await work.run(accounts, progress=lambda _what, _done: None)


async def rebuild(process: Process, actor_id: int, blocks: dict[int, bytes]) -> Outcome:
    (outcome,) = await rebuild_all(process, {actor_id: blocks})
    return outcome


@pytest.fixture
def publishing_to(process: Process) -> Listener:
    """The first listener of the index. Nothing is sent to their repository: the outbox does not run."""
    with closing(sqlite3.connect(process.path)) as connection:
        ((did,),) = connection.execute("SELECT did FROM actor WHERE actor_id = 1").fetchall()
    return Listener(1, did)


def wipe(process: Process) -> None:
    """Lose the plays and the catalogue, and what the process remembers of them."""
    with closing(sqlite3.connect(process.path)) as connection:
        for table in ("play", "song", "artist", "album", "actor_song", "actor_artist", "actor_album"):
            connection.execute(f"DELETE FROM {table}")
        connection.commit()
    process.indexing.forget()


def record(title: str) -> dict[str, Any]:
    return scrobble_record(Submission.of(now_s=AT, title=title, artist="Kate Bush"), AT)


def history(process: Process) -> list[Any]:
    with closing(sqlite3.connect(process.path)) as connection:
        return connection.execute(
            "SELECT p.actor_id, s.title, s.duration_ms, b.title, a.name FROM play p JOIN song s USING (song_id) "
            "JOIN album b ON b.album_id = s.album_id JOIN artist a ON a.artist_id = s.artist_id ORDER BY p.actor_id, s.title"
        ).fetchall()


async def test_records_that_are_no_scrobbles_are_counted_and_the_others_are_read(process: Process):
    blocks = {
        1 << 20: dag_cbor.encode(record("Cloudbusting")),
        2 << 20: dag_cbor.encode({"title": "no artist"}),
        3 << 20: dag_cbor.encode(["no", "map"]),
        4 << 20: cbor2.dumps({"title": "a float", "artist": "x", "volume": 0.5}),
        5 << 20: dag_cbor.encode(record("The Big Sky")),
    }
    outcome = await rebuild(process, 1, blocks)
    assert (outcome.records, outcome.added, outcome.unreadable, outcome.removed) == (5, 2, 3, 0)
    assert [row[1] for row in history(process)] == ["Cloudbusting", "The Big Sky"]


async def test_after_a_failure_the_next_account_is_indexed_in_full(process: Process):
    process.database.failing = 1
    with pytest.raises(sqlite3.OperationalError):
        await rebuild(process, 1, {1 << 20: dag_cbor.encode(record("Cloudbusting"))})
    assert history(process) == []
    await rebuild(process, 2, {2 << 20: dag_cbor.encode(record("Cloudbusting"))})
    assert history(process) == [(2, "Cloudbusting", None, "Cloudbusting", "Kate Bush")]


async def test_a_second_run_changes_nothing_and_an_empty_repository_empties_history(process: Process):
    with closing(sqlite3.connect(process.path)) as connection:
        ((did,),) = connection.execute("SELECT did FROM actor WHERE actor_id = 2").fetchall()
    blocks = {}
    for number in range(30):
        play = Submission.of(
            now_s=AT,
            title=f"Song {number % 4}",
            artist="Kate Bush",
            duration_ms=1000 * (number % 4),
            played_at_s=AT + 60 * number,
        )
        made = scrobble_record(play, AT + 60 * number)
        blocks[play_tid(did, f"song {number % 4} - kate bush - song {number % 4}", AT + 60 * number)] = dag_cbor.encode(
            made
        )
    await rebuild(process, 2, blocks)
    first = history(process)
    assert len(first) == 30
    outcome = await rebuild(process, 2, blocks)
    assert (outcome.added, outcome.removed, history(process)) == (0, 0, first)
    outcome = await rebuild(process, 2, {})
    assert (outcome.removed, history(process)) == (30, [])


async def test_a_repository_that_cannot_be_read_stops_no_other_and_loses_nothing(process: Process):
    there = {1 << 20: dag_cbor.encode(record("Cloudbusting")), 2 << 20: dag_cbor.encode(record("The Big Sky"))}
    await rebuild_all(process, {1: there, 2: {}})
    failing, read = await rebuild_all(process, {1: PdsUnavailableError("connection refused"), 2: there})
    assert (failing.failure, failing.removed) == ("connection refused", 0)
    assert (read.failure, read.added) == (None, 2)
    assert [row[:2] for row in history(process)] == [
        (actor_id, title) for actor_id in (1, 2) for title in ("Cloudbusting", "The Big Sky")
    ]
    assert "connection refused" in str(failing)


async def test_what_waits_for_a_repository_that_cannot_be_read_is_put_in(process: Process, publishing_to: Listener):
    play = Submission.of(now_s=AT, title="Cloudbusting", artist="Kate Bush", played_at_s=AT)
    await process.scrobbles.submit(publishing_to, [play], "test")
    wipe(process)
    (outcome,) = await rebuild_all(process, {publishing_to.actor_id: PdsUnavailableError("down")})
    assert (outcome.failure, outcome.added, outcome.removed) == ("down", 1, 0)
    assert [row[1] for row in history(process)] == ["Cloudbusting"]
    assert "1 added that wait for it" in str(outcome)


async def test_without_a_journal_the_earlier_play_makes_the_row(process: Process):
    early, late = AT + 60, AT + 3600
    await rebuild_all(
        process,
        {
            1: {play_tid("1", "", late): dag_cbor.encode(record("CLOUDBUSTING"))},
            2: {play_tid("2", "", early): dag_cbor.encode(record("cloudbusting"))},
        },
    )
    assert [row[:2] for row in history(process)] == [(1, "cloudbusting"), (2, "cloudbusting")]


async def test_a_record_with_an_early_date_comes_after_a_play_that_was_seen_to_arrive(
    process: Process, publishing_to: Listener
):
    play = Submission.of(now_s=AT, title="Cloudbusting", artist="Kate Bush", played_at_s=AT)
    (receipt,) = await process.scrobbles.submit(publishing_to, [play], "test")
    wipe(process)
    backdated = {play_tid("2", "", AT - 10**8): dag_cbor.encode(record("CLOUDBUSTING"))}
    await rebuild_all(
        process, {2: backdated, publishing_to.actor_id: {receipt.tid: dag_cbor.encode(record("Cloudbusting"))}}
    )
    assert [row[:2] for row in history(process)] == [(1, "Cloudbusting"), (2, "Cloudbusting")]


async def test_a_play_whose_key_was_taken_is_known_to_the_journal_by_its_moment(
    process: Process, publishing_to: Listener
):
    play = Submission.of(now_s=AT, title="Cloudbusting", artist="Kate Bush", played_at_s=AT)
    (receipt,) = await process.scrobbles.submit(publishing_to, [play], "test")
    wipe(process)
    with closing(sqlite3.connect(process.path)) as connection:
        connection.execute("DELETE FROM outbox")
        connection.commit()
    moved = next_clock_id(next_clock_id(receipt.tid))
    earlier = {play_tid("2", "", AT - 60): dag_cbor.encode(record("CLOUDBUSTING"))}
    await rebuild_all(process, {2: earlier, publishing_to.actor_id: {moved: dag_cbor.encode(record("Cloudbusting"))}})
    assert [row[:2] for row in history(process)] == [(1, "Cloudbusting"), (2, "Cloudbusting")]


async def test_a_row_that_is_there_keeps_its_maker(process: Process):
    mine, theirs = ({1 << 50: dag_cbor.encode(record(title))} for title in ("Cloudbusting", "CLOUDBUSTING"))
    await rebuild(process, 2, theirs)
    await rebuild_all(process, {1: mine, 2: theirs})
    assert [row[:2] for row in history(process)] == [(1, "CLOUDBUSTING"), (2, "CLOUDBUSTING")]


async def test_a_repository_larger_than_memory_is_read_in_pieces(process: Process):
    """Of twenty megabytes less than a third is held at once: pieces of the archive, and a few plays."""
    lyrics = "la " * 6600
    blocks = {n << 30: dag_cbor.encode({**record(f"Song {n % 7}"), "lyrics": lyrics, "n": n}) for n in range(1, 1001)}
    archives = Archives()
    archives.by_did[did_of(1)] = archive_of({path_of(tid): block for tid, block in blocks.items()})
    assert len(archives.by_did[did_of(1)]) > 20_000_000
    work = Reindex(process.database, process.indexing, archives, archives)
    tracemalloc.start()
    (outcome,) = await work.run(
        [AccountRow(1, did_of(1), "", "", "none", None, None)], progress=lambda _what, _done: None
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (outcome.records, outcome.added) == (1000, 1000)
    assert peak < 7_000_000
