"""Accounts that are deactivated, suspended, active again; and roles, over HTTP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.support.everything import account_events
from tonearm.index.queries.account_states import set_state
from tonearm.services.accounts import LastAdministratorError

if TYPE_CHECKING:
    from tests.support.server import Person, Server

ACCOUNT = "app.tonearm.account"
PLAY = {"title": "Wow", "artist": "Kate Bush", "timestamp": 1_700_000_000}


async def state_of(server: Server, who: Person) -> str:
    status, answer = await server.ask(f"{ACCOUNT}.getAccount", token=server.token, account=who.did)
    assert status == 200, answer
    return answer["account"]["state"]


async def feed(server: Server) -> list[str]:
    status, answer = await server.ask("app.rocksky.scrobble.getScrobbles")
    assert status == 200, answer
    return [play["title"] for play in answer["scrobbles"]]


async def test_a_deactivated_account_is_refused_with_every_credential_and_seen_by_nobody(server: Server):
    bob = await server.create_account("bob")
    await server.scrobble(bob, **PLAY)
    await server.scrobble(server.first, **{**PLAY, "title": "Babooshka"})
    login = {"identifier": bob.handle, "password": bob.password}
    session = (await server.tell("com.atproto.server.createSession", login))[1]
    assert sorted(await feed(server)) == ["Babooshka", "Wow"]

    status, answer = await server.tell(f"{ACCOUNT}.deactivate", {}, token=bob.token)
    assert (status, answer["account"]["state"]) == (200, "deactivated")

    for token in (bob.token, session["accessJwt"]):
        status, answer = await server.tell("app.rocksky.scrobble.createScrobble", PLAY, token=token)
        assert (status, answer["error"]) == (401, "AccountDeactivated")
        status, answer = await server.ask("app.tonearm.journal.getQueue", token=token)
        assert (status, answer["error"]) == (401, "AccountDeactivated")
    assert await feed(server) == ["Babooshka"]
    for name, params in (
        ("actor.getProfile", {"did": bob.did}),
        ("actor.getActorScrobbles", {"did": bob.handle}),
        ("scrobble.getScrobbles", {"did": bob.did}),
    ):
        status, answer = await server.ask(f"app.rocksky.{name}", **params)
        assert answer["error"] == "ActorNotFound", name
    status, answer = await server.ask("com.atproto.sync.getRepoStatus", did=bob.did)
    assert (answer["active"], answer["status"]) == (False, "deactivated")
    assert await account_events(server.core, bob.did) == [(True, None), (False, "deactivated")]


async def test_a_deactivated_account_is_as_before_when_it_is_active_again(server: Server):
    bob = await server.create_account("bob")
    await server.scrobble(bob, **PLAY)
    await server.tell(f"{ACCOUNT}.deactivate", {}, token=bob.token)
    status, answer = await server.tell(f"{ACCOUNT}.reactivate", {}, token=bob.token)
    assert (status, answer["account"]["state"]) == (200, "active")
    assert await feed(server) == ["Wow"]
    await server.scrobble(bob, **{**PLAY, "title": "Army Dreamers"})
    await server.drained()
    assert len(await server.records("app.rocksky.scrobble", bob)) == 2
    assert await account_events(server.core, bob.did) == [(True, None), (False, "deactivated"), (True, None)]


async def test_plays_that_wait_go_on_waiting_and_arrive_afterwards(server: Server):
    bob = await server.create_account("bob")
    await server.core.pds.accounts.set_status(bob.did, "deactivated")  # so that nothing is written yet
    await server.scrobble(bob, **PLAY)
    await server.tell(f"{ACCOUNT}.deactivate", {}, token=bob.token)
    await asyncio.sleep(0.5)
    status, queue = await server.ask("app.tonearm.account.getAccount", token=bob.token)
    assert status == 200, queue
    await server.tell(f"{ACCOUNT}.reactivate", {}, token=bob.token)
    await server.drained()
    assert [value["title"] for value in (await server.records("app.rocksky.scrobble", bob)).values()] == ["Wow"]


async def test_what_an_administrator_suspended_only_an_administrator_reactivates(server: Server):
    bob = await server.create_account("bob")
    status, answer = await server.tell(f"{ACCOUNT}.deactivate", {"account": bob.handle}, token=server.token)
    assert (status, answer["account"]["state"]) == (200, "suspended")
    status, answer = await server.tell(f"{ACCOUNT}.reactivate", {}, token=bob.token)
    assert (status, answer["error"]) == (401, "AccountDeactivated")
    login = {"identifier": bob.handle, "password": bob.password}
    status, answer = await server.tell("com.atproto.server.createSession", login)
    assert status == 401, answer
    status, answer = await server.ask(f"{ACCOUNT}.getAccount", token=bob.token)
    assert (status, answer["account"]["state"]) == (200, "suspended")
    await server.tell(f"{ACCOUNT}.reactivate", {"account": bob.handle}, token=server.token)
    assert await state_of(server, bob) == "active"


async def test_the_owner_of_a_deactivated_account_can_log_in_to_reactivate_it_and_for_nothing_else(server: Server):
    bob = await server.create_account("bob")
    await server.tell(f"{ACCOUNT}.deactivate", {}, token=bob.token)
    login = {"identifier": bob.handle, "password": bob.password}
    status, session = await server.tell("com.atproto.server.createSession", login)
    assert status == 200, session
    status, answer = await server.ask("app.tonearm.journal.getQueue", token=session["accessJwt"])
    assert (status, answer["error"]) == (401, "AccountDeactivated")
    status, answer = await server.tell(f"{ACCOUNT}.reactivate", {}, token=session["accessJwt"])
    assert (status, answer["account"]["state"]) == (200, "active")


async def test_another_process_knows_of_a_deactivated_account_within_two_seconds(server: Server):
    bob = await server.create_account("bob")
    assert (await server.ask("app.tonearm.journal.getQueue", token=bob.token))[0] == 200
    await server.core.index.write(set_state(bob.actor_id, "deactivated"))
    await asyncio.sleep(1.1)
    assert (await server.ask("app.tonearm.journal.getQueue", token=bob.token))[0] == 401


async def test_a_state_that_was_changed_half_is_put_right_at_the_next_start(server: Server):
    bob = await server.create_account("bob")
    await server.core.index.write(set_state(bob.actor_id, "deactivated"))  # killed before the repository was told
    running = asyncio.create_task(server.core.lifecycle.run())
    for _ in range(100):
        if (await server.core.pds.accounts.named(bob.did)).status == "deactivated":
            break
        await asyncio.sleep(0.02)
    running.cancel()
    assert (await server.core.pds.accounts.named(bob.did)).status == "deactivated"


async def test_roles_are_given_by_administrators_alone(server: Server):
    bob, carol = await server.create_account("bob"), await server.create_account("carol", role="operator")
    for who in (bob, carol):
        for whose in (bob, carol, server.first):
            status, answer = await server.tell(
                f"{ACCOUNT}.updateRole", {"account": whose.did, "role": "administrator"}, token=who.token
            )
            assert (status, answer["error"]) == (403, "Forbidden")
        status, answer = await server.ask(f"{ACCOUNT}.listAccounts", token=who.token)
        assert status == 403
    status, answer = await server.tell(
        f"{ACCOUNT}.updateRole", {"account": "bob", "role": "administrator"}, token=server.token
    )
    assert (status, answer["account"]["role"]) == (200, "administrator")
    await asyncio.sleep(1.1)  # bob's token is believed for a second to be of somebody without a role
    status, answer = await server.ask(f"{ACCOUNT}.listAccounts", token=bob.token, limit=2)
    assert [account["name"] for account in answer["accounts"]] == ["alice", "bob"]
    status, answer = await server.ask(f"{ACCOUNT}.listAccounts", token=bob.token, cursor=answer["cursor"])
    assert [account["name"] for account in answer["accounts"]] == ["carol"]
    assert "cursor" not in answer


async def test_nobody_but_an_administrator_touches_or_sees_another_account(server: Server):
    bob, carol = await server.create_account("bob"), await server.create_account("carol")
    for whose in (carol.did, carol.handle, "carol", "nobody"):
        for name in ("deactivate", "reactivate"):
            status, answer = await server.tell(f"{ACCOUNT}.{name}", {"account": whose}, token=bob.token)
            assert (status, answer["error"]) == (403, "Forbidden"), (name, whose)
        for name in ("getAccount", "export"):
            status, answer = await server.ask(f"{ACCOUNT}.{name}", token=bob.token, account=whose)
            assert (status, answer["error"]) == (403, "Forbidden"), (name, whose)
    body = {"did": carol.did, "records": "delete"}
    status, answer = await server.tell(f"{ACCOUNT}.requestDelete", body, token=bob.token)
    assert (status, answer["error"]) == (403, "Forbidden")
    assert await state_of(server, carol) == "active"


async def test_the_last_administrator_stays_one(server: Server):
    whose = {"account": server.did}
    for name, body in (
        ("updateRole", {**whose, "role": "operator"}),
        ("deactivate", {}),
        ("requestDelete", {"did": server.did, "records": "delete"}),
    ):
        status, answer = await server.tell(f"{ACCOUNT}.{name}", body, token=server.token)
        assert (status, answer["error"]) == (400, "LastAdministrator"), name
    bob = await server.create_account("bob", role="administrator")
    await server.tell(f"{ACCOUNT}.deactivate", {}, token=bob.token)
    status, answer = await server.tell(f"{ACCOUNT}.deactivate", {}, token=server.token)
    assert answer["error"] == "LastAdministrator", "an administrator who is deactivated gives no roles"
    await server.tell(f"{ACCOUNT}.reactivate", {}, token=bob.token)
    status, answer = await server.tell(f"{ACCOUNT}.updateRole", {**whose, "role": "none"}, token=server.token)
    assert (status, answer["account"]["role"]) == (200, "none")


async def test_two_administrators_who_step_down_at_once_are_not_both_let(server: Server):
    await server.create_account("bob", role="administrator")
    outcomes = await asyncio.gather(
        server.core.accounts.grant("alice", "none"), server.core.accounts.grant("bob", "none"), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [LastAdministratorError]


@pytest.mark.parametrize("credential", ["read", "scrobble"])
async def test_a_token_without_manage_changes_no_account(server: Server, credential: str):
    bob = await server.create_account("bob")
    token = await server.core.api_tokens.create(bob.actor_id, "small", [credential])
    for name, body in (("deactivate", {}), ("requestDelete", {"did": bob.did, "records": "delete"})):
        status, answer = await server.tell(f"{ACCOUNT}.{name}", body, token=token)
        assert (status, answer["error"]) == (403, "Forbidden"), name
    status, answer = await server.ask(f"{ACCOUNT}.export", token=token)
    assert (status, answer["error"]) == (403, "Forbidden")
    assert await state_of(server, bob) == "active"
