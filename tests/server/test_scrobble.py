"""createScrobble and history over HTTP, on both databases."""

from __future__ import annotations

import asyncio
import hashlib
import time
from typing import Any

import pytest

from tests.support.server import Server

CREATE = "app.rocksky.scrobble.createScrobble"
PLAYED_AT = 1_700_000_000
PLAY = {
    "title": "Hounds of Love",
    "artist": "Kate Bush",
    "album": "Hounds of Love",
    "albumArtist": "Kate Bush",
    "duration": 182_000,
    "trackNumber": 2,
    "timestamp": PLAYED_AT,
}
FIELDS = {
    "id": str,
    "user": str,
    "userDisplayName": str,
    "userAvatar": str,
    "title": str,
    "artist": str,
    "artistUri": str,
    "album": str,
    "albumUri": str,
    "cover": str,
    "date": str,
    "uri": str,
    "sha256": str,
    "liked": bool,
    "likesCount": int,
}


async def history(server: Server, **params: Any) -> list[dict[str, Any]]:
    status, page = await server.ask("app.rocksky.scrobble.getScrobbles", **params)
    assert status == 200, page
    return page["scrobbles"]


async def test_a_scrobble_answers_all_fifteen_fields(server: Server):
    made = await server.scrobble(**PLAY)
    assert {name: type(made[name]) for name in FIELDS} == FIELDS
    assert made["title"] == "Hounds of Love"
    assert made["user"] == made["userDisplayName"] == server.handle
    assert made["date"] == "2023-11-14T22:13:20.000Z"
    assert made["sha256"] == hashlib.sha256(b"hounds of love - kate bush - hounds of love").hexdigest()
    assert made["uri"].startswith(f"at://{server.did}/app.rocksky.scrobble/")
    assert made["userAvatar"].startswith(server.url)
    async with server.http.get(made["cover"]) as image:
        assert image.status == 200
        assert image.content_type == "image/svg+xml"


async def test_a_bare_play_answers_all_fifteen_fields_too(server: Server):
    made = await server.scrobble(title="Weightless", artist="Marconi Union")
    assert {name: type(made[name]) for name in FIELDS} == FIELDS
    assert made["album"] == "Weightless"


async def test_a_scrobble_is_in_history_at_once(server: Server):
    made = await server.scrobble(**PLAY)
    (first,) = await history(server, did=server.did)
    assert first["uri"] == made["uri"]
    assert (first["title"], first["artist"], first["album"]) == ("Hounds of Love", "Kate Bush", "Hounds of Love")
    assert first["duration"] == 182_000
    assert first["timestamp"] == "2023-11-14T22:13:20.000Z"
    assert [play["uri"] for play in await history(server)] == [made["uri"]]
    assert [play["uri"] for play in await history(server, did=server.handle)] == [made["uri"]]


async def test_a_scrobble_becomes_records_in_the_listeners_repository(server: Server):
    made = await server.scrobble(**PLAY, mbId="0b9b5a4e-0e5c-4ea7-a0f2-52de9e9bd2a5", genres=["art pop"])
    await server.drained()
    (scrobble,) = (await server.records("app.rocksky.scrobble")).items()
    assert made["uri"].endswith(scrobble[0])
    assert scrobble[1] == {
        "$type": "app.rocksky.scrobble",
        "title": "Hounds of Love",
        "artist": "Kate Bush",
        "album": "Hounds of Love",
        "albumArtist": "Kate Bush",
        "duration": 182_000,
        "trackNumber": 2,
        "mbid": "0b9b5a4e-0e5c-4ea7-a0f2-52de9e9bd2a5",
        "tags": ["art pop"],
        "createdAt": "2023-11-14T22:13:20.000Z",
    }
    for collection, uri, title in (
        ("app.rocksky.artist", made["artistUri"], "name"),
        ("app.rocksky.album", made["albumUri"], "title"),
        ("app.rocksky.song", made["trackUri"], "title"),
    ):
        ((rkey, record),) = (await server.records(collection)).items()
        assert uri == f"at://{server.did}/{collection}/{rkey}"
        assert record[title] in {"Kate Bush", "Hounds of Love"}


async def test_songs_albums_and_artists_get_their_records_once(server: Server):
    for minute in range(3):
        await server.scrobble(**{**PLAY, "timestamp": PLAYED_AT + 240 * minute})
    await server.drained()
    assert len(await server.records("app.rocksky.scrobble")) == 3
    for collection in ("app.rocksky.artist", "app.rocksky.album", "app.rocksky.song"):
        assert len(await server.records(collection)) == 1


async def test_a_retried_scrobble_makes_one_record(server: Server):
    first = await server.scrobble(**PLAY)
    again = await server.scrobble(**PLAY)
    assert again["uri"] == first["uri"]
    await server.drained()
    assert len(await server.records("app.rocksky.scrobble")) == 1
    assert len(await history(server)) == 1


async def test_concurrent_reports_of_one_play_make_one_record(server: Server):
    made = await asyncio.gather(*(server.scrobble(**PLAY) for _ in range(20)))
    assert len({play["uri"] for play in made}) == 1
    await server.drained()
    assert len(await server.records("app.rocksky.scrobble")) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"mbId": "0b9b5a4e-0e5c-4ea7-a0f2-52de9e9bd2a5"}, {"mbId": "0B9B5A4E-0e5c-4ea7-a0f2-52de9e9bd2a5"}),
        ({"isrc": "GBAYE8500042"}, {"isrc": "GB-AYE-85-00042"}),
    ],
    ids=["mbid", "isrc"],
)
async def test_the_same_recording_in_the_same_second_is_one_play(server: Server, first: dict, second: dict):
    one = await server.scrobble(**{**PLAY, **first})
    other = await server.scrobble(**{**PLAY, "title": "Hounds Of Love (2018 Remaster)", **second})
    assert other["uri"] == one["uri"]
    assert len(await history(server)) == 1


@pytest.mark.parametrize("junk", ["unknown", "0", "00000000-0000-0000-0000-000000000000"])
async def test_an_identifier_that_is_none_makes_no_two_songs_one(server: Server, junk: str):
    """A player that sends it with every track loses no play, with a time or without."""
    ids = {"mbId": junk, "isrc": junk}
    for title in ("Hounds of Love", "The Big Sky"):
        await server.scrobble(**{**PLAY, "title": title, **ids})
        made = await server.scrobble(title=title, artist="Kate Bush", **ids)
        assert (await server.scrobble(title=title, artist="Kate Bush", **ids))["uri"] == made["uri"]
    assert len(await history(server)) == 4
    await server.drained()
    records = (await server.records("app.rocksky.scrobble")).values()
    assert {(record["mbid"], record["isrc"]) for record in records} == {(junk, junk[:32])}, "as it was sent"
    _, song = await server.ask("app.rocksky.song.getSong", uri=made["trackUri"])
    assert not {"mbid", "isrc"} & song.keys(), "and the shared catalogue has none of it"
    for params in ({"mbid": junk}, {"isrc": junk}):
        assert (await server.ask("app.rocksky.song.getSong", **params))[1]["error"] == "RecordNotFound"


async def test_an_identifier_is_found_in_each_of_its_spellings(server: Server):
    mbid = "0b9b5a4e-0e5c-4ea7-a0f2-52de9e9bd2a5"
    made = await server.scrobble(**PLAY, mbId=f"mbid:{mbid.upper()}", isrc="gb aye 85 00042")
    for params in ({"mbid": mbid}, {"mbid": f"mbid:{mbid}"}, {"isrc": "GBAYE8500042"}, {"isrc": "GB-AYE-85-00042"}):
        status, song = await server.ask("app.rocksky.song.getSong", **params)
        assert (status, song["title"], song["mbid"], song["isrc"]) == (200, PLAY["title"], mbid, "GBAYE8500042")
    await server.drained()
    ((rkey, record),) = (await server.records("app.rocksky.scrobble")).items()
    assert (record["mbid"], record["isrc"]) == (f"mbid:{mbid.upper()}", "gb aye 85 00042")
    assert made["uri"].endswith(rkey)


async def test_real_repeats_are_kept(server: Server):
    for seconds in (0, 1, 182):
        await server.scrobble(**{**PLAY, "timestamp": PLAYED_AT + seconds})
    await server.scrobble(**{**PLAY, "title": "The Big Sky"})
    assert len(await history(server)) == 4


async def test_plays_without_a_time_are_one_within_half_their_length(server: Server):
    play = {"title": "Echoes", "artist": "Pink Floyd", "duration": 1_410_000}
    now = int(time.time())
    earlier = await server.scrobble(**play, timestamp=now - 600)
    assert (await server.scrobble(**play))["uri"] == earlier["uri"]
    other = await server.scrobble(title="Seamus", artist="Pink Floyd", timestamp=now - 600)
    assert (await server.scrobble(title="Seamus", artist="Pink Floyd"))["uri"] != other["uri"]
    assert len(await history(server)) == 3


async def test_an_idempotency_key_makes_a_retry_safe(server: Server):
    headers = {"Idempotency-Key": "play-1"}
    first = await server.tell(CREATE, PLAY, token=server.token, headers=headers)
    again = await server.tell(CREATE, {**PLAY, "timestamp": PLAYED_AT + 999}, token=server.token, headers=headers)
    assert first[0] == again[0] == 200
    assert first[1]["uri"] == again[1]["uri"]
    bob = await server.create_account("bob")
    status, made = await server.tell(CREATE, PLAY, token=bob.token, headers=headers)
    assert status == 200
    assert made["uri"] != first[1]["uri"], "another account's key is another key"
    assert len(await history(server)) == 2


async def test_why_a_submission_was_a_duplicate_is_recorded(server: Server):
    await server.scrobble(**PLAY)
    await server.scrobble(**PLAY)

    def journal():
        from tonearm.index.engine import select

        return (yield select("SELECT outcome, reason, raw FROM journal ORDER BY journal_id"))

    rows = await server.core.index.read(journal())
    assert [row[:2] for row in rows] == [("stored", "new"), ("duplicate", "same second, same song")]
    assert b"Hounds of Love" in rows[1][2]


async def test_what_was_assumed_is_said_in_the_record_and_unknown_in_the_index(server: Server):
    await server.scrobble(title="Weightless", artist="Marconi Union", timestamp=PLAYED_AT)
    await server.drained()
    (record,) = (await server.records("app.rocksky.scrobble")).values()
    assert record["album"] == "Weightless"
    assert record["albumArtist"] == "Marconi Union"
    assert record["duration"] == 1
    assert sorted(record["tonearm"]["assumed"]) == ["album", "albumArtist", "duration"]
    (play,) = await history(server)
    assert "duration" not in play


async def test_text_longer_than_a_record_allows_is_cut_in_the_record_alone(server: Server):
    title = "👩‍👩‍👧‍👧" * 40
    await server.scrobble(title=title, artist="x" * 300, timestamp=PLAYED_AT)
    await server.drained()
    (record,) = (await server.records("app.rocksky.scrobble")).values()
    assert record["title"] == "👩‍👩‍👧‍👧" * 20
    assert record["artist"] == "x" * 256
    assert record["tonearm"]["full"]["title"] == title
    (play,) = await history(server)
    assert (play["title"], play["artist"]) == (title, "x" * 300)


@pytest.mark.parametrize(
    ("timestamp", "date"),
    [
        (PLAYED_AT, "2023-11-14T22:13:20.000Z"),
        (PLAYED_AT * 1000, "2023-11-14T22:13:20.000Z"),
        (1_035_072_000, "2002-10-20T00:00:00.000Z"),
    ],
    ids=["seconds", "milliseconds", "the_earliest"],
)
async def test_play_times_are_understood(server: Server, timestamp: int, date: str):
    assert (await server.scrobble(**{**PLAY, "timestamp": timestamp}))["date"] == date


@pytest.mark.parametrize("timestamp", [0, None])
async def test_no_play_time_is_now(server: Server, timestamp: int | None):
    before = int(time.time())
    made = await server.scrobble(**{**PLAY, "timestamp": timestamp})
    when = time.strptime(made["date"], "%Y-%m-%dT%H:%M:%S.000Z")
    assert before <= __import__("calendar").timegm(when) <= time.time()


@pytest.mark.parametrize(
    "timestamp",
    [1_035_071_999, -5, int(time.time()) + 7200, 2**53 - 1],
    ids=["early", "negative", "ahead", "huge"],
)
async def test_impossible_play_times_are_refused(server: Server, timestamp: int):
    status, answer = await server.tell(CREATE, {**PLAY, "timestamp": timestamp}, token=server.token)
    assert (status, answer["error"]) == (400, "TimestampOutOfRange")
    assert "2002-10-20" in answer["message"]
    assert await history(server) == []


@pytest.mark.parametrize("blank", ["title", "artist"])
async def test_a_play_without_title_or_artist_is_refused(server: Server, blank: str):
    status, answer = await server.tell(CREATE, {**PLAY, blank: "  "}, token=server.token)
    assert (status, answer["error"]) == (400, "InvalidScrobble")
    assert blank in answer["message"]
    assert await history(server) == []


async def test_nobody_scrobbles_without_a_token(server: Server):
    status, answer = await server.tell(CREATE, PLAY)
    assert (status, answer["error"]) == (401, "AuthenticationRequired")
    status, answer = await server.tell(CREATE, PLAY, token="tnrm_no-such-token")
    assert (status, answer["error"]) == (401, "InvalidToken")
    weak = await server.core.api_tokens.create(server.first.actor_id, "reader", ["read"])
    status, answer = await server.tell(CREATE, PLAY, token=weak)
    assert (status, answer["error"]) == (403, "Forbidden")
    assert await history(server) == []


async def test_a_session_of_the_builtin_pds_may_scrobble(server: Server):
    status, session = await server.tell(
        "com.atproto.server.createSession", {"identifier": server.handle, "password": server.password}
    )
    assert status == 200, session
    status, made = await server.tell(CREATE, PLAY, token=session["accessJwt"])
    assert status == 200, made
    assert len(await history(server)) == 1


async def test_nulls_and_unknown_fields_are_no_reason_to_lose_a_play(server: Server):
    made = await server.scrobble(**PLAY, isrc=None, lyrics=None, artists=None, somethingNew={"a": [1]})
    assert made["title"] == "Hounds of Love"


async def test_typographic_apostrophes_and_white_space_are_tidied(server: Server):
    made = await server.scrobble(title="  Don\u2019t Give Up ", artist="Peter Gabriel", album=" ", timestamp=PLAYED_AT)
    assert made["title"] == "Don't Give Up"
    assert made["album"] == "Don't Give Up"
