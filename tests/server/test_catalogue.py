"""The shared catalogue: who may change it, and that both ways into the index are one."""

from __future__ import annotations

from tests.support.server import Server
from tonearm.atproto import dag_cbor
from tonearm.index.engine import select
from tonearm.index.outbox import unconfirmed_writes_of
from tonearm.services.reindex import Reindex

PLAY = {"title": "Hyperballad", "artist": "Björk", "album": "Post", "timestamp": 1_700_000_000}
MBID = "0b9b5a4e-0e5c-4ea7-a0f2-52de9e9bd2a5"


async def song(server: Server, uri: str) -> dict:
    status, view = await server.ask("app.rocksky.song.getSong", uri=uri)
    assert status == 200, view
    return view


async def test_anothers_plays_change_no_shared_title_cover_or_mbid(server: Server):
    cover = "https://images.example/post.jpg"
    made = await server.scrobble(**PLAY, albumArt=cover, mbId=MBID, duration=321_000)
    before = await song(server, made["trackUri"])
    mallory = await server.create_account("mallory")
    theirs = await server.scrobble(
        mallory,
        title="HYPERBALLAD",
        artist="björk",
        album="post",
        albumArt="https://evil.example/x.jpg",
        mbId="ffffffff-ffff-4fff-8fff-ffffffffffff",
        duration=1_000,
        isrc="GBAAA0000001",
        timestamp=1_700_009_000,
    )
    after = await song(server, made["trackUri"])
    counted = {"playCount", "uniqueListeners"}
    assert {k: v for k, v in after.items() if k not in counted} == {k: v for k, v in before.items() if k not in counted}
    assert (after["playCount"], after["uniqueListeners"]) == (2, 2)
    assert after["albumArt"] == cover
    status, album = await server.ask("app.rocksky.album.getAlbum", uri=theirs["albumUri"])
    assert (status, album["title"], album["albumArt"]) == (200, "Post", cover)


async def test_the_maker_of_a_row_completes_it(server: Server):
    made = await server.scrobble(**PLAY)
    assert "duration" not in await song(server, made["trackUri"])
    await server.scrobble(**{**PLAY, "timestamp": 1_700_000_500}, duration=321_000, mbId=MBID, trackNumber=6)
    view = await song(server, made["trackUri"])
    assert (view["duration"], view["mbid"], view["trackNumber"]) == (321_000, MBID, 6)
    await server.scrobble(**{**PLAY, "timestamp": 1_700_001_000}, duration=5_000)
    assert (await song(server, made["trackUri"]))["duration"] == 321_000


async def test_an_address_that_is_no_web_address_is_no_cover(server: Server):
    made = await server.scrobble(**PLAY, albumArt="ftp://images.example/post.jpg")
    assert made["cover"] == f"{server.url}/static/cover.svg"


async def test_a_record_indexed_twice_is_one_play_and_equals_a_submitted_one(server: Server):
    bob = await server.create_account("bob")
    made = await server.scrobble(**PLAY, duration=321_000, genres=["pop"])
    await server.drained()
    ((rkey, record),) = (await server.records("app.rocksky.scrobble")).items()
    uri = f"at://{bob.did}/app.rocksky.scrobble/{rkey}"
    core = server.core
    assert await core.index.write(core.indexing.index_record(uri, "", record)) is True
    assert await core.index.write(core.indexing.index_record(uri, "", record)) is False
    _, ours = await server.ask("app.rocksky.scrobble.getScrobbles", did=server.did)
    _, theirs = await server.ask("app.rocksky.scrobble.getScrobbles", did=bob.did)
    personal = {"uri", "trackUri", "albumUri", "artistUri", "did", "handle", "user", "userDisplayName"}
    (one,), (other,) = ours["scrobbles"], theirs["scrobbles"]
    assert {k: v for k, v in one.items() if k not in personal} == {k: v for k, v in other.items() if k not in personal}
    assert (await song(server, made["trackUri"]))["playCount"] == 2


async def test_what_a_database_cannot_hold_is_absent_from_a_foreign_record(server: Server):
    nul, long = "a\x00b", 2**63 - 1
    odd = {"title": "Hyperballad", "artist": "Björk", "album": nul, "albumArtist": nul, "releaseDate": nul, "mbid": nul}
    odd |= {"isrc": nul, "tags": [nul, "pop"], "artists": [{"name": nul}, {"name": "Björk", "mbid": nul}]}
    odd |= {"duration": long, "year": long, "trackNumber": long, "discNumber": long, "spotifyLink": nul}
    odd |= {"albumArtUrl": f"https://{nul}", "tonearm": {"full": {"title": nul}, "artistPicture": f"https://{nul}"}}
    core = server.core
    uri = f"at://{server.did}/app.rocksky.scrobble/3ke6kg4g4jq2t"
    assert await core.index.write(core.indexing.index_record(uri, "", odd)) is True
    status, play = await server.ask("app.rocksky.scrobble.getScrobble", uri=uri)
    assert (status, play["title"], play["album"], play["albumArtist"]) == (200, "Hyperballad", "Hyperballad", "Björk")
    assert play["tags"] == ["pop"]


async def test_what_the_outbox_holds_has_the_bytes_that_the_repository_gets(server: Server):
    listener = server.first.listener
    await server.core.outbox.resume(listener.actor_id)
    made = await server.scrobble(**PLAY)
    await server.drained()

    def writes():
        return (yield select("SELECT rkey, record FROM repo_write WHERE collection = $1", "app.rocksky.scrobble"))

    ((rkey, block),) = await server.core.index.read(writes())
    assert made["uri"].endswith(rkey)
    assert dag_cbor.decode(block) == (await server.records("app.rocksky.scrobble"))[rkey]
    assert await server.core.index.read(unconfirmed_writes_of(listener.actor_id)) == []


async def test_a_reindex_changes_no_shared_row(server: Server):
    made = await server.scrobble(**PLAY, duration=321_000)
    await server.drained()
    before = await song(server, made["trackUri"])
    core = server.core
    account = await core.accounts.named("alice")
    work = Reindex(core.index, core.indexing, core.pds, core.remote)
    (outcome,) = await work.run([account], progress=lambda _what, _done: None)
    assert (outcome.records, outcome.added, outcome.removed) == (1, 0, 0)
    assert await song(server, made["trackUri"]) == before
