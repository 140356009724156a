"""Profiles and handles are followed in the background, whatever people's servers answer."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from tests.support.hostile import answers
from tests.support.hostile.world import HostileWorld, hostile_world
from tests.support.server import running_server
from tonearm.outbound import OutboundError
from tonearm.services import profiles

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.hostile.world import Person
    from tests.support.server import Server

PROFILE = "app.bsky.actor.profile"
GET_RECORD = "/xrpc/com.atproto.repo.getRecord"


@pytest.fixture
async def world() -> AsyncIterator[HostileWorld]:
    async with hostile_world() as peers:
        yield peers


@pytest.fixture
async def listeners(world: HostileWorld, tmp_path: Path, database: str) -> AsyncIterator[Server]:
    async with running_server(tmp_path, database=database, **world.settings()) as server:
        yield server


def named(world: HostileWorld, person: Person, name: Any) -> None:
    world.pds.records[f"at://{person.did}/{PROFILE}/self"] = {"$type": PROFILE, "displayName": name}


async def join(server: Server, person: Person) -> None:
    await server.core.accounts.add_remote(person.did, person.handle, person.pds.origin)


async def shown(server: Server, did: str) -> dict[str, Any]:
    status, profile = await server.ask("app.rocksky.actor.getProfile", did=did)
    assert status == 200, profile
    return profile


async def until_shown(server: Server, did: str, **wanted: str) -> None:
    for _ in range(200):
        profile = await shown(server, did)
        if all(profile.get(name) == value for name, value in wanted.items()):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(profile)


async def test_a_profile_comes_soon_after_a_login_and_again_when_the_identity_changes(
    world: HostileWorld, listeners: Server
):
    kate = world.person("kate")
    named(world, kate, "Kate")
    await join(listeners, kate)
    await until_shown(listeners, kate.did, displayName="Kate")
    named(world, kate, "K.")
    world.directory.say(kate.did, handle="bush.test", pds_url=world.pds.origin, key=kate.key.public_multibase())
    listeners.core.profiles.wake(kate.did)  # as an #identity event does
    await until_shown(listeners, kate.did, displayName="K.", handle="bush.test")


async def test_a_name_that_is_no_text_is_none(world: HostileWorld, listeners: Server):
    kate = world.person("kate")
    await join(listeners, kate)
    for hostile in ([], {"a": "b"}, 5, "\u202e", None):
        named(world, kate, "Kate")
        await listeners.core.profiles.refresh(kate.did)
        named(world, kate, hostile)
        await listeners.core.profiles.refresh(kate.did)
        assert (await shown(listeners, kate.did)).get("displayName") in (None, kate.handle), hostile


@pytest.mark.parametrize(
    "answer",
    [
        answers.endless(),
        answers.slow(),
        answers.garbage("<html>"),
        answers.garbage("[" * 50_000),
        answers.json_answer({"error": "InternalServerError"}, status=500),
        answers.redirect("http://169.254.169.254/latest/meta-data/"),
    ],
    ids=["endless", "slow", "html", "nested", "500", "redirect"],
)
async def test_a_pds_that_answers_badly_changes_nothing_and_holds_up_nobody(
    world: HostileWorld, listeners: Server, answer: answers.Answer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(profiles, "TIMEOUT_S", 1.0)
    kate = world.person("kate")
    named(world, kate, "Kate")
    await join(listeners, kate)
    await until_shown(listeners, kate.did, displayName="Kate")
    world.pds.instead[GET_RECORD] = answer
    with pytest.raises((OutboundError, LookupError)):
        await listeners.core.profiles.refresh(kate.did)
    paul = world.person("paul", world.strange_pds)
    world.strange_pds.records[f"at://{paul.did}/{PROFILE}/self"] = {"displayName": "Paul"}
    listeners.core.profiles.wake(kate.did)
    await join(listeners, paul)
    await until_shown(listeners, paul.did, displayName="Paul")
    assert (await shown(listeners, kate.did))["displayName"] == "Kate"


async def test_profiles_are_asked_for_a_few_at_a_time_and_never_on_a_requests_way(
    world: HostileWorld, listeners: Server
):
    now = most = 0

    async def hang(_request: web.Request) -> web.Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.3)
        now -= 1
        return web.json_response({"value": {"displayName": "Late"}})

    world.pds.instead[GET_RECORD] = hang
    people = [world.person(f"p{number}") for number in range(12)]
    for person in people:
        await join(listeners, person)
    begun = time.monotonic()
    for person in people:
        await shown(listeners, person.did)
    assert time.monotonic() - begun < 1.0
    for person in people:
        await until_shown(listeners, person.did, displayName="Late")
    assert 1 < most <= profiles.AT_ONCE


async def test_a_handle_that_verifies_no_more_is_kept_while_it_is_claimed_and_dropped_when_not(
    world: HostileWorld, listeners: Server
):
    kate = world.person("kate")
    await join(listeners, kate)
    del world.directory.handles["kate.test"]  # its server is down, perhaps
    await listeners.core.profiles.refresh(kate.did)
    assert (await shown(listeners, kate.did))["handle"] == "kate.test"
    world.directory.documents[kate.did]["alsoKnownAs"] = []
    await listeners.core.profiles.refresh(kate.did)
    assert (await shown(listeners, kate.did))["handle"] == "handle.invalid"


async def test_whoever_has_a_handle_now_is_found_by_it_and_not_who_had_it(world: HostileWorld, listeners: Server):
    kate, mallory = world.person("kate"), world.person("mallory")
    for person in (kate, mallory):
        await join(listeners, person)
    for person, handle in ((kate, "bush.test"), (mallory, "kate.test")):
        world.directory.say(person.did, handle=handle, pds_url=world.pds.origin, key=person.key.public_multibase())
        await listeners.core.profiles.refresh(person.did)
    assert (await listeners.core.accounts.named("kate.test")).did == mallory.did
    assert (await listeners.core.accounts.named("bush.test")).did == kate.did
    assert (await shown(listeners, "kate.test"))["did"] == mallory.did


async def test_a_local_account_is_followed_too(listeners: Server):
    bob = await listeners.create_account("bob")
    session = (
        await listeners.tell("com.atproto.server.createSession", {"identifier": bob.handle, "password": bob.password})
    )[1]["accessJwt"]
    record = {"repo": bob.did, "collection": PROFILE, "rkey": "self", "record": {"displayName": "Bob!"}}
    assert (await listeners.tell("com.atproto.repo.putRecord", record, token=session))[0] == 200
    body = {"handle": "robert.test"}
    assert (await listeners.tell("com.atproto.identity.updateHandle", body, token=session))[0] == 200
    await until_shown(listeners, bob.did, handle="robert.test", displayName="Bob!")


async def test_a_profile_that_cannot_be_read_is_tried_again_after_an_hour_and_a_good_one_after_a_day(
    world: HostileWorld, tmp_path: Path
):
    async with running_server(tmp_path, outbox=False, **world.settings()) as server:
        at = time.time()
        server.core.profiles.now = lambda: at
        kate = world.person("kate")
        await join(server, kate)
        assert kate.did in await server.core.profiles._due()
        assert await server.core.profiles._due() == [], "who is being looked at is left alone"
        at += profiles.RETRY_S + 1
        assert kate.did in await server.core.profiles._due()
        await server.core.profiles.refresh(kate.did)
        at += profiles.EVERY_S - 10
        assert kate.did not in await server.core.profiles._due()
        at += 20
        assert kate.did in await server.core.profiles._due()
