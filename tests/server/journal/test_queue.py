"""The queue of what is not in a listener's repository yet: what stands in it and why, and what its owner can do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from tests.support.queue_owner import PLAY, PLAYED_AT, SCROBBLE, Owner
from tests.support.server import Server
from tonearm.pds.errors import (
    PdsError,
    PdsRateLimitedError,
    PdsRefusedError,
    PdsSessionLostError,
    PdsUnavailableError,
    PdsUnclearError,
)

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.asyncio(loop_scope="module")

SONG, ALBUM, ARTIST = (f"app.rocksky.{name}" for name in ("song", "album", "artist"))
GET, RETRY, DISCARD, EDIT = (
    f"app.tonearm.journal.{name}" for name in ("getQueue", "retryEntry", "discardEntry", "editEntry")
)


@pytest_asyncio.fixture(loop_scope="module")
async def stranger(server: Server) -> Owner:
    return Owner(server, await server.create_account(), server.core.outbox.routes)


async def test_before_its_first_turn_a_write_waits(owner: Owner) -> None:
    before = time.time()
    made = await owner.server.scrobble(owner.who, **PLAY)
    entries = await owner.entries()
    assert [entry["collection"] for entry in entries] == [ARTIST, ALBUM, SONG, SCROBBLE]
    assert [entry["uri"] for entry in entries] == [made["artistUri"], made["albumUri"], made["trackUri"], made["uri"]]
    assert len({entry["id"] for entry in entries}) == 4
    for entry in entries:
        assert (entry["state"], entry["reason"], entry["message"]) == ("waiting", "", "")
        assert (entry["attempts"], entry["source"]) == (0, "xrpc")
        assert "lastTriedAt" not in entry
        submitted = time.mktime(time.strptime(entry["submittedAt"], "%Y-%m-%dT%H:%M:%S.000Z")) - time.timezone
        assert int(before) <= submitted <= time.time()
    shown = {entry["uri"].rsplit("/", 1)[1]: entry["record"] for entry in entries if entry["collection"] == SCROBBLE}
    await owner.publish()
    assert await owner.entries() == []
    assert await owner.server.records(SCROBBLE, owner.who) == shown


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (PdsUnavailableError("connection refused"), "retrying", "PdsUnavailable"),
        (PdsUnclearError("500 without a word"), "retrying", "PdsUnclear"),
        (PdsRateLimitedError(time.time() + 900, "slow down"), "retrying", "PdsRateLimited"),
        (PdsSessionLostError("the session has expired"), "waitingForLogin", "PdsSessionLost"),
    ],
)
async def test_what_holds_a_repository_up_is_said_at_each_entry(
    owner: Owner, error: PdsError, state: str, reason: str
) -> None:
    await owner.server.scrobble(owner.who, **PLAY)
    owner.hindered(error)
    await owner.publish()
    entries = await owner.entries()
    assert len(entries) == 4
    assert {(entry["state"], entry["reason"], entry["message"]) for entry in entries} == {(state, reason, str(error))}


async def test_a_refused_write_stands_alone_in_the_queue_with_the_words_of_the_repository(owner: Owner) -> None:
    entry = await owner.refused_play()
    assert [e["id"] for e in await owner.entries()] == [entry["id"]], "all others were written"
    assert (entry["collection"], entry["state"]) == (SCROBBLE, "refused")
    assert (entry["reason"], entry["message"], entry["attempts"]) == ("InvalidRecord", "no such song", 1)
    assert entry["lastTriedAt"] >= entry["submittedAt"]
    assert entry["record"]["title"] == "Cloudbustin"
    assert len(await owner.server.records(SONG, owner.who)) == 1
    assert await owner.titles() == ["Cloudbustin"], "the play is in history all the same"


async def test_entries_come_in_pages_the_oldest_first(owner: Owner) -> None:
    for minute in range(4):
        await owner.server.scrobble(owner.who, **{**PLAY, "timestamp": PLAYED_AT + 60 * minute})
    whole = await owner.entries()
    assert [entry["collection"] for entry in whole] == [ARTIST, ALBUM, SONG, SCROBBLE, SCROBBLE, SCROBBLE, SCROBBLE]
    paged: list[dict[str, Any]] = []
    params: dict[str, Any] = {"limit": 3}
    sizes = []
    while True:
        _, page = await owner.ask(**params)
        sizes.append(len(page["entries"]))
        paged += page["entries"]
        if "cursor" not in page:
            break
        params["cursor"] = page["cursor"]
    assert sizes == [3, 3, 1]
    assert paged == whole
    assert await owner.entries(limit=5000) == whole


async def test_only_the_entries_of_a_state(owner: Owner) -> None:
    refused = await owner.refused_play()
    await owner.server.scrobble(owner.who, **{**PLAY, "timestamp": PLAYED_AT + 600})
    waiting = (await owner.entries())[-1]
    assert await owner.entries(state="refused") == [refused]
    assert await owner.entries(state="refused", limit=1) == [refused]
    assert await owner.entries(state="waiting") == [waiting]
    assert await owner.entries(state="waiting", limit=1) == [waiting]
    for state in ("retrying", "waitingForLogin", "no such state"):
        assert await owner.entries(state=state) == []


@pytest.mark.parametrize("cursor", ["yesterday", "-1", "", "f" * 16, "f" * 20, "f" * 500, "0x", "1.5"])
async def test_a_cursor_of_somewhere_else_is_refused(owner: Owner, cursor: str) -> None:
    status, answer = await owner.ask(cursor=cursor)
    assert (status, answer["error"]) == (400, "InvalidCursor")


@pytest.mark.parametrize("limit", [0, -1, "many"])
async def test_a_page_without_a_size_is_refused(owner: Owner, limit: object) -> None:
    status, answer = await owner.ask(limit=limit)
    assert (status, answer["error"]) == (400, "InvalidRequest")


async def test_the_entries_of_another_are_neither_seen_nor_touched(owner: Owner, stranger: Owner) -> None:
    entry = await owner.refused_play()
    assert await stranger.entries() == []
    for method, body in ((RETRY, {}), (DISCARD, {}), (EDIT, {"title": "Mine now"})):
        status, answer = await stranger.tell(method, id=entry["id"], **body)
        assert (status, answer["error"]) == (400, "EntryNotFound")
    assert await owner.entry() == entry
    assert await owner.titles() == ["Cloudbustin"]


@pytest.mark.parametrize("entry_id", ["", "0", "-1", "zz", "f" * 15, "f" * 40, "1.5", "٣", "7" * 500])
async def test_an_entry_that_is_none_is_not_found(owner: Owner, entry_id: str) -> None:
    for method in (RETRY, DISCARD, EDIT):
        status, answer = await owner.tell(method, id=entry_id)
        assert (status, answer["error"]) == (400, "EntryNotFound"), method


async def test_an_id_has_one_spelling(owner: Owner) -> None:
    entry = await owner.refused_play()
    for other in (f"0{entry['id']}", f" {entry['id']}", f"0x{entry['id']}", f"+{entry['id']}"):
        assert (await owner.tell(DISCARD, id=other))[0] == 400, other
    assert await owner.entry() == entry


async def test_a_refused_entry_is_tried_again_and_written(owner: Owner) -> None:
    entry = await owner.refused_play()
    status, answer = await owner.tell(RETRY, id=entry["id"])
    assert (status, answer["entry"]["id"], answer["entry"]["state"]) == (200, entry["id"], "retrying")
    await owner.publish()
    again = await owner.entry()
    assert (again["state"], again["attempts"]) == ("refused", 2)
    owner.free()
    await owner.publish()
    assert await owner.entry() == again, "what is refused is not tried by itself"
    await owner.tell(RETRY, id=entry["id"])
    await owner.publish()
    assert await owner.entries() == []
    (record,) = (await owner.server.records(SCROBBLE, owner.who)).values()
    assert record == entry["record"]


async def test_a_retry_does_not_wait_for_the_back_off(owner: Owner) -> None:
    await owner.server.scrobble(owner.who, **PLAY)
    owner.hindered(PdsUnavailableError("connection refused"))
    await owner.publish()
    owner.free()
    await owner.publish()
    entries = await owner.entries()
    assert len(entries) == 4, "the outbox waits before it asks again"
    status, answer = await owner.tell(RETRY, id=entries[0]["id"])
    assert (status, answer["entry"]["id"]) == (200, entries[0]["id"])
    await owner.publish()
    assert await owner.entries() == []


async def test_a_retry_respects_the_rate_limit_of_the_pds(owner: Owner) -> None:
    await owner.server.scrobble(owner.who, **PLAY)
    owner.hindered(PdsRateLimitedError(time.time() + 900))
    await owner.publish()
    owner.free()
    entry = (await owner.entries())[0]
    status, answer = await owner.tell(RETRY, id=entry["id"])
    assert (status, answer["entry"]["reason"]) == (200, "PdsRateLimited")
    await owner.publish()
    assert len(await owner.entries()) == 4


async def test_what_waits_for_a_login_cannot_be_retried(owner: Owner) -> None:
    await owner.server.scrobble(owner.who, **PLAY)
    owner.hindered(PdsSessionLostError("the session has expired"))
    await owner.publish()
    entries = await owner.entries()
    status, answer = await owner.tell(RETRY, id=entries[0]["id"])
    assert (status, answer["error"]) == (400, "EntryNotRetryable")
    assert "log in" in answer["message"]
    assert await owner.entries() == entries
    owner.free()
    await owner.server.core.outbox.resume(owner.who.actor_id)
    await owner.publish()
    assert await owner.entries() == []


async def test_a_discarded_play_leaves_history_and_its_submission_stays(owner: Owner) -> None:
    own = {"title": f"Song of {owner.who.name}", "isrc": f"QZTST{owner.who.actor_id:07}"}
    await owner.server.scrobble(owner.who, **{**PLAY, **own, "timestamp": PLAYED_AT - 86_400})
    entry = await owner.refused_play(**own)
    older = (await owner.entries())[0]
    status, answer = await owner.tell(DISCARD, id=entry["id"])
    assert (status, answer) == (200, None)
    assert await owner.entries() == [older]
    (left,) = await owner.history()
    assert left["uri"] == older["uri"] != entry["uri"]
    status, answer = await owner.server.ask("app.rocksky.scrobble.getScrobble", uri=entry["uri"])
    assert (status, answer["error"]) == (400, "RecordNotFound")
    _, song = await owner.server.ask("app.rocksky.song.getSong", isrc=own["isrc"])
    assert song["playCount"] == 1
    assert [(source, outcome) for source, outcome, _ in await owner.journal()] == [("xrpc", "stored")] * 2
    assert own["title"].encode() in (await owner.journal())[1][2]
    status, answer = await owner.tell(DISCARD, id=entry["id"])
    assert (status, answer["error"]) == (400, "EntryNotFound")


async def test_a_discarded_play_is_acknowledged_again_but_never_stored_again(owner: Owner, stranger: Owner) -> None:
    entry = await owner.refused_play()
    await owner.tell(DISCARD, id=entry["id"])
    owner.free()
    for _ in range(2):
        again = await owner.server.scrobble(owner.who, **PLAY)
        assert again["uri"] == entry["uri"]
    await owner.publish()
    assert await owner.history() == []
    assert await owner.entries() == []
    assert await owner.server.records(SCROBBLE, owner.who) == {}
    assert [outcome for _, outcome, _ in await owner.journal()] == ["stored", "deleted", "deleted"]
    await owner.server.scrobble(owner.who, **{**PLAY, "timestamp": PLAYED_AT + 1})
    await owner.server.scrobble(stranger.who, **PLAY)
    assert await owner.titles() == await stranger.titles() == ["Cloudbustin"], "another play is another play"


async def test_what_may_have_reached_the_repository_is_neither_discarded_nor_edited(owner: Owner) -> None:
    await owner.server.scrobble(owner.who, **PLAY)
    waiting = await owner.entries()
    owner.hindered(PdsUnclearError("timeout"))
    for state in ("waiting", "retrying"):
        entry = (await owner.entries())[-1]
        assert entry["state"] == state
        status, answer = await owner.tell(DISCARD, id=entry["id"])
        assert (status, answer["error"]) == (400, "EntryNotDiscardable")
        assert state in answer["message"]
        status, answer = await owner.tell(EDIT, id=entry["id"], title="Cloudbusting")
        assert (status, answer["error"]) == (400, "EntryNotEditable")
        await owner.publish()
    assert [entry["id"] for entry in await owner.entries()] == [entry["id"] for entry in waiting]
    assert await owner.titles() == ["Cloudbustin"]


async def test_giving_a_songs_record_up_leaves_its_plays(owner: Owner) -> None:
    await owner.server.scrobble(owner.who, **PLAY)
    owner.hindered(PdsRefusedError("InvalidRecord", "no such song"), SONG)
    await owner.publish()
    entry = await owner.entry()
    assert (entry["collection"], entry["state"]) == (SONG, "refused")
    status, answer = await owner.tell(EDIT, id=entry["id"], title="Cloudbusting")
    assert (status, answer["error"]) == (400, "EntryNotEditable")
    assert (await owner.tell(DISCARD, id=entry["id"]))[0] == 200
    assert await owner.entries() == []
    assert await owner.titles() == ["Cloudbustin"]
    assert len(await owner.server.records(SCROBBLE, owner.who)) == 1


@pytest.mark.parametrize("scopes", [["read"], ["scrobble"], ["manage"], ["read", "manage"]])
async def test_each_method_demands_its_scope(owner: Owner, scopes: list[str]) -> None:
    entry = await owner.refused_play()
    token = await owner.server.core.api_tokens.create(owner.who.actor_id, "weak", scopes)
    for method, scope in ((GET, "read"), (RETRY, "manage"), (EDIT, "manage"), (DISCARD, "manage")):
        await owner.publish()
        if method == GET:
            status, answer = await owner.server.ask(method, token=token)
        else:
            status, answer = await owner.server.tell(method, {"id": entry["id"]}, token=token)
        if scope in scopes:
            assert status == 200, (method, answer)
        else:
            assert (status, answer["error"]) == (403, "Forbidden"), method
    assert len(await owner.entries()) == ("manage" not in scopes)


async def test_nobody_has_a_queue_without_a_token(server: Server) -> None:
    for status, answer in (
        await server.ask(GET),
        await server.tell(RETRY, {"id": "1"}),
        await server.tell(DISCARD, {"id": "1"}),
        await server.tell(EDIT, {"id": "1"}),
    ):
        assert (status, answer["error"]) == (401, "AuthenticationRequired")
