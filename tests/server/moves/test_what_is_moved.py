"""What becomes of records of every kind, of files, and of what both repositories have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.moving import SCROBBLE, START, heard, history, link, moved, same_after_reindex, session
from tests.support.server import PASSWORD
from tests.support.world import SONGS
from tonearm.atproto.tid import tid_int, tid_text
from tonearm.services.records import datetime_text

if TYPE_CHECKING:
    from tests.support.moving import Elsewhere
    from tests.support.server import Server

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(200)
PROFILE = "app.bsky.actor.profile"
LIKE = "app.rocksky.like"


def record_of(number: int, second: int, **more: Any) -> dict[str, Any]:
    """A scrobble record as another client writes it."""
    song = SONGS[number]
    return {
        "$type": SCROBBLE,
        **{name: song[name] for name in ("title", "artist", "album", "duration")},
        "albumArtist": song.get("albumArtist", song["artist"]),
        "createdAt": datetime_text(second),
        **more,
    }


def key_of(second: int) -> str:
    """A record key that another client would take."""
    return tid_text((second * 1_000_000 + 123_456) << 10 | 7)


async def write(server: Server, collection: str, rkey: str, record: dict[str, Any]) -> dict[str, Any]:
    """Write to the local account's own repository, as an app does that knows nothing of us."""
    token = await session(server, server.first)
    body = {"repo": server.did, "collection": collection, "rkey": rkey, "record": record, "validate": False}
    status, answer = await server.tell("com.atproto.repo.createRecord", body, token=token)
    assert status == 200, answer
    return answer


async def upload(server: Server, content: bytes) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {await session(server, server.first)}", "Content-Type": "image/png"}
    url = f"{server.url}/xrpc/com.atproto.repo.uploadBlob"
    async with server.http.post(url, data=content, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return (await answer.json())["blob"]


async def test_files_go_along_with_the_records_that_have_them(home: Server, elsewhere: Elsewhere) -> None:
    blob = await upload(home, PICTURE)
    profile = {"$type": PROFILE, "displayName": "Alice", "avatar": blob}
    await write(home, PROFILE, "self", profile)
    await link(home, home.first, elsewhere.did, PASSWORD, elsewhere.server.url)
    await moved(home, home.first)
    assert await elsewhere.records(PROFILE) == {"self": profile}
    url = f"{elsewhere.server.url}/xrpc/com.atproto.sync.getBlob"
    async with home.http.get(url, params={"did": elsewhere.did, "cid": blob["ref"]["$link"]}) as answer:
        assert await answer.read() == PICTURE


async def test_what_a_record_says_of_its_own_repository_is_led_on(home: Server, elsewhere: Elsewhere) -> None:
    made = await home.scrobble(**SONGS[0], timestamp=START)
    await home.drained()
    _, found = await home.ask(
        "com.atproto.repo.getRecord", repo=home.did, collection=SCROBBLE, rkey=made["uri"].rsplit("/", 1)[1]
    )
    subject = {"uri": found["uri"], "cid": found["cid"]}
    like = {"$type": LIKE, "createdAt": datetime_text(START), "subject": subject}
    await write(home, LIKE, key_of(START), like)
    await link(home, home.first, elsewhere.did, PASSWORD, elsewhere.server.url)
    await moved(home, home.first)
    (copy,) = (await elsewhere.records(LIKE)).values()
    assert copy["subject"]["uri"] == found["uri"].replace(home.did, elsewhere.did)
    rkey = copy["subject"]["uri"].rsplit("/", 1)[1]
    status, there = await elsewhere.server.ask(
        "com.atproto.repo.getRecord", repo=elsewhere.did, collection=SCROBBLE, rkey=rkey
    )
    assert (status, there["cid"]) == (200, copy["subject"]["cid"])


async def test_another_record_under_the_key_is_left_and_ours_stands_in_the_queue(
    home: Server, elsewhere: Elsewhere
) -> None:
    await write(home, PROFILE, "self", {"$type": PROFILE, "displayName": "Alice here"})
    await elsewhere.write(PROFILE, "self", {"$type": PROFILE, "displayName": "Alice elsewhere"})
    await link(home, home.first, elsewhere.did, PASSWORD, elsewhere.server.url)
    view = await moved(home, home.first)
    assert view.refused == 1
    assert (await elsewhere.records(PROFILE))["self"]["displayName"] == "Alice elsewhere"
    _, queue = await home.ask("app.tonearm.journal.getQueue", token=home.token)
    (entry,) = queue["entries"]
    assert (entry["state"], entry["reason"], entry["record"]["displayName"]) == (
        "refused",
        "RecordExists",
        "Alice here",
    )
    status, _ = await home.tell("app.tonearm.journal.discardEntry", {"id": entry["id"]}, token=home.token)
    assert status == 200
    _, queue = await home.ask("app.tonearm.journal.getQueue", token=home.token)
    assert queue["entries"] == []


async def test_a_play_that_both_have_is_not_doubled(server: Server, elsewhere: Elsewhere) -> None:
    both = await server.scrobble(**SONGS[0], timestamp=START)
    ours = await server.scrobble(**SONGS[1], timestamp=START + 300)
    await server.drained()
    await elsewhere.write(SCROBBLE, key_of(START), record_of(0, START))
    await elsewhere.write(SCROBBLE, key_of(START + 600), record_of(2, START + 600))
    await link(server, server.first, elsewhere.did, PASSWORD, elsewhere.server.url)
    view = await moved(server, server.first)
    records = await elsewhere.records()
    own = ours["uri"].rsplit("/", 1)[1]
    assert records.keys() == {key_of(START), key_of(START + 600), own}
    assert set(heard(records).values()) == {1}
    assert view.passed_over == 1
    assert (await history(server, elsewhere.did)).keys() == records.keys()
    again = await server.scrobble(**SONGS[0], timestamp=START)
    assert again["uri"] == f"at://{elsewhere.did}/{SCROBBLE}/{key_of(START)}"
    status, found = await server.ask("app.rocksky.scrobble.getScrobble", uri=both["uri"])
    assert (status, found["uri"]) == (200, again["uri"])
    await same_after_reindex(server)


async def test_a_play_whose_key_the_outside_repository_uses_for_another_moves_to_the_next(
    server: Server, elsewhere: Elsewhere
) -> None:
    made = await server.scrobble(**SONGS[0], timestamp=START)
    await server.drained()
    rkey = made["uri"].rsplit("/", 1)[1]
    await elsewhere.write(SCROBBLE, rkey, record_of(1, START))
    await link(server, server.first, elsewhere.did, PASSWORD, elsewhere.server.url)
    await moved(server, server.first)
    records = await elsewhere.records()
    beside = tid_text(tid_int(rkey) + 1)
    assert {key: record["title"] for key, record in records.items()} == {
        rkey: SONGS[1]["title"],
        beside: SONGS[0]["title"],
    }
    assert (await history(server, elsewhere.did)).keys() == records.keys()
    again = await server.scrobble(**SONGS[0], timestamp=START)
    assert again["uri"].rsplit("/", 1)[1] == beside
    await same_after_reindex(server)


async def test_the_same_key_and_play_with_other_details_is_the_outside_record(
    home: Server, elsewhere: Elsewhere
) -> None:
    made = await home.scrobble(**SONGS[0], timestamp=START)
    await home.drained()
    rkey = made["uri"].rsplit("/", 1)[1]
    await elsewhere.write(SCROBBLE, rkey, record_of(0, START, isrc="GBBPW9800101"))
    await link(home, home.first, elsewhere.did, PASSWORD, elsewhere.server.url)
    await moved(home, home.first)
    records = await elsewhere.records()
    assert records.keys() == {rkey}
    assert records[rkey]["isrc"] == "GBBPW9800101"
    await same_after_reindex(home)
