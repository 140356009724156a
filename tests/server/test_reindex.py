"""The index is a function of the repositories: rebuilt from them, it gives the same answers."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.obstacles import Obstacles
from tests.support.reindexing import reindexed, rows, wiped
from tests.support.world import World, seeded_world
from tonearm.index.engine import Work, execute, select
from tonearm.pds.errors import PdsRefusedError, PdsUnavailableError
from tonearm.services.indexing import Indexing
from tonearm.services.reindex import Reindex

if TYPE_CHECKING:
    from tests.support.server import Person, Server

SCROBBLE = "app.rocksky.scrobble"
PLAYED_AT = 1_700_000_000

ODD_PLAYS: list[dict[str, Any]] = [
    {"title": "Bare", "artist": "Nobody in Particular"},
    {"title": "Long", "artist": "A" * 300, "album": "B" * 300, "duration": 60_000},
    {"title": "👩‍👩‍👧‍👧" * 40, "artist": "Family", "album": "Portraits", "albumArtist": "C" * 300},
    {"title": "Only the album is known", "artist": "Somebody", "album": "Half a Label"},
    {"title": "Only the length is known", "artist": "Somebody", "duration": 61_000},
    {
        "title": "Everything",
        "artist": "Many & Few",
        "artists": [{"name": "Many", "mbid": "4b585938-f271-45e2-b19a-91c634b5e396"}, {"name": "Few"}],
        "album": "All of It",
        "albumArtist": "Many",
        "duration": 123_456,
        "trackNumber": 7,
        "discNumber": 2,
        "year": 1999,
        "releaseDate": "1999-12-31",
        "mbId": "0b9b5a4e-0e5c-4ea7-a0f2-52de9e9bd2a5",
        "isrc": "GB-AYE-85-00042",
        "genres": ["rock", "stone"],
        "composer": "Many",
        "label": "Few Records",
        "copyrightMessage": "(c) Few",
        "lyrics": "la la la",
        "albumArt": "https://images.example/all.png",
        "artistPicture": "https://images.example/many.png",
        "spotifyLink": "https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC",
        "lastfmLink": "https://www.last.fm/music/Many",
        "deezerLink": "https://www.deezer.com/track/1",
    },
]


async def answers(server: Server, people: list[Person], made: list[dict[str, Any]]) -> dict[tuple[Any, ...], Any]:
    """What every implemented read says: of every listener, and of everything that a play has named."""
    found: dict[tuple[Any, ...], Any] = {}

    async def ask(nsid: str, **params: Any) -> None:
        status, answer = await server.ask(nsid, **params)
        assert status == 200, (nsid, params, answer)
        found[nsid, *params.values()] = answer

    await ask("app.rocksky.scrobble.getScrobbles", limit=1000)
    for person in people:
        await ask("app.rocksky.scrobble.getScrobbles", did=person.did, limit=1000)
        await ask("app.rocksky.actor.getActorScrobbles", did=person.handle, limit=1000)
        await ask("app.rocksky.actor.getProfile", did=person.did)
    for uri in {view["uri"] for view in made}:
        await ask("app.rocksky.scrobble.getScrobble", uri=uri)
    for nsid, field in (
        ("app.rocksky.song.getSong", "trackUri"),
        ("app.rocksky.album.getAlbum", "albumUri"),
        ("app.rocksky.artist.getArtist", "artistUri"),
    ):
        for uri in {view[field] for view in made}:
            await ask(nsid, uri=uri)
    return found


async def odd_plays(server: Server, who: Person) -> list[dict[str, Any]]:
    return [
        await server.scrobble(who, **play, timestamp=PLAYED_AT + 1000 * number) for number, play in enumerate(ODD_PLAYS)
    ]


@pytest.fixture
async def world(server: Server) -> World:
    return await seeded_world(server)


async def test_a_wiped_index_is_rebuilt_to_the_same_answers(server: Server, world: World) -> None:
    people = list(world.people.values())
    made = [*world.uris.values(), *await odd_plays(server, world.people["bob"])]
    await server.drained()
    before = await answers(server, people, made)
    assert len(before) > 100
    await wiped(server)
    assert (await server.ask("app.rocksky.scrobble.getScrobbles"))[1] == {"scrobbles": []}
    outcomes = await reindexed(server)
    plays = {person.handle: len(world.of(name)) for name, person in world.people.items()}
    plays["bob.test"] += len(ODD_PLAYS)
    assert {handle: (o.records, o.added, o.removed, o.unreadable) for handle, o in outcomes.items()} == {
        handle: (count, count, 0, 0) for handle, count in plays.items()
    }
    after = await answers(server, people, made)
    assert {key: value for key, value in after.items() if value != before[key]} == {}


async def test_identifiers_lead_to_the_same_songs(server: Server) -> None:
    await odd_plays(server, server.first)
    await server.drained()
    asked = [{"mbid": ODD_PLAYS[5]["mbId"]}, {"isrc": "GBAYE8500042"}, {"spotifyId": "4uLU6hMCjMI75M1A2tKUQC"}]
    before = [await server.ask("app.rocksky.song.getSong", **params) for params in asked]
    assert {(status, view["title"]) for status, view in before} == {(200, "Everything")}
    await wiped(server)
    await reindexed(server)
    assert [await server.ask("app.rocksky.song.getSong", **params) for params in asked] == before


async def test_what_a_record_had_to_assume_is_unknown_again(server: Server) -> None:
    await odd_plays(server, server.first)
    await server.drained()
    await wiped(server)
    await reindexed(server)
    status, page = await server.ask("app.rocksky.scrobble.getScrobbles")
    assert status == 200
    views = {view["title"]: view for view in page["scrobbles"]}
    assert len(views) == len(ODD_PLAYS)
    for play in ODD_PLAYS:
        view = views[play["title"]]
        assert view["artist"] == play["artist"], "over-long text is whole again"
        assert view["album"] == play.get("album", play["title"])
        assert view["albumArtist"] == play.get("albumArtist", play["artist"])
        assert view.get("duration") == play.get("duration")
        assert (view.get("trackNumber"), view.get("tags")) == (play.get("trackNumber"), play.get("genres"))

    def assumed() -> Work[dict[str, int]]:
        return dict((yield select("SELECT title, assumed FROM album")))

    albums = await server.core.index.read(assumed())
    assert {title for title, stands_in in albums.items() if stands_in} == {"Bare", "Only the length is known"}


async def test_reindexing_an_index_that_is_right_changes_nothing(server: Server, world: World) -> None:
    await odd_plays(server, server.first)
    await server.drained()
    before = await rows(server)
    assert len(before["play"]) == len(world.plays) + len(ODD_PLAYS)
    for _ in range(2):
        outcomes = await reindexed(server)
        assert {(o.added, o.removed, o.unreadable) for o in outcomes.values()} == {(0, 0, 0)}
        assert sum(o.records for o in outcomes.values()) == len(before["play"])
        assert await rows(server) == before


TITLES = ["Wow", "Symphony in Blue", "Hammer Horror", "Fullhouse", "Coffee Homeground", "Don't Push Your Foot"]
FACTS: list[dict[str, Any]] = [
    {},
    {"album": "Lionheart"},
    {"album": "wow"},
    {"duration": 238_000},
    {"duration": 240_000, "trackNumber": 2},
    {"mbId": "0b9b5a4e-0e5c-4ea7-a0f2-52de9e9bd2a5", "isrc": "GBAYE7800123"},
    {"album": "Lionheart", "albumArtist": "Kate Bush & Band", "year": 1978},
    {"album": "Lionheart", "albumArt": "https://images.example/lionheart.png", "releaseDate": "1978-11-12"},
    {"artistPicture": "https://images.example/kate.png", "genres": ["pop"]},
    {"album": "WOW", "albumArt": "https://images.example/wow.png", "year": 1979},
]


@pytest.mark.parametrize("seed", range(3))
async def test_a_rebuilt_catalogue_has_the_rows_that_grew(server: Server, seed: int) -> None:
    """Three name the same songs in their own ways, in an order that has nothing to do with when they heard them."""
    rng = random.Random(seed)
    people = [server.first, await server.create_account("bob"), await server.create_account("zoe")]
    seconds = rng.sample(range(PLAYED_AT, PLAYED_AT + 10_000_000, 1000), 60)
    for group in range(0, 60, 6):
        await asyncio.gather(
            *(
                server.scrobble(
                    rng.choice(people),
                    title=rng.choice([str, str.upper, str.lower])(rng.choice(TITLES)),
                    artist=rng.choice(["Kate Bush", "kate bush"]),
                    timestamp=second,
                    **rng.choice(FACTS),
                )
                for second in seconds[group : group + 6]
            )
        )
    await server.drained()
    before = await rows(server)
    assert len({row[-1] for row in before["song"]}) == 3, "each has made something"
    assert len(before["play"]) == 60
    await wiped(server)
    await reindexed(server)
    assert await rows(server) == before


async def test_rebuilding_twice_gives_the_same_rows(server: Server, world: World) -> None:
    await server.drained()
    found = []
    for _ in range(2):
        await wiped(server)
        await reindexed(server)
        found.append(await rows(server))
    assert found[0] == found[1]
    assert len(found[0]["play"]) == len(world.plays)


async def test_plays_on_their_way_are_left_in_history(server: Server, world: World) -> None:
    """Beside a serving process: some plays wait for their repository, one is refused, one comes in meanwhile."""
    await server.drained()
    obstacles = Obstacles.put_up(server.core)
    bob, zoe = world.people["bob"], world.people["zoe"]
    obstacles.refuse(bob.did, PdsUnavailableError("down"))
    obstacles.refuse(zoe.did, PdsRefusedError("InvalidRecord", "no"), SCROBBLE)
    for number, who in enumerate((bob, bob, zoe)):
        await server.scrobble(who, title=f"Waiting {number}", artist="Someone", timestamp=PLAYED_AT + number)
        await obstacles.tried(who.did)
    history = (await server.ask("app.rocksky.scrobble.getScrobbles", limit=1000))[1]["scrobbles"]
    assert len(history) == len(world.plays) + 3
    late, outcomes = await asyncio.gather(
        server.scrobble(bob, title="Meanwhile", artist="Someone", timestamp=PLAYED_AT + 60), reindexed(server)
    )
    assert {outcome.removed for outcome in outcomes.values()} == {0}
    after = (await server.ask("app.rocksky.scrobble.getScrobbles", limit=1000))[1]["scrobbles"]
    assert [view["uri"] for view in after] == [late["uri"], *(view["uri"] for view in history)]
    obstacles.free(bob.did)
    await server.core.outbox.resume(bob.actor_id)
    await server.drained()
    assert len(await server.records(SCROBBLE, bob)) == len(world.of("bob")) + 3


async def test_plays_on_their_way_are_put_back_into_a_wiped_index(server: Server) -> None:
    obstacles = Obstacles.put_up(server.core)
    obstacles.refuse(server.did, PdsUnavailableError("down"))
    made = await server.scrobble(title="Waiting", artist="Someone", timestamp=PLAYED_AT)
    await wiped(server)
    await reindexed(server)
    page = (await server.ask("app.rocksky.scrobble.getScrobbles"))[1]
    assert [view["uri"] for view in page["scrobbles"]] == [made["uri"]]


async def direct(server: Server, method: str, **body: Any) -> Any:
    """Another client changes the repository, past our index."""
    status, session = await server.tell(
        "com.atproto.server.createSession", {"identifier": server.handle, "password": server.password}
    )
    assert status == 200
    whole = {"repo": server.did, "collection": SCROBBLE, **body}
    status, answer = await server.tell(f"com.atproto.repo.{method}", whole, token=session["accessJwt"])
    assert status == 200, answer
    return answer


FOREIGN = {
    "$type": SCROBBLE,
    "title": "Hammer Horror",
    "artist": "Kate Bush",
    "album": "Lionheart",
    "albumArtist": "Kate Bush",
    "duration": 278_000,
    "createdAt": "2023-11-14T22:13:20.000Z",
}


async def test_what_another_client_wrote_appears_and_what_it_deleted_disappears(server: Server) -> None:
    kept, gone = [
        await server.scrobble(title=title, artist="Kate Bush", album="Lionheart", timestamp=PLAYED_AT + 60)
        for title in ("Wow", "Kashka from Baghdad")
    ]
    await server.drained()
    written = await direct(server, "createRecord", record=FOREIGN, rkey="3ke6kg4g4jq2t")
    await direct(server, "deleteRecord", rkey=gone["uri"].rsplit("/", 1)[1])
    (outcome,) = (await reindexed(server)).values()
    assert (outcome.records, outcome.added, outcome.removed, outcome.unreadable) == (2, 1, 1, 0)
    status, page = await server.ask("app.rocksky.actor.getActorScrobbles", did=server.did)
    assert status == 200
    assert {view["uri"] for view in page["scrobbles"]} == {kept["uri"], written["uri"]}
    (shown,) = [view for view in page["scrobbles"] if view["uri"] == written["uri"]]
    assert (shown["title"], shown["album"], shown["duration"]) == ("Hammer Horror", "Lionheart", 278_000)
    _, album = await server.ask("app.rocksky.album.getAlbum", uri=kept["albumUri"])
    assert album["playCount"] == 2
    assert {track["title"]: track["playCount"] for track in album["tracks"]} == {
        "Wow": 1,
        "Hammer Horror": 1,
        "Kashka from Baghdad": 0,
    }
    again = await reindexed(server)
    assert [(o.added, o.removed) for o in again.values()] == [(0, 0)]


async def test_records_that_are_no_plays_are_counted_and_passed_over(server: Server) -> None:
    made = await server.scrobble(title="Wow", artist="Kate Bush", timestamp=PLAYED_AT)
    await server.drained()
    await direct(server, "createRecord", record={**FOREIGN, "title": ""}, rkey="3ke6kg4g4jq2t", validate=False)
    await direct(server, "createRecord", record={"$type": SCROBBLE}, rkey="3ke6kg4g4jq3t", validate=False)
    odd = {**FOREIGN, "duration": "long", "tags": "horror", "artists": [1], "tonearm": [], "year": -1, "mbid": 7}
    await direct(server, "createRecord", record=odd, rkey="3ke6kg4g4jq4t", validate=False)
    (outcome,) = (await reindexed(server)).values()
    assert (outcome.records, outcome.added, outcome.removed, outcome.unreadable) == (4, 1, 0, 2)
    status, page = await server.ask("app.rocksky.scrobble.getScrobbles")
    assert status == 200
    assert {view["title"] for view in page["scrobbles"]} == {"Wow", "Hammer Horror"}
    assert made["uri"] in {view["uri"] for view in page["scrobbles"]}


async def test_a_deleted_play_stays_deleted(server: Server) -> None:
    """A tombstone stands against it, and so does a record that turns up in the repository under its key."""
    made = await server.scrobble(title="Wow", artist="Kate Bush", timestamp=PLAYED_AT)
    await server.drained()
    rkey = made["uri"].rsplit("/", 1)[1]

    def bury() -> Work[None]:
        (tid,) = (yield select("SELECT tid FROM play"))[0]
        yield from server.core.indexing.unindex_play(server.first.actor_id, tid)
        yield execute("INSERT INTO tombstone VALUES ($1, $2, 1)", server.first.actor_id, tid)

    await server.core.index.write(bury())
    assert list(await server.records(SCROBBLE)) == [rkey]
    (outcome,) = (await reindexed(server)).values()
    assert (outcome.records, outcome.added) == (1, 0)
    assert (await server.ask("app.rocksky.scrobble.getScrobbles"))[1] == {"scrobbles": []}


async def test_more_records_than_a_chunk_are_all_put_in(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tonearm.services.reindex.CHUNK", 7)
    world = await seeded_world(server, plays=40)
    await server.drained()
    before = await rows(server)
    await wiped(server)
    seen: dict[str, list[int]] = {}
    core = server.core
    work = Reindex(core.index, Indexing(), core.pds, core.remote)
    await work.run(await work.accounts(), progress=lambda what, done: seen.setdefault(what, []).append(done))
    assert seen.pop("put in") == [*range(7, 40, 7), 40]
    assert seen == {
        person.handle: [*range(7, len(world.of(name)), 7), len(world.of(name))] for name, person in world.people.items()
    }
    assert len(before["play"]) == 40
    assert await rows(server) == before


async def test_who_played_first_makes_the_song_after_a_rebuild_too(server: Server) -> None:
    """Two spell the same song differently, and one of them knows its length."""
    bob = await server.create_account("bob")
    first = await server.scrobble(bob, title="wow", artist="kate bush", timestamp=PLAYED_AT)
    await server.scrobble(title="Wow", artist="Kate Bush", duration=238_000, timestamp=PLAYED_AT + 60)
    await server.drained()
    before = await server.ask("app.rocksky.song.getSong", uri=first["trackUri"])
    assert (before[1]["title"], before[1].get("duration")) == ("wow", None)
    await wiped(server)
    await reindexed(server)
    assert await server.ask("app.rocksky.song.getSong", uri=first["trackUri"]) == before
