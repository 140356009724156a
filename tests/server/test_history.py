"""Reading back: every implemented read on a seeded world, against a recount in plain Python."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.support.server import Server
from tests.support.world import SONGS, World, album_artist_or, seeded_world

GET_SCROBBLES = "app.rocksky.scrobble.getScrobbles"
GET_ACTOR_SCROBBLES = "app.rocksky.actor.getActorScrobbles"


@pytest.fixture
async def world(server: Server) -> World:
    return await seeded_world(server)


def stamp(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(second))


def told(play: tuple[str, int, int], world: World) -> tuple[Any, ...]:
    name, number, second = play
    song = SONGS[number]
    return (world.people[name].handle, song["title"], song["artist"], album_artist_or(song, "album"), stamp(second))


def shown(view: dict[str, Any]) -> tuple[Any, ...]:
    return (view["handle"], view["title"], view["artist"], view["album"], view["timestamp"])


async def test_everybodys_plays_are_latest_first(server: Server, world: World):
    status, page = await server.ask(GET_SCROBBLES, limit=1000)
    assert status == 200
    assert [shown(view) for view in page["scrobbles"]] == [told(play, world) for play in world.latest()]
    assert "cursor" not in page


async def test_the_default_page_has_twenty_plays_and_a_cursor(server: Server, world: World):
    _, page = await server.ask(GET_SCROBBLES)
    assert [shown(view) for view in page["scrobbles"]] == [told(play, world) for play in world.latest()[:20]]
    assert page["cursor"]


@pytest.mark.parametrize("method", [GET_SCROBBLES, GET_ACTOR_SCROBBLES])
@pytest.mark.parametrize("by", ["did", "handle"])
async def test_an_actors_plays_page_to_the_end_by_cursor(server: Server, world: World, method: str, by: str):
    bob = world.people["bob"]
    found: list[dict[str, Any]] = []
    params: dict[str, Any] = {"did": getattr(bob, by), "limit": 7}
    while True:
        status, page = await server.ask(method, **params)
        assert status == 200
        assert len(page["scrobbles"]) <= 7
        found += page["scrobbles"]
        if "cursor" not in page:
            break
        params["cursor"] = page["cursor"]
    assert [shown(view) for view in found] == [told(play, world) for play in world.of("bob")]
    assert [view["uri"] for view in found] == [world.uris[play]["uri"] for play in world.of("bob")]


async def test_pages_by_offset_and_by_cursor_agree(server: Server, world: World):
    _, whole = await server.ask(GET_SCROBBLES, limit=60)
    _, middle = await server.ask(GET_SCROBBLES, limit=10, offset=20)
    assert middle["scrobbles"] == whole["scrobbles"][20:30]
    _, past_the_end = await server.ask(GET_SCROBBLES, limit=10, offset=1000)
    assert past_the_end == {"scrobbles": []}


async def test_a_play_put_in_meanwhile_moves_no_keyset_page(server: Server, world: World):
    _, first = await server.ask(GET_SCROBBLES, limit=10)
    await server.scrobble(title="New", artist="Someone", timestamp=int(time.time()) - 60)
    _, second = await server.ask(GET_SCROBBLES, limit=10, cursor=first["cursor"])
    expected = [told(play, world) for play in world.latest()[10:20]]
    assert [shown(view) for view in second["scrobbles"]] == expected


async def test_equal_times_have_one_order(server: Server, world: World):
    for person in world.people.values():
        for number in range(3):
            await server.scrobble(person, **SONGS[number], timestamp=1_650_000_000)
    _, whole = await server.ask(GET_SCROBBLES, limit=1000)
    _, again = await server.ask(GET_SCROBBLES, limit=1000)
    assert whole == again
    assert len(whole["scrobbles"]) == len(world.plays) + 9
    paged: list[dict[str, Any]] = []
    params: dict[str, Any] = {"limit": 4}
    while True:
        _, page = await server.ask(GET_SCROBBLES, **params)
        paged += page["scrobbles"]
        if "cursor" not in page:
            break
        params["cursor"] = page["cursor"]
    assert paged == whole["scrobbles"]


async def test_a_limit_above_a_thousand_is_taken_as_a_thousand(server: Server, world: World):
    status, page = await server.ask(GET_SCROBBLES, limit=5000)
    assert status == 200
    assert len(page["scrobbles"]) == len(world.plays)


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"limit": 0}, "InvalidRequest"),
        ({"limit": "many"}, "InvalidRequest"),
        ({"offset": -1}, "InvalidRequest"),
        ({"cursor": "yesterday"}, "InvalidCursor"),
        ({"cursor": "ff"}, "InvalidCursor"),
        ({"did": "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"}, "ActorNotFound"),
        ({"did": "nobody.test"}, "ActorNotFound"),
        ({"did": "not a name"}, "InvalidRequest"),
        ({"filter": "title==x"}, "InvalidFilter"),
    ],
)
async def test_bad_parameters_are_named(server: Server, world: World, params: dict[str, Any], error: str):
    status, answer = await server.ask(GET_SCROBBLES, **params)
    assert (status, answer["error"]) == (400, error)


async def test_one_play_on_its_own(server: Server, world: World):
    for play in world.plays[:12]:
        name, number, second = play
        made = world.uris[play]
        status, view = await server.ask("app.rocksky.scrobble.getScrobble", uri=made["uri"])
        assert status == 200
        song = SONGS[number]
        plays, listeners = world.count(title=song["title"])
        assert (view["title"], view["artist"], view["user"]) == (
            song["title"],
            song["artist"],
            world.people[name].handle,
        )
        assert (view["scrobbles"], view["listeners"]) == (plays, listeners)
        assert view["date"] == stamp(second)
        first = world.first(number)
        assert view["firstScrobble"]["handle"] == world.people[first[0]].handle
        assert view["firstScrobble"]["timestamp"] == stamp(first[2])
        assert (view["uri"], view["artistUri"], view["albumUri"]) == (made["uri"], made["artistUri"], made["albumUri"])
        assert view["sha256"] == made["sha256"]


async def test_a_song_by_uri_by_isrc_and_what_is_counted(server: Server, world: World):
    for play in world.plays[:12]:
        made, song = world.uris[play], SONGS[play[1]]
        status, view = await server.ask("app.rocksky.song.getSong", uri=made["trackUri"])
        assert status == 200
        assert (view["title"], view["artist"], view["uri"]) == (song["title"], song["artist"], made["trackUri"])
        assert (view["playCount"], view["uniqueListeners"]) == world.count(title=song["title"])
        assert view.get("duration") == song.get("duration")
        assert view.get("tags") == song.get("genres")
        assert [artist["name"] for artist in view.get("artists", [])] == [a["name"] for a in song.get("artists", [])]
        assert view["firstScrobble"]["timestamp"] == stamp(world.first(play[1])[2])
    status, view = await server.ask("app.rocksky.song.getSong", isrc="gb-um7-10-29605")
    assert (status, view["title"]) == (200, "Under Pressure")


async def test_a_song_by_mbid_and_by_spotify_id(server: Server):
    mbid, spotify = "f1e2d3c4-0000-4000-8000-00000000abcd", "4uLU6hMCjMI75M1A2tKUQC"
    link = f"https://open.spotify.com/track/{spotify}?si=1"
    await server.scrobble(
        title="Teardrop", artist="Massive Attack", mbId=mbid, spotifyLink=link, timestamp=1_650_000_000
    )
    for params in ({"mbid": mbid.upper()}, {"spotifyId": spotify}):
        status, view = await server.ask("app.rocksky.song.getSong", **params)
        assert (status, view["title"], view["playCount"]) == (200, "Teardrop", 1)


async def test_an_album_with_its_songs(server: Server, world: World):
    play = next(play for play in world.plays if SONGS[play[1]].get("album") == "Hot Space")
    status, view = await server.ask("app.rocksky.album.getAlbum", uri=world.uris[play]["albumUri"])
    assert status == 200
    assert (view["title"], view["artist"]) == ("Hot Space", "Queen")
    assert (view["playCount"], view["uniqueListeners"]) == world.count(album="Hot Space")
    played = {p[1] for p in world.plays}
    titles = sorted(song["title"] for n, song in enumerate(SONGS) if song.get("album") == "Hot Space" and n in played)
    assert sorted(track["title"] for track in view["tracks"]) == titles
    for track in view["tracks"]:
        assert (track["playCount"], track["uniqueListeners"]) == world.count(title=track["title"])
    assert view["tags"][0] == "rock"


async def test_an_artist_is_the_album_artist(server: Server, world: World):
    play = next(play for play in world.plays if SONGS[play[1]]["title"] == "Under Pressure")
    status, view = await server.ask("app.rocksky.artist.getArtist", uri=world.uris[play]["artistUri"])
    assert status == 200
    assert view["name"] == "Queen"
    assert (view["playCount"], view["uniqueListeners"]) == world.count(albumArtist="Queen")


@pytest.mark.parametrize(
    ("method", "collection"),
    [
        ("app.rocksky.scrobble.getScrobble", "app.rocksky.scrobble"),
        ("app.rocksky.song.getSong", "app.rocksky.song"),
        ("app.rocksky.album.getAlbum", "app.rocksky.album"),
        ("app.rocksky.artist.getArtist", "app.rocksky.artist"),
    ],
)
async def test_what_is_not_there_is_said_to_be_missing(server: Server, world: World, method: str, collection: str):
    missing = f"at://{server.did}/{collection}/3jzfcijpj2z2a"
    stranger = f"at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/{collection}/3jzfcijpj2z2a"
    elsewhere = f"at://{server.did}/app.rocksky.like/3jzfcijpj2z2a"
    for uri in (missing, stranger, elsewhere, f"at://{server.did}"):
        status, answer = await server.ask(method, uri=uri)
        assert (status, answer["error"]) == (400, "RecordNotFound"), uri
    status, answer = await server.ask(method, uri="https://example.org")
    assert (status, answer["error"]) == (400, "InvalidRequest")


async def test_profiles(server: Server, world: World):
    bob = world.people["bob"]
    for who in (bob.did, bob.handle):
        status, view = await server.ask("app.rocksky.actor.getProfile", did=who)
        assert status == 200
        assert (view["did"], view["handle"], view["displayName"]) == (bob.did, bob.handle, bob.handle)
        assert view["avatar"].startswith(server.url)
    status, own = await server.ask("app.rocksky.actor.getProfile", token=bob.token)
    assert own == view
    status, answer = await server.ask("app.rocksky.actor.getProfile")
    assert (status, answer["error"]) == (401, "AuthenticationRequired")
    status, answer = await server.ask("app.rocksky.actor.getProfile", did="nobody.test")
    assert (status, answer["error"]) == (400, "ActorNotFound")
    assert not {"email", "password", "role"} & set(view)


async def test_an_empty_server_answers_empty_lists(server: Server):
    assert await server.ask(GET_SCROBBLES) == (200, {"scrobbles": []})
    assert await server.ask(GET_ACTOR_SCROBBLES, did=server.did) == (200, {"scrobbles": []})


async def test_the_number_of_statements_of_a_page_does_not_grow_with_it(
    server: Server, world: World, monkeypatch: pytest.MonkeyPatch
):
    if server.core.index.dialect != "sqlite":
        return
    from tonearm.index import sqlite

    counted: list[str] = []
    run = sqlite._run

    def counting(connection, statement):
        if " play " in statement.sql:
            counted.append(statement.sql)
        return run(connection, statement)

    monkeypatch.setattr(sqlite, "_run", counting)
    sizes = []
    for limit in (1, 50):
        counted.clear()
        await server.ask(GET_SCROBBLES, limit=limit)
        sizes.append(len(counted))
    assert sizes[0] == sizes[1] == 2
