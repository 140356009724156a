"""A play whose record key is taken in the repository moves, and all that knows it by its key goes along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tonearm.atproto import dag_cbor
from tonearm.atproto.tid import tid_int, tid_text
from tonearm.services import dedup
from tonearm.services.identity_hash import next_clock_id, second_of
from tonearm.services.journal_queue import DuplicateScrobbleError
from tonearm.services.record_keys import free_tid

if TYPE_CHECKING:
    from tests.unit.services.conftest import Publishing
    from tonearm.services.journal_queue import Entry
    from tonearm.services.scrobbles import Receipt

SCROBBLE = "app.rocksky.scrobble"
FOREIGN = dag_cbor.encode({"title": "by another client"})
AT = 1_700_000_000


async def moved(publishing: Publishing, title: str = "Cloudbusting", key: str | None = None) -> tuple[Receipt, int]:
    """A play that is written under its second key; answers its receipt and where it is now."""
    (receipt,) = await publishing.play(title, key=key)
    publishing.pds.put(publishing.did, SCROBBLE, tid_text(receipt.tid), FOREIGN)
    await publishing.serve()
    assert await publishing.waiting() == []
    return receipt, next_clock_id(receipt.tid)


async def moved_and_refused(publishing: Publishing, title: str = "Cloudbusting", key: str | None = None) -> Entry:
    """A play whose first key is taken, and whose record is refused under the second: its entry."""
    (receipt,) = await publishing.play(title, key=key)
    publishing.pds.put(publishing.did, SCROBBLE, tid_text(receipt.tid), FOREIGN)
    publishing.pds.refused = lambda write: write.rkey == tid_text(next_clock_id(receipt.tid))
    await publishing.serve()
    ((entry,), _) = await publishing.process.queue.entries(
        publishing.listeners[0], state="refused", limit=10, cursor=None
    )
    assert key_of(entry) == next_clock_id(receipt.tid)
    return entry


def key_of(entry: Entry) -> int:
    return tid_int(entry.uri.rsplit("/", 1)[1])


async def edited(publishing: Publishing, entry: Entry, **changes: object) -> Entry:
    listener = publishing.listeners[0]
    return await publishing.process.queue.edit(listener, f"{entry.write_id:x}", changes, b"an edit")


async def test_each_key_of_a_client_leads_to_the_play_that_it_was_used_for(publishing: Publishing):
    (first,) = await publishing.play("Cloudbusting", key="first")
    (again,) = await publishing.play("Cloudbusting", key="again")
    (other,) = await publishing.play("The Big Sky", key="other")
    await publishing.play("Cloudbusting", key="theirs", listener=1)
    assert again.tid == first.tid
    for receipt in (first, other):
        publishing.pds.put(publishing.did, SCROBBLE, tid_text(receipt.tid), FOREIGN)
    await publishing.serve()
    keys = dict(await publishing.rows("SELECT idempotency_key, tid FROM idempotency WHERE actor_id = 1"))
    assert keys == {
        "first": next_clock_id(first.tid),
        "again": next_clock_id(first.tid),
        "other": next_clock_id(other.tid),
    }
    ((theirs,),) = await publishing.rows("SELECT tid FROM idempotency WHERE actor_id = 2")
    assert await publishing.rows("SELECT tid FROM play WHERE actor_id = 2") == [(theirs,)]


async def test_keys_follow_plays_that_move_into_each_others_neighbourhood(
    publishing: Publishing, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tonearm.services.preparing.play_tid", lambda _did, _identity, second: second * 10**6 << 10)
    (first,) = await publishing.play("Cloudbusting", key="first")
    (second,) = await publishing.play("The Big Sky", key="second")
    for receipt in (first, second):
        publishing.pds.put(publishing.did, SCROBBLE, tid_text(receipt.tid), FOREIGN)
    await publishing.serve()
    rows = await publishing.rows(
        "SELECT s.title, p.tid FROM play p JOIN song s ON s.song_id = p.song_id ORDER BY s.title"
    )
    assert [tid - first.tid for _, tid in rows] == [2, 3]
    for key, (title, tid) in zip(("first", "second"), rows, strict=True):
        (again,) = await publishing.play(title, key=key)
        assert (again.outcome, again.reason, again.tid) == ("duplicate", dedup.IDEMPOTENCY_KEY, tid)


async def test_the_submission_that_it_was_follows_and_is_otherwise_as_it_came(publishing: Publishing):
    await publishing.play("The Big Sky")
    before = await publishing.rows("SELECT * FROM journal")
    receipt, now_at = await moved(publishing)
    rows = await publishing.rows("SELECT * FROM journal ORDER BY journal_id")
    assert rows[0] == before[0]
    assert rows[1][:-1] == (2, 1, before[0][2], "test", b"", "stored", "new")
    assert rows[1][-1] == now_at != receipt.tid


async def test_reports_of_a_moved_play_repeat_it(publishing: Publishing):
    _, now_at = await moved(publishing)
    for ago_s in (0, 0):
        (again,) = await publishing.play("Cloudbusting", ago_s=ago_s)
        assert (again.outcome, again.reason, again.tid) == ("duplicate", dedup.SAME_SECOND_SONG, now_at)
    assert await publishing.serve() == 0


FIRSTS = (
    "SELECT (SELECT min(first_tid) FROM actor_song), (SELECT first_tid FROM actor_artist), "
    "(SELECT first_tid FROM actor_album)"
)


async def test_the_first_play_of_artist_and_album_moves_too(publishing: Publishing):
    await publishing.play("Cloudbusting", ago_s=-60)
    _, now_at = await moved(publishing)
    assert await publishing.rows(FIRSTS) == [(now_at,) * 3]


async def test_a_later_play_that_moves_leaves_the_first_one_first(publishing: Publishing):
    (first,) = await publishing.play("Cloudbusting", ago_s=60)
    await moved(publishing)
    assert await publishing.rows(FIRSTS) == [(first.tid,) * 3]


async def test_a_play_that_moves_behind_another_is_no_longer_the_first(
    publishing: Publishing, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tonearm.services.preparing.play_tid", lambda _did, _identity, second: second * 10**6 << 10)
    first, second = await publishing.play("Cloudbusting", "The Big Sky")
    publishing.pds.put(publishing.did, SCROBBLE, tid_text(first.tid), FOREIGN)
    await publishing.serve()
    third = next_clock_id(second.tid)
    assert await publishing.rows("SELECT first_tid FROM actor_song ORDER BY 1") == [(second.tid,), (third,)]
    assert (await publishing.rows(FIRSTS))[0][1:] == (second.tid, second.tid)


async def test_a_play_whose_clock_id_goes_round_becomes_the_first(
    publishing: Publishing, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        "tonearm.services.preparing.play_tid", lambda _did, _identity, second: second * 10**6 << 10 | 1022
    )
    first, second = await publishing.play("Cloudbusting", "The Big Sky")
    assert second.tid & 1023 == 1023
    publishing.pds.put(publishing.did, SCROBBLE, tid_text(second.tid), FOREIGN)
    await publishing.serve()
    front = first.tid & ~1023
    assert await publishing.rows("SELECT first_tid FROM actor_song ORDER BY 1") == [(front,), (first.tid,)]
    assert (await publishing.rows(FIRSTS))[0][1:] == (front, front)


def test_when_all_clock_ids_are_taken_the_next_microsecond_has_room():
    natural = (AT * 10**6 + 5) << 10 | 1000
    taken: set[int] = set()
    for number in range(3000):
        tid = free_tid(natural, taken)
        assert tid not in taken
        assert second_of(tid) == AT
        assert (tid >> 10) - (natural >> 10) == number // 1024
        taken.add(tid)
    last = (AT * 10**6 + 999_999) << 10
    assert free_tid(last, set(range(last, last + 1024))) == (AT * 10**6) << 10, "it stays within its second"


async def test_a_discarded_play_that_had_moved_does_not_come_back_by_any_report(publishing: Publishing):
    entry = await moved_and_refused(publishing)
    await publishing.process.queue.discard(publishing.listeners[0], f"{entry.write_id:x}")
    (plain,) = await publishing.play("Cloudbusting")
    (keyed,) = await publishing.play("Cloudbusting", key="k")
    (again,) = await publishing.play("Cloudbusting", key="k")
    assert [receipt.outcome for receipt in (plain, keyed, again)] == ["deleted", "deleted", "duplicate"]
    (theirs,) = await publishing.play("Cloudbusting", listener=1)
    (later,) = await publishing.play("Cloudbusting", ago_s=1)
    assert (theirs.outcome, later.outcome) == ("stored", "stored")


async def test_a_moved_play_that_is_corrected_stays_where_it_is(publishing: Publishing):
    entry = await moved_and_refused(publishing)
    (before,) = await publishing.rows("SELECT tid, song_id FROM play")
    changed = await edited(publishing, entry, year=1985, duration_ms=300_000)
    assert changed.uri == entry.uri
    assert await publishing.rows("SELECT tid, song_id FROM play") == [before]
    assert await publishing.rows("SELECT * FROM tombstone") == []
    publishing.pds.heal()
    await publishing.serve()
    (again,) = await publishing.play("Cloudbusting")
    assert (again.outcome, again.tid) == ("duplicate", key_of(entry))


async def test_a_moved_play_that_becomes_another_leaves_its_first_key_closed(publishing: Publishing):
    entry = await moved_and_refused(publishing, key="k")
    changed = await edited(publishing, entry, title="The Big Sky")
    assert (await publishing.play("Cloudbusting"))[0].outcome == "deleted"
    (again,) = await publishing.play("Cloudbusting", key="k")
    assert (again.outcome, again.tid) == ("duplicate", key_of(changed)), "a retry leads to what the play has become"


async def test_a_play_comes_home_when_it_is_edited_back(publishing: Publishing):
    entry = await moved_and_refused(publishing, key="k")
    publishing.pds.refused = lambda write: write.collection == SCROBBLE
    for title in ("The Big Sky", "Cloudbusting"):
        changed = await edited(publishing, entry, title=title)
        await publishing.serve()
    publishing.pds.heal()
    await publishing.process.queue.retry(publishing.listeners[0], f"{entry.write_id:x}")
    await publishing.serve()
    assert await publishing.waiting() == []
    (again,) = await publishing.play("Cloudbusting")
    assert (again.outcome, again.tid) == ("duplicate", next_clock_id(key_of(changed))), "and had to move once more"
    (keyed,) = await publishing.play("Cloudbusting", key="k")
    assert keyed.tid == again.tid
    assert (await publishing.play("The Big Sky"))[0].outcome == "deleted"


async def test_an_edit_into_a_play_that_has_moved_is_refused(publishing: Publishing):
    await moved(publishing, "The Big Sky")
    entry = await moved_and_refused(publishing)
    with pytest.raises(DuplicateScrobbleError):
        await edited(publishing, entry, title="The Big Sky")
    assert len(await publishing.rows("SELECT tid FROM play")) == 2
    assert await publishing.rows("SELECT * FROM tombstone") == []


async def test_an_edit_onto_a_key_that_another_song_has_takes_the_next(
    publishing: Publishing, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        "tonearm.services.preparing.play_tid",
        lambda _did, identity, second: (second * 10**6 + identity.startswith("b")) << 10,
    )
    (there,) = await publishing.play("B-Side")
    (entry,) = await publishing.play("Cloudbusting")
    publishing.pds.refused = lambda write: write.rkey == tid_text(entry.tid)
    await publishing.serve()
    ((refused,), _) = await publishing.process.queue.entries(
        publishing.listeners[0], state="refused", limit=10, cursor=None
    )
    changed = await edited(publishing, refused, title="Babooshka")
    assert key_of(changed) == next_clock_id(there.tid)
    assert sorted(await publishing.rows("SELECT tid FROM play")) == [(there.tid,), (key_of(changed),)]


async def test_a_play_that_was_given_up_may_be_what_another_is_edited_into(publishing: Publishing):
    first, _ = await publishing.play("Cloudbusting", "Cloudbustin")
    publishing.pds.refused = lambda write: write.collection == SCROBBLE
    await publishing.serve()
    entries, _ = await publishing.process.queue.entries(publishing.listeners[0], state=None, limit=10, cursor=None)
    given_up, kept = sorted(entries, key=lambda entry: key_of(entry) != first.tid)
    await publishing.process.queue.discard(publishing.listeners[0], f"{given_up.write_id:x}")
    changed = await edited(publishing, kept, title="Cloudbusting")
    assert key_of(changed) == first.tid
    assert await publishing.rows("SELECT tid FROM tombstone") == [(key_of(kept),)]
    (again,) = await publishing.play("Cloudbusting")
    assert (again.outcome, again.tid) == ("duplicate", first.tid)
    assert (await publishing.play("Cloudbustin"))[0].outcome == "deleted"
