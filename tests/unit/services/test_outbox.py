"""The outbox writer: batches in order, what the PDS refuses, keys that are taken, and the event log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.faulty_pds import KilledError, Outcome, Process
from tonearm.atproto import dag_cbor
from tonearm.atproto.tid import tid_int, tid_text
from tonearm.services.history import History
from tonearm.services.identity_hash import next_clock_id
from tonearm.services.outbox import BATCH
from tonearm.services.submission import Submission

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.services.conftest import Publishing

SCROBBLE = "app.rocksky.scrobble"
TITLES = [f"Song {number}" for number in range(40)]
FOREIGN = dag_cbor.encode({"title": "by another client"})


async def test_an_artist_an_album_and_a_song_go_before_the_scrobble_that_names_them(publishing: Publishing):
    (receipt,) = await publishing.play("Cloudbusting")
    assert await publishing.serve() == 1
    ((did, keys),) = publishing.pds.calls
    assert did == publishing.did
    assert [collection.rsplit(".", 1)[1] for collection, _ in keys] == ["artist", "album", "song", "scrobble"]
    assert keys[-1] == (SCROBBLE, tid_text(receipt.tid))
    assert await publishing.waiting() == []


async def test_batches_are_full_oldest_first_and_never_too_large(publishing: Publishing):
    for number in range(10):
        await publishing.play(*(f"Song {number} {n}" for n in range(40)))
    assert await publishing.serve() == 5, "802 writes"
    sizes = [len(keys) for _, keys in publishing.pds.calls]
    assert sizes == [BATCH, BATCH, BATCH, BATCH, 2]
    sent = [key for _, keys in publishing.pds.calls for key in keys]
    stored = await publishing.rows("SELECT collection, rkey FROM repo_write ORDER BY write_id")
    assert sent == stored


async def test_the_event_log_has_each_confirmed_write_once_in_the_order_of_the_commits(publishing: Publishing):
    await publishing.play("Cloudbusting")
    await publishing.serve()
    await publishing.play("The Big Sky")
    await publishing.serve()
    await publishing.serve()
    events = await publishing.events()
    assert [seq for seq, *_ in events] == list(range(1, 7))
    assert [(collection, rkey) for _, collection, rkey, _ in events] == [
        key for commit in publishing.pds.commits for key in commit.keys
    ]
    assert [rev for *_, rev in events] == [tid_text(1)] * 4 + [tid_text(2)] * 2


async def test_nothing_is_an_event_before_the_repository_has_it(publishing: Publishing):
    await publishing.play("Cloudbusting")
    publishing.pds.script.extend([Outcome.LOST_BEFORE])
    await publishing.serve()
    assert await publishing.events() == []


@pytest.mark.parametrize("culprit", [0, 17, 39])
async def test_halving_isolates_the_write_that_is_refused_and_the_others_go(publishing: Publishing, culprit: int):
    receipts = await publishing.play(*TITLES)
    bad = tid_text(receipts[culprit].tid)
    publishing.pds.refused = lambda write: write.rkey == bad
    calls = await publishing.serve()
    assert calls <= 24, "a handful of calls, not one for each write"
    assert await publishing.waiting() == [f"scrobble {bad}"]
    assert await publishing.refused() == [(SCROBBLE, "InvalidRequest")]
    assert publishing.scrobbles() == sorted(tid_text(r.tid) for r in receipts if tid_text(r.tid) != bad)
    assert await publishing.serve() == 0, "it is not sent again by itself"


async def test_of_several_refused_writes_each_stands_alone_in_the_queue(publishing: Publishing):
    receipts = await publishing.play(*TITLES)
    bad = {tid_text(receipts[number].tid) for number in (3, 4, 30)}
    publishing.pds.refused = lambda write: write.rkey in bad
    await publishing.serve()
    assert {line.split()[1] for line in await publishing.waiting()} == bad
    assert len(publishing.scrobbles()) == len(TITLES) - 3


async def test_a_refused_song_does_not_keep_its_scrobbles_back(publishing: Publishing):
    await publishing.play("Cloudbusting")
    publishing.pds.refused = lambda write: write.collection == "app.rocksky.song"
    await publishing.serve()
    assert await publishing.refused() == [("app.rocksky.song", "InvalidRequest")]
    assert len(publishing.scrobbles()) == 1


async def test_a_taken_key_with_other_content_takes_the_next_clock_id_and_history_shows_the_moved_play(
    publishing: Publishing,
):
    (receipt,) = await publishing.play("Cloudbusting")
    publishing.pds.put(publishing.did, SCROBBLE, tid_text(receipt.tid), FOREIGN)
    await publishing.serve()
    moved = next_clock_id(receipt.tid)
    assert publishing.scrobbles() == sorted([tid_text(receipt.tid), tid_text(moved)])
    assert publishing.pds.records[publishing.did][SCROBBLE, tid_text(receipt.tid)][1] == FOREIGN
    page = await History(publishing.process.database).plays(publishing.did, limit=10, offset=0, cursor=None)
    assert [play.tid for play in page.plays] == [moved]
    assert [rkey for _, collection, rkey, _ in await publishing.events() if collection == SCROBBLE] == [tid_text(moved)]


async def test_keys_that_are_taken_one_after_the_other_are_all_left_alone(publishing: Publishing):
    (receipt,) = await publishing.play("Cloudbusting")
    tid = receipt.tid
    for _ in range(3):
        publishing.pds.put(publishing.did, SCROBBLE, tid_text(tid), FOREIGN)
        tid = next_clock_id(tid)
    await publishing.serve()
    assert tid_text(tid) in publishing.scrobbles()
    assert len(publishing.scrobbles()) == 4
    assert await publishing.waiting() == []


async def test_a_moved_play_does_not_land_on_another_play(publishing: Publishing, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tonearm.services.preparing.play_tid", lambda _did, _identity, second: second * 10**6 << 10)
    first, second = await publishing.play("Cloudbusting", "The Big Sky")
    assert second.tid == next_clock_id(first.tid)
    publishing.pds.put(publishing.did, SCROBBLE, tid_text(first.tid), FOREIGN)
    await publishing.serve()
    rows = await publishing.rows(
        "SELECT s.title, p.tid FROM play p JOIN song s ON s.song_id = p.song_id ORDER BY p.tid"
    )
    assert rows == [("The Big Sky", second.tid), ("Cloudbusting", next_clock_id(second.tid))]
    assert publishing.scrobbles() == [tid_text(first.tid), *(tid_text(tid) for _, tid in rows)]


@pytest.mark.parametrize("kind", ["artist", "album", "song"])
async def test_a_record_that_another_client_has_made_of_an_artist_album_or_song_stays(
    publishing: Publishing, kind: str
):
    (receipt,) = await publishing.play("Cloudbusting")
    key = {"artist": receipt.artist_id, "album": receipt.album_id, "song": receipt.song_id}[kind]
    publishing.pds.put(publishing.did, f"app.rocksky.{kind}", tid_text(key), FOREIGN)
    await publishing.serve()
    assert await publishing.waiting() == []
    assert publishing.pds.records[publishing.did][f"app.rocksky.{kind}", tid_text(key)][1] == FOREIGN
    told = {collection for _, collection, _, _ in await publishing.events()}
    assert f"app.rocksky.{kind}" not in told, "no event of a record that the repository has not"
    assert len(told) == 3


@pytest.mark.parametrize("outcome", [Outcome.LOST_AFTER, Outcome.LATE])
async def test_a_lost_answer_leads_to_no_second_record_and_to_one_event(publishing: Publishing, outcome: Outcome):
    await publishing.play(*TITLES)
    publishing.pds.script.extend([outcome])
    await publishing.serve()
    publishing.clock.at += 1000
    await publishing.serve()
    assert len(publishing.scrobbles()) == len(TITLES)
    assert await publishing.waiting() == []
    assert len(await publishing.events()) == len(publishing.pds.records[publishing.did]) == 2 * len(TITLES) + 2
    assert {rev for *_, rev in await publishing.events()} == {tid_text(1)}, "the commit that has them"


async def test_a_write_that_was_found_there_has_the_revision_of_a_commit_that_has_it(publishing: Publishing):
    (first,) = await publishing.play("Cloudbusting")
    publishing.pds.script.extend([Outcome.LOST_AFTER])
    publishing.pds.questions.extend([Outcome.UNAVAILABLE])
    await publishing.serve()
    publishing.pds.put(publishing.did, SCROBBLE, "2222222222222", FOREIGN)
    await publishing.play("The Big Sky", listener=1)
    await publishing.serve(listener=1)
    publishing.clock.at += 1000
    await publishing.serve()
    revs = {(collection, rkey): rev for _, collection, rkey, rev in await publishing.events()}
    assert revs[SCROBBLE, tid_text(first.tid)] == tid_text(2), "its repository's newest, after the one that stored it"


@pytest.mark.parametrize("question", [Outcome.UNAVAILABLE, Outcome.RATE_LIMITED, Outcome.SESSION_LOST])
async def test_without_a_revision_nothing_is_confirmed(publishing: Publishing, question: Outcome):
    await publishing.play("Cloudbusting")
    publishing.pds.script.extend([Outcome.LOST_AFTER])
    publishing.pds.questions.extend([Outcome.DONE, question])
    await publishing.serve()
    assert await publishing.events() == []
    assert len(await publishing.waiting()) == 4
    publishing.pds.heal()
    publishing.clock.at += 1000
    await publishing.process.outbox.resume(1)
    await publishing.serve()
    assert await publishing.waiting() == []
    assert [rev for *_, rev in await publishing.events()] == [tid_text(1)] * 4


async def test_a_process_that_dies_between_the_commit_and_its_mark_leaves_no_second_record(
    publishing: Publishing, tmp_path: Path
):
    await publishing.play(*TITLES)
    publishing.process.switch.steps_left = 3
    (ending,) = await publishing.process.all_or_killed(publishing.process.outbox.drain())
    assert isinstance(ending, KilledError)
    assert len(publishing.scrobbles()) == len(TITLES), "the PDS has them"
    assert len(await publishing.waiting()) == 2 * len(TITLES) + 2, "and nobody knows"
    path = await publishing.process.crash(tmp_path)
    publishing.process = Process(path, publishing.clock, publishing.pds)
    publishing.clock.at += 121
    await publishing.drain()
    assert len(publishing.scrobbles()) == len(TITLES)
    assert len(await publishing.events()) == 2 * len(TITLES) + 2


async def test_a_write_that_was_refused_after_it_had_arrived_late_is_done(publishing: Publishing):
    await publishing.play("Cloudbusting")
    await publishing.serve()
    await publishing.play("The Big Sky")
    publishing.pds.script.extend([Outcome.LATE])
    await publishing.serve()
    publishing.clock.at += 1000
    publishing.pds.refused = lambda _write: True
    await publishing.serve()
    assert await publishing.refused() == []
    assert await publishing.waiting() == []
    assert len(publishing.scrobbles()) == 2
    assert [rev for *_, rev in await publishing.events()][-2:] == [tid_text(2)] * 2


async def test_a_write_that_was_refused_is_not_confirmed_without_a_revision(publishing: Publishing):
    await publishing.play("Cloudbusting")
    await publishing.serve()
    await publishing.play("The Big Sky")
    publishing.pds.script.extend([Outcome.LATE])
    await publishing.serve()
    publishing.clock.at += 1000
    publishing.pds.refused = lambda _write: True
    publishing.pds.questions.extend([Outcome.DONE, Outcome.UNAVAILABLE])
    await publishing.serve()
    assert (await publishing.refused(), len(await publishing.events())) == ([], 4)
    publishing.clock.at += 1000
    await publishing.serve()
    assert await publishing.waiting() == []


async def test_a_retried_entry_goes_and_a_discarded_one_never_does(publishing: Publishing):
    listener, queue = publishing.listeners[0], publishing.process.queue
    kept, dropped = await publishing.play("Cloudbusting", "The Big Sky")
    publishing.pds.refused = lambda write: write.collection == SCROBBLE
    await publishing.serve()
    entries, _ = await queue.entries(listener, state="refused", limit=10, cursor=None)
    ids = {entry.uri.rsplit("/", 1)[1]: f"{entry.write_id:x}" for entry in entries}
    await queue.retry(listener, ids[tid_text(kept.tid)])
    await queue.discard(listener, ids[tid_text(dropped.tid)])
    publishing.pds.heal()
    await publishing.serve()
    assert publishing.scrobbles() == [tid_text(kept.tid)]
    (again,) = await publishing.play("The Big Sky")
    assert again.outcome == "deleted"
    assert await publishing.serve() == 0


async def test_an_idempotency_key_leads_to_a_play_that_has_moved(publishing: Publishing):
    (receipt,) = await publishing.play("Cloudbusting", key="k")
    publishing.pds.put(publishing.did, SCROBBLE, tid_text(receipt.tid), FOREIGN)
    await publishing.serve()
    (again,) = await publishing.play("Cloudbusting", key="k")
    assert again.outcome == "duplicate"
    assert await publishing.rows("SELECT tid FROM play") == [(again.tid,)]


async def test_the_first_play_of_a_song_is_where_it_has_moved_to(publishing: Publishing):
    (receipt,) = await publishing.play("Cloudbusting")
    publishing.pds.put(publishing.did, SCROBBLE, tid_text(receipt.tid), FOREIGN)
    await publishing.serve()
    assert await publishing.rows("SELECT first_tid FROM actor_song") == [(next_clock_id(receipt.tid),)]


async def test_a_play_that_had_moved_and_was_discarded_stays_deleted(publishing: Publishing):
    listener, queue = publishing.listeners[0], publishing.process.queue
    (receipt,) = await publishing.play("Cloudbusting")
    publishing.pds.put(publishing.did, SCROBBLE, tid_text(receipt.tid), FOREIGN)
    publishing.pds.refused = lambda write: write.rkey == tid_text(next_clock_id(receipt.tid))
    await publishing.serve()
    ((entry,), _) = await queue.entries(listener, state="refused", limit=10, cursor=None)
    assert tid_int(entry.uri.rsplit("/", 1)[1]) == next_clock_id(receipt.tid)
    await queue.discard(listener, f"{entry.write_id:x}")
    (again,) = await publishing.play("Cloudbusting")
    assert again.outcome == "deleted"


async def test_what_the_repository_gets_are_the_bytes_that_were_frozen_when_the_play_was_kept(publishing: Publishing):
    play = Submission.of(now_s=publishing.clock.at, title="Cloudbusting", artist="Kate Bush", played_at_s=1_600_000_000)
    (receipt,) = await publishing.process.scrobbles.submit(publishing.listeners[0], [play], "test")
    ((frozen,),) = await publishing.rows("SELECT record FROM repo_write WHERE rkey = $1", tid_text(receipt.tid))
    publishing.pds.script.extend([Outcome.LOST_BEFORE, Outcome.UNAVAILABLE])
    for _ in range(3):
        await publishing.serve()
        publishing.clock.at += 1000
    assert publishing.pds.records[publishing.did][SCROBBLE, tid_text(receipt.tid)][1] == frozen
