"""Logins with an app password: found by the handle, checked both ways, limited, restricted, and never kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.hostile import HostileWorld, hostile_world, json_answer, redirect, slow
from tests.support.server import PASSWORD, Server, running_server
from tonearm.index.engine import Work, select

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.hostile.world import Person

SESSION = "/xrpc/com.atproto.server.createSession"
PLAY = {"title": "Wow", "artist": "Kate Bush", "timestamp": 1_700_000_000}


@pytest.fixture
async def world() -> AsyncIterator[HostileWorld]:
    async with hostile_world() as world:
        yield world


@pytest.fixture
async def server(database: str, world: HostileWorld, tmp_path: Path) -> AsyncIterator[Server]:
    async with running_server(tmp_path, database=database, **world.settings()) as running:
        yield running


@pytest.fixture
def database() -> str:
    """What is refused before anything is stored is refused on either database."""
    return "sqlite"


async def login(server: Server, handle: str, password: str, **more: Any) -> tuple[int, str]:
    body = {"handle": handle, "password": password, **more}
    async with server.http.post(f"{server.url}/login", json=body) as answer:
        return answer.status, await answer.text()


async def sessions(server: Server) -> list[bytes]:
    def sealed() -> Work[list[bytes]]:
        rows = yield select("SELECT sealed FROM remote_login")
        return [row[0] for row in rows]

    return await server.core.index.read(sealed())


async def refused(server: Server, world: HostileWorld, who: Person, status: int, *words: str) -> None:
    """A login is refused with these words, and leaves nothing."""
    answered, text = await login(server, who.handle, who.password)
    assert answered == status, text
    for word in words:
        assert word in text, text
    assert await sessions(server) == []
    found = await server.core.index.read(_accounts())
    assert who.did not in found
    assert world.pds.app_sessions == {}


def _waiting() -> Work[bool]:
    return bool((yield select("SELECT 1 FROM outbox_actor WHERE waiting_for_login = 1")))


def _accounts() -> Work[list[str]]:
    rows = yield select("SELECT a.did FROM account c JOIN actor a ON a.actor_id = c.actor_id")
    return [row[0] for row in rows]


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
async def test_an_app_password_logs_in_and_plays_reach_the_repository(server: Server, world: HostileWorld):
    who = world.person("carol")
    status, text = await login(server, f"@{who.handle.upper()} ", who.password)
    assert status == 200, text
    token = text.removeprefix("jwt:")
    assert (await server.tell("app.rocksky.scrobble.createScrobble", PLAY, token=token))[0] == 200
    await server.drained()
    assert any(uri.startswith(f"at://{who.did}/app.rocksky.scrobble/") for uri in world.pds.records)
    [asked] = world.pds.asked(SESSION)
    assert asked.json == {"identifier": who.did, "password": who.password}
    [sealed] = await sessions(server)
    for secret in (who.password, *world.pds.app_sessions):
        assert secret.encode() not in sealed
    assert (await server.core.accounts.named(who.did)).role == "none"


async def test_a_login_lets_what_waited_go_on(server: Server, world: HostileWorld):
    who = world.person("carol")
    token = (await login(server, who.handle, who.password))[1].removeprefix("jwt:")
    world.pds.app_sessions.clear()
    assert (await server.tell("app.rocksky.scrobble.createScrobble", PLAY, token=token))[0] == 200
    for _ in range(200):
        await asyncio.sleep(0.05)
        if waits := await server.core.index.read(_waiting()):
            break
    assert waits
    assert world.pds.records == {}
    assert (await login(server, who.handle, who.password))[0] == 200
    await server.drained()
    assert any(uri.startswith(f"at://{who.did}/app.rocksky.scrobble/") for uri in world.pds.records)


async def test_a_wrong_app_password_is_told_and_counted(server: Server, world: HostileWorld):
    who = world.person("carol")
    for _ in range(10):
        status, text = await login(server, who.handle, "wrong")
        assert status == 401
        assert text.startswith("The PDS says that the handle or the password is wrong; make an app password")
    status, text = await login(server, who.did, who.password)
    assert status == 429
    assert text.startswith("Too many wrong passwords")
    assert len(world.pds.asked(SESSION)) == 10
    assert await sessions(server) == []


async def test_an_account_with_a_second_factor_is_told_to_use_an_app_password(server: Server, world: HostileWorld):
    said = {"error": "AuthFactorTokenRequired", "message": "A sign in code has been sent to your email address"}
    world.pds.instead[SESSION] = json_answer(said, 401)
    await refused(server, world, world.person("carol"), 401, "second factor", "make an app password")


async def test_a_takedown_is_told_as_one(server: Server, world: HostileWorld):
    world.pds.instead[SESSION] = json_answer({"error": "AccountTakedown", "message": "gone"}, 401)
    await refused(server, world, world.person("carol"), 403, "taken down by its PDS")


async def test_a_pds_that_takes_no_more_logins_is_waited_for(server: Server, world: HostileWorld):
    world.pds.instead[SESSION] = json_answer({"error": "RateLimitExceeded", "message": "slow down"}, 429)
    await refused(server, world, world.person("carol"), 429, "takes no more logins for now")


async def test_a_pds_that_fails_is_named(server: Server, world: HostileWorld):
    world.pds.instead[SESSION] = json_answer({"error": "InternalServerError"}, 500)
    await refused(server, world, world.person("carol"), 502, world.pds.origin, "try again later")


async def test_a_pds_that_answers_with_anothers_session_logs_nobody_in(server: Server, world: HostileWorld):
    who, victim = world.person("mallory"), world.person("victim", world.strange_pds)
    stolen = {"did": victim.did, "handle": victim.handle, "accessJwt": "a.b.c", "refreshJwt": "d.e.f"}
    world.pds.instead[SESSION] = json_answer(stolen)
    await refused(server, world, who, 502, "no session of this account")
    assert victim.did not in await server.core.index.read(_accounts())


async def test_a_password_is_not_sent_on_by_a_redirect(server: Server, world: HostileWorld):
    world.pds.instead[SESSION] = redirect(world.strange_pds.origin + SESSION, 307)
    await refused(server, world, world.person("carol"), 502)
    assert world.strange_pds.log == []


async def test_a_handle_that_its_did_does_not_claim_gets_no_password(server: Server, world: HostileWorld):
    who = world.person("carol")
    world.directory.handles["impostor.test"] = who.did
    status, text = await login(server, "impostor.test", who.password)
    assert status == 400, text
    assert "impostor.test" in text
    assert world.pds.asked(SESSION) == []


async def test_a_pds_at_an_address_of_ours_gets_no_request(server: Server, world: HostileWorld):
    who = world.person("carol")
    world.directory.say(who.did, handle=who.handle, pds_url=world.trap.origin, key=who.key.public_multibase())
    status, text = await login(server, who.handle, who.password)
    assert status == 502, text
    assert world.trap.log == []


async def test_a_handle_that_nobody_has_is_told(server: Server):
    status, text = await login(server, "nobody-at-all.test", "whatever")
    assert status == 400
    assert "nobody-at-all.test" in text
    status, text = await login(server, "me@example.com", "whatever")
    assert status == 401
    assert "not with an e-mail address" in text


async def test_nobody_is_asked_twice_for_a_local_account(server: Server, world: HostileWorld):
    assert (await login(server, server.handle, PASSWORD))[0] == 200
    assert world.directory.log == []


# Who may log in.


def allowing(world: HostileWorld, tmp_path: Path, allowed: str) -> Any:
    return running_server(tmp_path, login="allow", allowed_logins=allowed, **world.settings())


async def test_only_those_on_the_list_may_log_in(world: HostileWorld, tmp_path: Path):
    carol, dave, eve = (world.person(name) for name in ("carol", "dave", "eve"))
    async with allowing(world, tmp_path, f"@Carol.test, {dave.did}") as server:
        assert (await login(server, carol.handle, carol.password))[0] == 200
        assert (await login(server, dave.handle, dave.password))[0] == 200
        status, text = await login(server, eve.handle, eve.password)
        assert status == 403
        assert text.startswith("eve.test may not log in to this server.")
        assert [seen.json["identifier"] for seen in world.pds.asked(SESSION)] == [carol.did, dave.did]


async def test_who_has_an_account_may_come_back(world: HostileWorld, tmp_path: Path):
    carol = world.person("carol")
    async with allowing(world, tmp_path, "") as server:
        assert (await login(server, carol.handle, carol.password))[0] == 403
        assert (await login(server, server.handle, PASSWORD))[0] == 200
        await server.core.password_logins.log_in(carol.handle, carol.password, address=None)  # the command
        assert (await login(server, carol.handle, carol.password))[0] == 200


async def test_a_handle_on_the_list_counts_for_who_has_it_both_ways(world: HostileWorld, tmp_path: Path):
    eve = world.person("eve")
    world.directory.say(eve.did, handle="carol.test", pds_url=eve.pds.origin, key=eve.key.public_multibase())
    world.directory.handles["carol.test"] = "did:plc:" + "a" * 24
    async with allowing(world, tmp_path, "carol.test") as server:
        assert (await login(server, eve.did, eve.password))[0] == 403


async def test_a_slow_pds_holds_up_nobody_else(server: Server, world: HostileWorld):
    who = world.person("carol")
    world.pds.instead[SESSION] = slow()
    waiting = asyncio.create_task(login(server, who.handle, who.password))
    await asyncio.sleep(0.3)
    assert (await login(server, server.handle, PASSWORD))[0] == 200
    assert not waiting.done()
    waiting.cancel()


async def test_logins_at_once_make_one_account(server: Server, world: HostileWorld):
    who = world.person("carol")
    answers = await asyncio.gather(*(login(server, who.handle, who.password) for _ in range(5)))
    assert {status for status, _ in answers} == {200}
    assert sorted(await server.core.index.read(_accounts())) == sorted([server.did, who.did])
    assert len(await sessions(server)) == 1


async def test_a_handle_that_no_longer_verifies_is_not_believed_of_somebody_new(server: Server, world: HostileWorld):
    who = world.person("carol")
    del world.directory.handles[who.handle]
    assert (await login(server, who.did, who.password))[0] == 200
    assert (await server.core.accounts.named(who.did)).handle == "handle.invalid"


async def test_somebody_who_moved_to_another_pds_logs_in_there(server: Server, world: HostileWorld):
    who = world.person("carol")
    assert (await login(server, who.handle, who.password))[0] == 200
    who.pds = world.strange_pds
    world.strange_pds.people[who.did] = world.pds.people.pop(who.did)
    world.directory.say(who.did, handle=who.handle, pds_url=who.pds.origin, key=who.key.public_multibase())
    assert (await login(server, who.handle, who.password))[0] == 200
    assert (await server.core.accounts.named(who.did)).pds_url == world.strange_pds.origin


async def test_answers_with_tokens_are_kept_by_no_cache(server: Server):
    body = {"handle": server.handle, "password": PASSWORD}
    async with server.http.post(f"{server.url}/login", json=body) as answer:
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
