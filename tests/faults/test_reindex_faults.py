"""Reindexing when a record cannot be read, and when the database fails half-way."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import cbor2
import pytest

from tests.support.faulty_pds import Clock, Process, ScriptedPds, new_index
from tonearm.atproto import dag_cbor
from tonearm.index.queries.actors import AccountRow
from tonearm.services import reindex
from tonearm.services.identity_hash import play_tid
from tonearm.services.records import scrobble_record
from tonearm.services.reindex import Reindex
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


async def rebuild(process: Process, monkeypatch: pytest.MonkeyPatch, actor_id: int, blocks: dict[int, bytes]) -> Any:
    async def scrobbles(_source: object, _did: str) -> dict[int, bytes]:
        return blocks

    monkeypatch.setattr(reindex, "_scrobbles", scrobbles)
    work = Reindex(process.database, process.indexing, None, None)
    account = AccountRow(actor_id, "", "", "", "none", None, None)
    return await work.account(account, progress=lambda _done: None)


def record(title: str) -> dict[str, Any]:
    return scrobble_record(Submission.of(now_s=AT, title=title, artist="Kate Bush"), AT)


def history(process: Process) -> list[Any]:
    with closing(sqlite3.connect(process.path)) as connection:
        return connection.execute(
            "SELECT p.actor_id, s.title, s.duration_ms, b.title, a.name FROM play p JOIN song s USING (song_id) "
            "JOIN album b ON b.album_id = s.album_id JOIN artist a ON a.artist_id = s.artist_id ORDER BY p.actor_id, s.title"
        ).fetchall()


async def test_records_that_are_no_scrobbles_are_counted_and_the_others_are_read(
    process: Process, monkeypatch: pytest.MonkeyPatch
):
    blocks = {
        1 << 20: dag_cbor.encode(record("Cloudbusting")),
        2 << 20: dag_cbor.encode({"title": "no artist"}),
        3 << 20: dag_cbor.encode(["no", "map"]),
        4 << 20: cbor2.dumps({"title": "a float", "artist": "x", "volume": 0.5}),
        5 << 20: dag_cbor.encode(record("The Big Sky")),
    }
    outcome = await rebuild(process, monkeypatch, 1, blocks)
    assert (outcome.records, outcome.added, outcome.unreadable, outcome.removed) == (5, 2, 3, 0)
    assert [row[1] for row in history(process)] == ["Cloudbusting", "The Big Sky"]


async def test_after_a_failure_the_next_account_is_indexed_in_full(process: Process, monkeypatch: pytest.MonkeyPatch):
    process.database.failing = 1
    with pytest.raises(sqlite3.OperationalError):
        await rebuild(process, monkeypatch, 1, {1 << 20: dag_cbor.encode(record("Cloudbusting"))})
    assert history(process) == []
    await rebuild(process, monkeypatch, 2, {2 << 20: dag_cbor.encode(record("Cloudbusting"))})
    assert history(process) == [(2, "Cloudbusting", None, "Cloudbusting", "Kate Bush")]


async def test_a_second_run_changes_nothing_and_an_empty_repository_empties_history(
    process: Process, monkeypatch: pytest.MonkeyPatch
):
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
    await rebuild(process, monkeypatch, 2, blocks)
    first = history(process)
    assert len(first) == 30
    outcome = await rebuild(process, monkeypatch, 2, blocks)
    assert (outcome.added, outcome.removed, history(process)) == (0, 0, first)
    outcome = await rebuild(process, monkeypatch, 2, {})
    assert (outcome.removed, history(process)) == (30, [])
