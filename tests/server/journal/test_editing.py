"""Editing a play that its repository has refused."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.queue_owner import PLAY, PLAYED_AT, SCROBBLE, Owner
from tonearm.index import outbox
from tonearm.index.engine import Work, select
from tonearm.services.indexing import Indexing
from tonearm.services.reindex import Reindex

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.asyncio(loop_scope="module")

SONG = "app.rocksky.song"
RETRY, EDIT = "app.tonearm.journal.retryEntry", "app.tonearm.journal.editEntry"


async def test_an_edited_play_is_written_as_corrected(owner: Owner) -> None:
    entry = await owner.refused_play()
    status, answer = await owner.tell(EDIT, id=entry["id"], title="Cloudbusting", year=1985)
    assert status == 200, answer
    edited = answer["entry"]
    assert (edited["id"], edited["state"], edited["source"]) == (entry["id"], "retrying", "xrpc")
    assert edited["record"] == {**entry["record"], "title": "Cloudbusting", "year": 1985}
    assert edited["uri"] != entry["uri"], "another title is another play"
    (play,) = await owner.history()
    assert (play["title"], play["uri"]) == ("Cloudbusting", edited["uri"])
    assert play["timestamp"] == "2023-11-14T22:13:20.000Z"
    status, answer = await owner.server.ask("app.rocksky.scrobble.getScrobble", uri=entry["uri"])
    assert (status, answer["error"]) == (400, "RecordNotFound")
    owner.free()
    await owner.publish()
    assert await owner.entries() == []
    records = await owner.server.records(SCROBBLE, owner.who)
    assert records == {edited["uri"].rsplit("/", 1)[1]: edited["record"]}
    songs = (await owner.server.records(SONG, owner.who)).values()
    assert {song["title"] for song in songs} == {"Cloudbustin", "Cloudbusting"}


async def test_the_first_submission_stays_in_the_journal_as_it_came(owner: Owner) -> None:
    entry = await owner.refused_play()
    (first,) = await owner.journal()
    await owner.tell(EDIT, id=entry["id"], title="Cloudbusting")
    assert (await owner.journal())[0] == first
    source, outcome, raw = (await owner.journal())[1]
    assert (source, outcome) == ("edit", "stored")
    assert b"Cloudbusting" in raw
    again = await owner.server.scrobble(owner.who, **PLAY)
    assert again["uri"] == entry["uri"]
    assert await owner.titles() == ["Cloudbusting"], "the uncorrected play does not come back from an offline queue"


async def test_a_correction_that_does_not_touch_what_the_play_is_keeps_its_uri(owner: Owner) -> None:
    entry = await owner.refused_play()
    changes = {"duration": 309_000, "trackNumber": 5, "genres": ["art pop", " "], "isrc": "GBAYE8500045"}
    status, answer = await owner.tell(EDIT, id=entry["id"], **changes)
    assert (status, answer["entry"]["uri"]) == (200, entry["uri"])
    expected = {**entry["record"], "duration": 309_000, "trackNumber": 5, "tags": ["art pop"], "isrc": "GBAYE8500045"}
    assert answer["entry"]["record"] == expected
    owner.free()
    await owner.publish()
    assert list((await owner.server.records(SCROBBLE, owner.who)).values()) == [expected]
    assert await owner.titles() == ["Cloudbustin"]


async def test_a_play_can_be_moved_in_time(owner: Owner) -> None:
    entry = await owner.refused_play()
    status, answer = await owner.tell(EDIT, id=entry["id"], timestamp=(PLAYED_AT + 3600) * 1000)
    assert status == 200
    assert answer["entry"]["record"] == {**entry["record"], "createdAt": "2023-11-14T23:13:20.000Z"}
    (play,) = await owner.history()
    assert play["timestamp"] == "2023-11-14T23:13:20.000Z"


async def test_null_changes_nothing(owner: Owner) -> None:
    entry = await owner.refused_play()
    changes = dict.fromkeys(("title", "artist", "album", "duration", "timestamp", "artists", "genres", "year"))
    status, answer = await owner.tell(EDIT, id=entry["id"], **changes)
    assert status == 200
    assert (answer["entry"]["uri"], answer["entry"]["record"]) == (entry["uri"], entry["record"])


async def test_a_field_can_be_made_unknown(owner: Owner) -> None:
    entry = await owner.refused_play(trackNumber=5, genres=["art pop"], artists=[{"name": "Kate Bush"}])
    assert entry["record"]["artists"] == [{"name": "Kate Bush"}]
    clear = ["album", "duration", "trackNumber", "genres", "artists"]
    status, answer = await owner.tell(EDIT, id=entry["id"], clear=clear)
    assert status == 200
    assert answer["entry"]["record"] == {
        "$type": SCROBBLE,
        "title": "Cloudbustin",
        "artist": "Kate Bush",
        "album": "Cloudbustin",
        "albumArtist": "Kate Bush",
        "duration": 1,
        "createdAt": "2023-11-14T22:13:20.000Z",
        "tonearm": {"assumed": ["album", "duration"]},
    }
    (play,) = await owner.history()
    assert "duration" not in play
    assert "trackNumber" not in play


async def test_a_credit_without_a_name_is_no_credit(owner: Owner) -> None:
    entry = await owner.refused_play()
    credited = [
        {"name": "Kate Bush", "mbid": "4b585938-f271-45e2-b19a-91c634b5e396"},
        {"name": "", "mbid": "x"},
        {"name": " "},
    ]
    status, answer = await owner.tell(EDIT, id=entry["id"], artists=credited)
    assert status == 200, answer
    assert answer["entry"]["record"]["artists"] == credited[:1]


@pytest.mark.parametrize(
    ("changes", "error", "named"),
    [
        ({"title": "  "}, "InvalidScrobble", "title"),
        ({"clear": ["title"]}, "InvalidScrobble", "title"),
        ({"clear": ["artist"]}, "InvalidScrobble", "artist"),
        ({"clear": ["timestamp"]}, "InvalidScrobble", "timestamp"),
        ({"timestamp": 0}, "InvalidScrobble", "timestamp"),
        ({"clear": ["colour"]}, "InvalidScrobble", "colour"),
        ({"clear": ["id"]}, "InvalidScrobble", "id"),
        ({"timestamp": 1_035_071_999}, "TimestampOutOfRange", "2002-10-20"),
        ({"timestamp": int(time.time()) + 7200}, "TimestampOutOfRange", "2002-10-20"),
        ({"title": 7}, "InvalidRequest", "title"),
        ({"albumArt": "not an address"}, "InvalidRequest", "albumArt"),
    ],
)
async def test_a_correction_that_makes_no_play_is_refused(
    owner: Owner, changes: dict[str, Any], error: str, named: str
) -> None:
    entry = await owner.refused_play()
    status, answer = await owner.tell(EDIT, id=entry["id"], **changes)
    assert (status, answer["error"]) == (400, error)
    assert named in answer["message"]
    assert await owner.entry() == entry
    assert await owner.titles() == ["Cloudbustin"]
    assert len(await owner.journal()) == 1


async def test_a_correction_into_a_play_that_is_there_is_refused(owner: Owner) -> None:
    await owner.server.scrobble(owner.who, **{**PLAY, "title": "Cloudbusting"})
    entry = await owner.refused_play()
    for play in await owner.entries():
        if play["id"] != entry["id"]:
            assert play["record"]["title"] == "Cloudbusting"
    status, answer = await owner.tell(EDIT, id=entry["id"], title="Cloudbusting")
    assert (status, answer["error"]) == (400, "DuplicateScrobble")
    assert sorted(await owner.titles()) == ["Cloudbustin", "Cloudbusting"]
    assert (await owner.entries())[-1] == entry


async def test_a_correction_that_breaks_off_leaves_nothing_behind(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The song that it would have brought is neither in the catalogue nor believed to be there."""
    entry = await owner.refused_play()

    def broken(_actor_id: int, _write_id: int) -> Work[bool]:
        raise OSError("disk full")
        yield

    monkeypatch.setattr(outbox, "retry_now", broken)
    song = {"title": f"Song of {owner.who.name}", "album": f"Album of {owner.who.name}"}
    status, answer = await owner.tell(EDIT, id=entry["id"], **song)
    assert (status, answer["error"]) == (500, "InternalServerError")
    monkeypatch.undo()
    assert await owner.entry() == entry
    assert await owner.titles() == ["Cloudbustin"]
    await owner.server.scrobble(owner.who, **{**PLAY, **song, "timestamp": PLAYED_AT + 900})
    assert await owner.titles() == [song["title"], "Cloudbustin"]


async def test_a_play_that_is_edited_there_and_back_survives_a_rebuilt_index(owner: Owner) -> None:
    entry = await owner.refused_play()
    for title in ("Cloudbusting", "Cloudbustin"):
        status, answer = await owner.tell(EDIT, id=entry["id"], title=title)
        assert status == 200
        await owner.publish()
    assert answer["entry"]["uri"] == entry["uri"]
    owner.free()
    await owner.tell(RETRY, id=entry["id"])
    await owner.publish()
    assert list((await owner.server.records(SCROBBLE, owner.who)).values()) == [entry["record"]]
    core = owner.server.core
    before = await owner.history()

    def wiped() -> Work[None]:
        yield select("DELETE FROM play WHERE actor_id = $1", owner.who.actor_id)
        for kind in ("song", "album", "artist"):
            yield select(f"DELETE FROM actor_{kind} WHERE actor_id = $1", owner.who.actor_id)

    await core.index.write(wiped())
    (account,) = [
        a for a in await Reindex(core.index, Indexing(), core.pds, core.remote).accounts() if a.did == owner.who.did
    ]
    await Reindex(core.index, Indexing(), core.pds, core.remote).run([account], progress=lambda _what, _done: None)
    assert await owner.history() == before
