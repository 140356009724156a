"""A PDS that is hostile to whoever writes there: no token goes elsewhere, and no play is lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.support.hostile import endless, garbage, json_answer, redirect
from tests.support.hostile.authorization import TOKEN
from tests.support.hostile.pds import APPLY_WRITES
from tonearm.index.outbox import actor_state

if TYPE_CHECKING:
    from tests.server.oauth.dance import Dance
    from tests.support.hostile.answers import Answer

SONG = {"title": "Roygbiv", "artist": "Boards of Canada"}
INVALID_TOKEN = 'DPoP error="invalid_token"'


@pytest.mark.parametrize(
    "answer",
    [
        redirect("{stranger}", 307),
        redirect("{stranger}", 308),
        redirect("http://127.0.0.1:{trap}/", 307),
        redirect("http://169.254.169.254/", 307),
        endless(),
        garbage("<html>"),
        json_answer({"commit": {"rev": "x", "cid": "y"}}),
        json_answer({"error": "InternalServerError"}, 500),
    ],
    ids=["elsewhere", "elsewhere for good", "inside", "metadata", "endless", "html", "no commit", "broken"],
)
async def test_a_play_outlives_a_pds_that_answers_something_else(
    dance: Dance, answer: Answer, request: pytest.FixtureRequest
) -> None:
    listener, world = await dance.listener(dance.world.person("rosa")), dance.world
    if "elsewhere" in request.node.callspec.id:
        answer = redirect(world.strange_pds.origin + APPLY_WRITES, 307)
    if "inside" in request.node.callspec.id:
        answer = redirect(f"http://127.0.0.1:{world.trap.port}/", 307)
    world.pds.instead[APPLY_WRITES] = answer
    made = await dance.server.scrobble(listener, **SONG, timestamp=1_700_000_000)
    await world.pds.was_asked(APPLY_WRITES)
    await asyncio.sleep(0.3)
    assert world.strange_pds.log == []
    assert len(world.pds.asked(APPLY_WRITES)) < 4
    world.pds.instead.clear()
    await dance.server.core.outbox.resume(listener.actor_id)
    await dance.server.drained()
    assert made["uri"] in world.pds.records


async def test_a_pds_that_refuses_every_token_costs_one_refresh(dance: Dance) -> None:
    listener, world = await dance.listener(dance.world.person("rosa")), dance.world
    refused = json_answer({"error": "InvalidToken"}, 401, WWW_Authenticate=INVALID_TOKEN)
    world.pds.instead[APPLY_WRITES] = refused
    world.authority.log.clear()
    await dance.server.scrobble(listener, **SONG, timestamp=1_700_000_000)
    for _ in range(500):
        if (await dance.server.core.index.read(actor_state(listener.actor_id))).waiting_for_login:
            break
        await asyncio.sleep(0.01)
    assert (await dance.server.core.index.read(actor_state(listener.actor_id))).waiting_for_login
    await asyncio.sleep(0.2)
    assert len(world.authority.asked(TOKEN)) == 1
    assert len(world.pds.asked(APPLY_WRITES)) <= 4
    world.pds.instead.clear()
    await dance.log_in(listener.did)
    await dance.server.drained()
    assert world.pds.records


async def test_a_pds_sees_only_the_tokens_of_its_own_accounts(dance: Dance) -> None:
    rosa, mallory = dance.world.person("rosa"), dance.world.person("mallory", dance.world.strange_pds)
    for person in (rosa, mallory):
        await dance.server.scrobble(await dance.listener(person), **SONG, timestamp=1_700_000_000)
    await dance.server.drained()
    for pds, authority in (
        (dance.world.pds, dance.world.authority),
        (dance.world.strange_pds, dance.world.strange_authority),
    ):
        tokens = {token for grant in authority.grants for token in grant.access_tokens}
        sent = {seen.headers["Authorization"] for seen in pds.log if "Authorization" in seen.headers}
        assert sent
        assert sent <= {f"DPoP {token}" for token in tokens}
