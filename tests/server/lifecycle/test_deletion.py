"""Deleting an account of the built-in PDS: nothing of the person is left, nothing of others is touched."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.everything import account_events, everything, places_of, places_of_actor
from tonearm.atproto.did_plc import operation_cid
from tonearm.index.queries import erasing, holdings
from tonearm.index.queries.plays import insert_tombstone
from tonearm.index.tables.columns import Table
from tonearm.services.lifecycle.export import FEW, LISTINGS
from tonearm.services.submission import Submission

if TYPE_CHECKING:
    from tests.support.server import Person, Server

ACCOUNT = "app.tonearm.account"
WORDS = "a-player-that-only-bob-has"


async def full_account(server: Server, name: str = "bob") -> Person:
    """Somebody with something in every table that can have anything of a local account."""
    who = await server.create_account(name)
    token = who.token
    for number in range(3):
        play = {"title": f"Shared {number}", "artist": "Both", "timestamp": 1_600_000_000 + number}
        await server.scrobble(server.first, **play)
        await server.scrobble(who, **play)
    await server.tell(
        "app.rocksky.scrobble.createScrobble",
        {"title": "Alone", "artist": "One", "timestamp": 1_600_001_000, "lyrics": WORDS},
        token=token,
        headers={"Idempotency-Key": WORDS},
    )
    await server.drained()
    login = {"identifier": who.handle, "password": who.password}
    session = (await server.tell("com.atproto.server.createSession", login))[1]["accessJwt"]
    await server.tell("com.atproto.server.createAppPassword", {"name": WORDS}, token=session)
    async with server.http.post(
        f"{server.url}/xrpc/com.atproto.repo.uploadBlob",
        data=b"\x89PNG" + WORDS.encode(),
        headers={"Authorization": f"Bearer {session}", "Content-Type": "image/png"},
    ) as answer:
        blob = (await answer.json())["blob"]
    record = {"displayName": WORDS, "avatar": blob}
    profile = {"repo": who.did, "collection": "app.bsky.actor.profile", "rkey": "self", "record": record}
    assert (await server.tell("com.atproto.repo.putRecord", profile, token=session))[0] == 200
    await server.core.profiles.refresh(who.did)
    await server.core.player_keys.create(who.actor_id, WORDS, WORDS)
    await server.core.logins.open_browser(who.actor_id, agent=WORDS, address="192.0.2.1")
    await server.core.logins.open_app(who.actor_id, label=WORDS, scopes=["read"], agent=WORDS)
    await server.core.index.write(insert_tombstone(who.actor_id, 1, 1))
    return who


async def finished(server: Server, deletion_id: str) -> dict[str, Any]:
    for _ in range(400):
        status, answer = await server.ask(f"{ACCOUNT}.getDeletion", id=deletion_id)
        assert status == 200, answer
        if "finishedAt" in answer["deletion"]:
            return answer["deletion"]
        await asyncio.sleep(0.05)
    raise AssertionError(answer)


async def delete(server: Server, who: Person) -> dict[str, Any]:
    status, answer = await server.tell(
        f"{ACCOUNT}.requestDelete", {"did": who.did, "records": "delete"}, token=who.token
    )
    assert status == 200, answer
    return await finished(server, answer["deletion"]["id"])


async def counts(server: Server, title: str) -> tuple[int, int]:
    feed = (await server.ask("app.rocksky.scrobble.getScrobbles", limit=1000))[1]["scrobbles"]
    uri = next(play["trackUri"] for play in feed if play["title"] == title)
    status, song = await server.ask("app.rocksky.song.getSong", uri=uri)
    assert status == 200, song
    return song["playCount"], song["uniqueListeners"]


async def test_nothing_of_a_deleted_account_is_left_in_any_table(server: Server):
    bob = await full_account(server)
    before = await everything(server.core)
    assert len(places_of(before, bob.did, bob.handle, WORDS)) >= 12
    of_bob = {table for table, _ in places_of_actor(before, bob.actor_id)}
    assert of_bob >= {*erasing.BULK, *erasing.CREDENTIALS, "account", "actor"} - {
        "outbox",
        "login_ticket",
        "moved_play",
        "event",
    }

    deletion = await delete(server, bob)
    assert deletion["stage"] == "done"
    assert (deletion["done"], deletion["total"]) == (4, 4)

    left = await everything(server.core)
    assert places_of_actor(left, bob.actor_id) <= {
        ("actor", "actor_id"),
        ("account_deletion", "actor_id"),
        ("song", "made_by"),
        ("album", "made_by"),
        ("artist", "made_by"),
    }
    # A DID stands in the event that says that the account is deleted, and beside it.
    allowed = {("pds_repo", "did"), ("pds_event", "before_seq"), ("pds_event", "after_seq")}
    assert places_of(left, bob.did) <= allowed
    assert places_of(left, bob.handle, WORDS) == set()
    assert await account_events(server.core, bob.did) == [(False, "deleted")]


async def test_every_credential_of_a_deleted_account_ends_at_once(server: Server):
    bob = await server.create_account("bob")
    login = {"identifier": bob.handle, "password": bob.password}
    session = (await server.tell("com.atproto.server.createSession", login))[1]
    app = await server.core.logins.open_app(bob.actor_id, label="app", scopes=["read"])
    cookie = await server.core.logins.open_browser(bob.actor_id, agent="", address="")
    key = await server.core.player_keys.create(bob.actor_id, "radio", None)
    credentials = (bob.token, session["accessJwt"], app.access_jwt)
    for token in credentials:
        assert (await server.ask("app.tonearm.journal.getQueue", token=token))[0] == 200
    body = {"did": bob.did, "records": "delete"}
    status, answer = await server.tell(f"{ACCOUNT}.requestDelete", body, token=bob.token)
    assert status == 200, answer
    for token in credentials:
        status, refused = await server.ask("app.tonearm.journal.getQueue", token=token)
        assert status == 401, refused
    assert (await server.tell("com.atproto.server.createSession", login))[0] in {400, 401}
    assert await server.core.logins.browser(cookie) is None
    assert await server.core.player_keys.by_api_key(key.api_key) is None
    await finished(server, answer["deletion"]["id"])
    for token in credentials:
        assert (await server.ask("app.tonearm.journal.getQueue", token=token))[0] in {400, 401}


async def test_others_keep_their_plays_counts_and_the_shared_catalogue(server: Server):
    bob = await full_account(server)
    await server.scrobble(bob, title="Bob First", artist="Both", timestamp=1_600_002_000)
    await server.scrobble(server.first, title="Bob First", artist="Both", timestamp=1_600_002_000)
    assert await counts(server, "Shared 1") == (2, 2)
    assert await counts(server, "Bob First") == (2, 2)
    await delete(server, bob)
    assert await counts(server, "Shared 1") == (1, 1)
    assert await counts(server, "Bob First") == (1, 1)
    _, page = await server.ask("app.rocksky.scrobble.getScrobbles", limit=100)
    assert {play["handle"] for play in page["scrobbles"]} == {server.handle}
    rows = await everything(server.core)
    makers = {row["title"]: row["made_by"] for row in rows["song"]}
    assert makers["Bob First"] == server.first.actor_id, "handed on to who else has it"
    assert "Alone" in makers, "the catalogue is shared and stays"


async def test_the_repository_of_a_deleted_account_is_gone_and_the_handle_free(server: Server):
    bob = await full_account(server)
    await delete(server, bob)
    for name, params in (("getRepo", {}), ("getLatestCommit", {}), ("getRepoStatus", {})):
        _status, answer = await server.ask(f"com.atproto.sync.{name}", did=bob.did, **params)
        assert answer["error"] == "RepoNotFound", name
    _, answer = await server.ask("com.atproto.identity.resolveHandle", handle=bob.handle)
    assert answer["error"] == "HandleNotFound"
    again = await server.create_account("bob")
    assert (again.handle, again.did != bob.did) == (bob.handle, True)
    assert again.actor_id != bob.actor_id, "ids are not given out again"
    assert (await server.ask("com.atproto.repo.describeRepo", repo=again.did))[0] == 200


async def test_an_identity_that_a_directory_knows_gets_a_tombstone_and_another_is_forgotten(server: Server):
    known, unknown = await server.create_account(), await server.create_account()
    accounts = server.core.pds.accounts
    genesis = next(each for each in await accounts.unsubmitted_operations() if each.did == known.did)
    await accounts.mark_submitted(genesis)
    for who in (known, unknown):
        await delete(server, who)
    waiting = {each.did: each.operation for each in await accounts.unsubmitted_operations()}
    assert unknown.did not in waiting
    assert waiting[known.did]["type"] == "plc_tombstone"
    assert waiting[known.did]["prev"] == operation_cid(genesis.operation)


async def test_a_server_starts_with_repositories_that_were_removed(server: Server):
    bob = await server.create_account("bob")
    await delete(server, bob)
    await server.core.pds.start()
    assert (await server.ask("com.atproto.sync.listRepos"))[1]["repos"] != []


async def test_asking_again_answers_the_same_deletion(server: Server):
    bob = await server.create_account("bob")
    first = await server.core.lifecycle.delete(bob.actor_id, "delete")
    second = await server.core.lifecycle.delete(bob.actor_id, "delete")
    assert first.deletion_id == second.deletion_id
    await finished(server, first.deletion_id)
    third = await server.core.lifecycle.delete(bob.actor_id, "delete")
    assert third.finished_at is not None


async def test_plays_that_are_reported_while_the_account_goes_leave_nothing(server: Server):
    """Calls that were let in before the deletion was asked for may store plays after it."""
    bob = await server.create_account("bob")
    deletion = await server.core.lifecycle.delete(bob.actor_id, "delete")
    for number in range(20):
        play = Submission.of(title=f"Late {number}", artist="X", raw=b"{}", played_at_s=1_600_000_000, now_s=1.8e9)
        await server.core.scrobbles.submit(bob.listener, [play], "test")
        await asyncio.sleep(0.05)
    await finished(server, deletion.deletion_id)
    left = places_of_actor(await everything(server.core), bob.actor_id)
    assert {table for table, _ in left} <= {"actor", "account_deletion", "song", "album", "artist"}


def test_every_table_that_has_an_actor_is_known_to_deletion():
    apart = {"actor", "account_deletion", "former_identity"}
    known = {*erasing.BULK, *erasing.CREDENTIALS, *erasing.SMALL, *apart}
    tables = {name for name, table in Table.metadata.tables.items() if "actor_id" in table.columns}
    assert tables == known - erasing.BY_WRITE
    with_dids = {
        name
        for name, table in Table.metadata.tables.items()
        if not name.startswith("pds_") and {"did", "handle", "repo"} & set(table.columns.keys())
    }
    assert with_dids == {"actor", "former_identity"}, (
        "a table that knows people by DID needs a place in queries/erasing.py"
    )


def test_every_table_that_has_an_actor_is_in_the_export_but_for_what_is_secret_altogether():
    exported = {listing.table for listing in LISTINGS.values()} | {table for tables in FEW.values() for table in tables}
    tables = {name for name, table in Table.metadata.tables.items() if "actor_id" in table.columns}
    assert tables - exported == {"login_ticket"}, "which lives for a minute"
    columns = {name: set(table.columns.keys()) for name, table in Table.metadata.tables.items()}
    for table, shown in holdings.FEW.items():
        assert set(shown) <= columns[table]


@pytest.mark.parametrize("records", ["keep", "delete"])
async def test_an_account_elsewhere_without_a_session_loses_what_we_hold_and_keeps_its_records(
    server: Server, records: str
):
    did = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
    account = await server.core.accounts.add_remote(did, "carol.example.com", "https://pds.example.com")
    token = await server.core.api_tokens.create(account.actor_id, "test")
    await server.tell("app.rocksky.scrobble.createScrobble", {"title": "a", "artist": "b"}, token=token)
    body = {"did": did, "records": records}
    status, answer = await server.tell(f"{ACCOUNT}.requestDelete", body, token=token)
    if records == "delete":
        assert (status, answer["error"]) == (400, "LoginNeeded")
        return
    assert status == 200, answer
    await finished(server, answer["deletion"]["id"])
    left = await everything(server.core)
    assert places_of(left, did, "carol.example.com", "pds.example.com") == set()
