"""A play whose record key another client has taken: where it is found, what a rebuilt index makes of it, what stays
deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.queue_owner import PLAY, PLAYED_AT, SCROBBLE, Owner
from tonearm.atproto.tid import tid_int, tid_text
from tonearm.index.engine import Work, execute, select
from tonearm.pds.errors import PdsRefusedError
from tonearm.services.identity_hash import next_clock_id
from tonearm.services.indexing import Indexing
from tonearm.services.reindex import Outcome, Reindex

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.asyncio(loop_scope="module")

DISCARD, EDIT = "app.tonearm.journal.discardEntry", "app.tonearm.journal.editEntry"
KEYED = {"Idempotency-Key": "one-listen"}
OTHER = {
    "$type": SCROBBLE,
    "title": "Hammer Horror",
    "artist": "Kate Bush",
    "album": "Lionheart",
    "albumArtist": "Kate Bush",
    "duration": 278_000,
    "createdAt": "2023-11-14T22:13:20.000Z",
}


def key_of(uri: str) -> str:
    return uri.rsplit("/", 1)[1]


def after(uri: str) -> str:
    """Where a play is when its first key is taken."""
    return uri.removesuffix(key_of(uri)) + tid_text(next_clock_id(tid_int(key_of(uri))))


async def keep(owner: Owner, **play: Any) -> str:
    """Submit a play under an idempotency key; answers its URI."""
    body = {**PLAY, **play}
    status, made = await owner.server.tell(
        "app.rocksky.scrobble.createScrobble", body, token=owner.who.token, headers=KEYED
    )
    assert status == 200, made
    return made["uri"]


async def another_client_writes(owner: Owner, rkey: str, record: dict[str, Any]) -> None:
    server, who = owner.server, owner.who
    status, session = await server.tell(
        "com.atproto.server.createSession", {"identifier": who.handle, "password": who.password}
    )
    assert status == 200
    body = {"repo": who.did, "collection": SCROBBLE, "rkey": rkey, "record": record, "validate": False}
    status, answer = await server.tell("com.atproto.repo.createRecord", body, token=session["accessJwt"])
    assert status == 200, answer


async def moved_play(owner: Owner, record: dict[str, Any] = OTHER) -> str:
    """Keep a play whose first key another client takes before it is published; answers the URI that it had."""
    uri = await keep(owner)
    await another_client_writes(owner, key_of(uri), record)
    await owner.publish()
    return uri


async def refused_moved_play(owner: Owner, record: dict[str, Any] = OTHER) -> tuple[str, dict[str, Any]]:
    """The same, and under its second key it is refused: the URI that it had, and its entry."""
    uri = await keep(owner)
    await another_client_writes(owner, key_of(uri), record)

    async def refuse(writes: Any) -> None:
        if any(write.rkey == key_of(after(uri)) for write in writes):
            raise PdsRefusedError("InvalidRecord", "not here")

    owner.obstacles.before[owner.who.did] = refuse
    await owner.publish()
    entry = await owner.entry()
    assert (entry["uri"], entry["state"]) == (after(uri), "refused")
    return uri, entry


async def rebuilt(owner: Owner) -> Outcome:
    """Wipe what the index has of this listener, and read it back from their repository."""
    core, actor_id = owner.server.core, owner.who.actor_id

    def wipe() -> Work[None]:
        for table in ("play", "actor_song", "actor_artist", "actor_album"):
            yield execute(f"DELETE FROM {table} WHERE actor_id = $1", actor_id)

    await core.index.write(wipe())
    core.indexing.forget()
    work = Reindex(core.index, Indexing(), core.pds, core.remote)
    accounts = [account for account in await work.accounts() if account.did == owner.who.did]
    (outcome,) = await work.run(accounts, progress=lambda _what, _done: None)
    return outcome


async def of_owner(owner: Owner, sql: str) -> list[Any]:
    def work() -> Work[list[Any]]:
        return (yield select(sql, owner.who.actor_id))

    return await owner.server.core.index.read(work())


async def test_a_moved_play_is_found_where_it_is(owner: Owner) -> None:
    uri = await moved_play(owner)
    assert await owner.entries() == []
    (play,) = await owner.history()
    assert play["uri"] == after(uri)
    assert await keep(owner) == after(uri), "by its idempotency key"
    assert (await owner.server.scrobble(owner.who, **PLAY))["uri"] == after(uri), "and by what it is"
    assert len(await owner.server.records(SCROBBLE, owner.who)) == 2
    moved = tid_int(key_of(after(uri)))
    for kind in ("song", "artist", "album"):
        assert await of_owner(owner, f"SELECT first_tid FROM actor_{kind} WHERE actor_id = $1") == [(moved,)]
    assert await of_owner(owner, "SELECT tid FROM journal WHERE actor_id = $1 ORDER BY journal_id") == [(moved,)] * 3
    assert await of_owner(
        owner, "SELECT rev FROM event e JOIN repo_write w ON w.write_id = e.write_id WHERE w.actor_id = $1 AND rev = ''"
    ) == []  # fmt: skip


async def test_a_rebuilt_index_has_both_the_moved_play_and_what_took_its_key(owner: Owner) -> None:
    uri = await moved_play(owner)
    outcome = await rebuilt(owner)
    assert (outcome.records, outcome.added) == (2, 2)
    assert {play["title"]: play["uri"] for play in await owner.history()} == {
        "Cloudbustin": after(uri),
        "Hammer Horror": uri,
    }


async def test_what_took_the_key_of_a_discarded_play_is_not_deleted_with_it(owner: Owner) -> None:
    uri, entry = await refused_moved_play(owner)
    assert (await owner.tell(DISCARD, id=entry["id"]))[0] == 200
    assert (await owner.server.scrobble(owner.who, **PLAY))["uri"] == uri
    assert await owner.history() == [], "the discarded play does not come back"
    outcome = await rebuilt(owner)
    assert (outcome.records, outcome.added) == (1, 1)
    assert [(play["title"], play["uri"]) for play in await owner.history()] == [("Hammer Horror", uri)]


@pytest.mark.parametrize("place", ["first key", "second key", "any key"])
async def test_a_record_of_a_deleted_play_is_not_read_back_wherever_it_stands(owner: Owner, place: str) -> None:
    """An attempt that was thought to be lost arrives after all, or another server has written the same listen."""
    entry = await owner.refused_play()
    await owner.tell(DISCARD, id=entry["id"])
    keys = {"first key": entry["uri"], "second key": after(entry["uri"]), "any key": after(after(after(entry["uri"])))}
    await another_client_writes(owner, key_of(keys[place]), entry["record"])
    outcome = await rebuilt(owner)
    assert (outcome.records, outcome.added) == (1, 0)
    assert await owner.history() == []
    uri = f"at://{owner.who.did}/{SCROBBLE}/{key_of(keys[place])}"
    core = owner.server.core
    assert await core.index.write(core.indexing.index_record(uri, "", entry["record"])) is False


async def test_the_same_listen_by_another_client_outlives_the_discarded_copy(owner: Owner) -> None:
    """It is in the index before the copy is discarded: the listen itself is not deleted."""
    theirs = {**OTHER, "title": PLAY["title"], "album": PLAY["album"], "duration": 1_000}
    uri, entry = await refused_moved_play(owner, theirs)
    core = owner.server.core
    assert await core.index.write(core.indexing.index_record(uri, "", theirs)) is True
    status, answer = await owner.tell(EDIT, id=entry["id"], trackNumber=5)
    assert (status, answer["error"]) == (400, "DuplicateScrobble")
    assert (await owner.tell(DISCARD, id=entry["id"]))[0] == 200
    for _ in range(2):
        assert [play["uri"] for play in await owner.history()] == [uri]
        assert (await owner.server.scrobble(owner.who, **PLAY))["uri"] == uri
        await rebuilt(owner)


async def test_a_moved_play_that_is_corrected_is_written_where_it_is(owner: Owner) -> None:
    uri, entry = await refused_moved_play(owner)
    status, answer = await owner.tell(EDIT, id=entry["id"], trackNumber=5)
    assert (status, answer["entry"]["uri"]) == (200, after(uri))
    owner.free()
    await owner.publish()
    records = await owner.server.records(SCROBBLE, owner.who)
    assert records == {key_of(uri): OTHER, key_of(after(uri)): {**entry["record"], "trackNumber": 5}}
    before = await owner.history()
    await rebuilt(owner)
    assert [play for play in await owner.history() if play["title"] == "Cloudbustin"] == before


async def test_a_moved_play_that_is_edited_there_and_back_survives_a_rebuilt_index(owner: Owner) -> None:
    uri, entry = await refused_moved_play(owner)
    owner.hindered(PdsRefusedError("InvalidRecord", "nowhere"), SCROBBLE)
    for title in ("Cloudbusting", "Cloudbustin"):
        await owner.publish()
        status, answer = await owner.tell(EDIT, id=entry["id"], title=title)
        assert status == 200, answer
    assert answer["entry"]["uri"] == uri, "it tries its first key again, and has to move again"
    owner.free()
    await owner.publish()
    assert await keep(owner) == after(uri)
    before = await owner.history()
    assert [play["uri"] for play in before] == [after(uri)]
    await rebuilt(owner)
    assert [play for play in await owner.history() if play["uri"] != uri] == before
    assert (await owner.server.scrobble(owner.who, **{**PLAY, "title": "Cloudbusting"}))["uri"] != after(uri)
    assert len(await owner.history()) == 2, "what it was in between stays deleted"


async def test_a_play_that_is_moved_in_time_is_followed_by_its_idempotency_key(owner: Owner) -> None:
    _, entry = await refused_moved_play(owner)
    status, answer = await owner.tell(EDIT, id=entry["id"], timestamp=PLAYED_AT + 3600)
    assert status == 200
    assert await keep(owner) == answer["entry"]["uri"]
    assert (await owner.server.scrobble(owner.who, **PLAY))["uri"] != answer["entry"]["uri"]
    assert len(await owner.history()) == 1
