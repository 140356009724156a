"""`sub`: an authorization server may only speak for accounts whose own DID document leads back to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.server.oauth.dance import Dance, dancing
from tests.support.hostile import ABSENT, endless, json_answer
from tests.support.hostile.pds import RESOURCE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.hostile import HostileWorld


@pytest.mark.parametrize("sub", [ABSENT, None, "", 7, "rosa.test", "x" * 10_000, ["a"]])
async def test_a_sub_that_is_no_account_is_refused(dance: Dance, sub: Any) -> None:
    query = await dance.come_back(dance.world.person("rosa").handle)
    dance.world.authority.tokens = {"sub": sub}
    async with dance.refused("TokensUnsuitable"):
        await dance.finish(query)


@pytest.mark.parametrize("sub", ["did:plc:short", "did:key:zQ3shokFTS3brHcDQrn82RUDf", "did:plc:" + "a" * 24])
async def test_a_sub_that_nobody_has_is_refused(dance: Dance, sub: str) -> None:
    dance.world.person("rosa")
    query = await dance.come_back(dance.world.pds.origin)
    dance.world.authority.tokens = {"sub": sub}
    async with dance.refused("DidNotFound"):
        await dance.finish(query)


async def test_another_account_of_the_same_server_is_refused(dance: Dance) -> None:
    """The person asked for was rosa: who signed in there is saul, honestly."""
    rosa, saul = dance.world.person("rosa"), dance.world.person("saul")
    dance.world.authority.signs_in = saul
    query = await dance.come_back(rosa.handle)
    async with dance.refused("SubjectMismatch"):
        await dance.finish(query)


async def test_a_server_cannot_speak_for_an_account_elsewhere(dance: Dance) -> None:
    """The stranger's server says that rosa, of the honest server, has logged in."""
    rosa = dance.world.person("rosa")
    dance.world.person("mallory", dance.world.strange_pds)
    query = await dance.come_back(dance.world.strange_pds.origin)
    dance.world.strange_authority.tokens = {"sub": rosa.did}
    async with dance.refused("IssuerMismatch"):
        await dance.finish(query)


async def test_a_server_cannot_speak_for_an_account_of_this_server(dance: Dance) -> None:
    """`alice` is the administrator here, with her repository in the built-in PDS."""
    dance.world.person("mallory", dance.world.strange_pds)
    query = await dance.come_back(dance.world.strange_pds.origin)
    dance.world.strange_authority.tokens = {"sub": dance.server.first.did}
    async with dance.refused("ServerUnsuitable"):
        await dance.finish(query)


async def test_a_server_cannot_speak_for_an_account_elsewhere_that_it_was_asked_about(dance: Dance) -> None:
    """The DID document named the stranger's PDS for a moment, when the login was begun."""
    rosa, world = dance.world.person("rosa"), dance.world
    world.directory.move(rosa.did, world.strange_pds.origin)
    world.strange_authority.signs_in = rosa
    query = await dance.come_back(rosa.did)
    world.directory.move(rosa.did, world.pds.origin)
    async with dance.refused("IssuerMismatch"):
        await dance.finish(query)


async def test_a_did_document_that_moves_away_before_the_callback_is_refused(dance: Dance) -> None:
    rosa, world = dance.world.person("rosa"), dance.world
    query = await dance.come_back(rosa.handle)
    world.directory.move(rosa.did, world.strange_pds.origin)
    async with dance.refused("IssuerMismatch"):
        await dance.finish(query)


async def test_a_did_document_that_moves_between_its_two_readings_is_refused(dance: Dance) -> None:
    """The document is read for the handle, and again at the callback: only the last one counts."""
    rosa, world = dance.world.person("rosa"), dance.world
    query = await dance.come_back(rosa.handle)
    moved = {**world.directory.documents[rosa.did]}
    moved["service"] = [{**moved["service"][0], "serviceEndpoint": world.strange_pds.origin}]
    world.directory.instead[world.directory.path_of(rosa.did)] = json_answer(moved)
    async with dance.refused("IssuerMismatch"):
        await dance.finish(query)


async def test_a_pds_that_names_another_issuer_before_the_callback_is_refused(dance: Dance) -> None:
    rosa, world = dance.world.person("rosa"), dance.world
    query = await dance.come_back(rosa.handle)
    world.pds.resource = {"authorization_servers": [world.strange_authority.origin]}
    world.strange_authority.pds_origins = [world.pds.origin]
    async with dance.refused("IssuerMismatch"):
        await dance.finish(query)


async def test_an_account_that_is_gone_before_the_callback_is_refused(dance: Dance) -> None:
    rosa, world = dance.world.person("rosa"), dance.world
    query = await dance.come_back(rosa.handle)
    del world.directory.documents[rosa.did]
    async with dance.refused("DidNotFound"):
        await dance.finish(query)


async def test_an_account_that_cannot_be_looked_up_at_the_callback_is_refused(dance: Dance) -> None:
    rosa, world = dance.world.person("rosa"), dance.world
    query = await dance.come_back(rosa.handle)
    world.directory.instead[world.directory.path_of(rosa.did)] = json_answer({}, 503)
    async with dance.refused("ResolutionUnavailable"):
        await dance.finish(query)


async def test_a_pds_that_cannot_be_asked_at_the_callback_is_refused(dance: Dance) -> None:
    rosa, world = dance.world.person("rosa"), dance.world
    query = await dance.come_back(rosa.handle)
    world.pds.instead[RESOURCE] = endless()
    async with dance.refused("ServerUnsuitable"):
        await dance.finish(query)


async def test_whom_the_administrator_did_not_name_may_not_log_in(world: HostileWorld, tmp_path: Path) -> None:
    rosa, mallory = world.person("rosa"), world.person("mallory")
    async with dancing(tmp_path, world, login="allow", allowed_logins=rosa.handle) as dance:
        async with dance.refused("NotAllowed", mallory.handle):
            await dance.log_in(mallory.handle)
        await dance.log_in(rosa.handle)
        assert [grant.sub for grant in world.live] == [rosa.did]


async def test_a_handle_that_does_not_verify_opens_no_door(world: HostileWorld, tmp_path: Path) -> None:
    rosa, mallory = world.person("rosa"), world.person("mallory", world.strange_pds)
    world.directory.documents[mallory.did]["alsoKnownAs"] = [f"at://{rosa.handle}"]
    async with (
        dancing(tmp_path, world, login="allow", allowed_logins=rosa.handle) as dance,
        dance.refused("NotAllowed"),
    ):
        await dance.log_in(mallory.did)


async def test_a_suspended_account_does_not_log_in(dance: Dance) -> None:
    rosa = dance.world.person("rosa")
    account = (await dance.log_in(rosa.handle)).account
    await dance.server.core.lifecycle.deactivate(account.actor_id, by_administrator=True)
    await dance.server.core.oauth_sessions.end(rosa.did)
    async with dance.refused("NotAllowed", "suspended"):
        await dance.log_in(rosa.handle)


async def test_the_account_gets_the_handle_that_verifies_and_not_the_one_claimed(dance: Dance) -> None:
    """A DID document may claim any handle; it counts only if the handle names the DID."""
    rosa, world = dance.world.person("rosa"), dance.world
    world.directory.documents[rosa.did]["alsoKnownAs"] = ["at://famous.example"]
    finished = await dance.log_in(rosa.did)
    assert finished.account.did == rosa.did
    assert "famous" not in repr(finished.account)


async def test_two_accounts_that_claim_one_handle_are_two_accounts(dance: Dance) -> None:
    rosa, world = dance.world.person("rosa"), dance.world
    first = await dance.log_in(rosa.handle)
    mallory = world.person("mallory", world.strange_pds)
    world.directory.documents[mallory.did]["alsoKnownAs"] = [f"at://{rosa.handle}"]
    second = await dance.log_in(mallory.did)
    assert second.account.actor_id != first.account.actor_id
    assert second.account.name != first.account.name


async def test_an_outside_account_cannot_take_the_name_of_a_local_one(dance: Dance) -> None:
    """`alice` is the administrator here; a stranger's handle may have the same form."""
    first, world = dance.server.first, dance.world
    mallory = world.person("mallory", world.strange_pds)
    world.directory.handles[first.handle] = mallory.did
    world.directory.documents[mallory.did]["alsoKnownAs"] = [f"at://{first.handle}"]
    finished = await dance.log_in(mallory.did)
    assert finished.account.did == mallory.did
    assert finished.account.actor_id != first.actor_id
    assert finished.account.role == "none"
