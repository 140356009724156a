"""DPoP nonces: one retry with the nonce of the refusal, and never a second one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.support.hostile import json_answer, later
from tests.support.hostile.authorization import PAR, TOKEN
from tests.support.hostile.pds import APPLY_WRITES
from tests.support.hostile.proofs import parts_of

if TYPE_CHECKING:
    from tests.server.oauth.dance import Dance

SONG = {"title": "Roygbiv", "artist": "Boards of Canada"}


async def test_a_storm_at_the_pushed_request_gets_one_retry(dance: Dance) -> None:
    rosa = dance.world.person("rosa")
    dance.world.authority.nonces.mode = "storm"
    async with dance.refused("ServerRefused", "nonce"):
        await dance.begin(rosa.handle)
    assert len(dance.world.authority.asked(PAR)) == 2


async def test_a_storm_at_the_exchange_gets_one_retry(dance: Dance) -> None:
    query = await dance.come_back(dance.world.person("rosa").handle)
    dance.world.authority.nonces.mode = "storm"
    async with dance.refused("ServerRefused", "nonce"):
        await dance.finish(query)
    assert len(dance.world.authority.asked(TOKEN)) == 2


async def test_a_storm_at_the_pds_gets_one_retry_and_the_play_waits(dance: Dance) -> None:
    listener = await dance.listener(dance.world.person("rosa"))
    dance.world.pds.nonces.mode = "storm"
    made = await dance.server.scrobble(listener, **SONG, timestamp=1_700_000_000)
    await dance.world.pds.was_asked(APPLY_WRITES, 401)
    await asyncio.sleep(0.2)
    assert len(dance.world.pds.asked(APPLY_WRITES)) == 2
    dance.world.pds.nonces.mode = "steady"
    await dance.server.core.outbox.resume(listener.actor_id)
    await dance.server.drained()
    assert made["uri"] in dance.world.pds.records


async def test_a_storm_at_a_refresh_gets_one_retry_and_keeps_the_session(dance: Dance) -> None:
    rosa, authority = dance.world.person("rosa"), dance.world.authority
    listener = await dance.listener(rosa)
    authority.live[0].access_tokens.clear()
    authority.log.clear()
    authority.nonces.mode = "storm"
    await dance.server.scrobble(listener, **SONG, timestamp=1_700_000_000)
    await authority.was_asked(TOKEN, 400)
    await asyncio.sleep(0.2)
    assert len(authority.asked(TOKEN)) == 2
    authority.nonces.mode = "steady"
    await dance.server.core.outbox.resume(listener.actor_id)
    await dance.server.drained()
    assert len(authority.live) == 1


async def test_a_nonce_that_ends_at_any_time_costs_one_retry(dance: Dance) -> None:
    listener = await dance.listener(dance.world.person("rosa"))
    for second in range(3):
        dance.world.pds.nonces.rotate()
        await dance.server.scrobble(listener, **SONG, timestamp=1_700_000_000 + 1000 * second)
        await dance.server.drained()
    assert [seen.status for seen in dance.world.pds.asked(APPLY_WRITES)] == [401, 200] * 3


async def test_a_nonce_that_comes_with_a_success_is_used_next(dance: Dance) -> None:
    listener = await dance.listener(dance.world.person("rosa"))
    for second in range(3):
        await dance.server.scrobble(listener, **SONG, timestamp=1_700_000_000 + 1000 * second)
        await dance.server.drained()
    assert [seen.status for seen in dance.world.pds.asked(APPLY_WRITES)] == [401, 200, 200, 200]


async def test_a_server_without_nonces_is_used_without(dance: Dance) -> None:
    rosa, world = dance.world.person("rosa"), dance.world
    world.authority.nonces.mode = world.pds.nonces.mode = "none"
    await dance.server.scrobble(await dance.listener(rosa), **SONG, timestamp=1_700_000_000)
    await dance.server.drained()
    assert all("nonce" not in parts_of(seen.headers["DPoP"])[1] for seen in world.authority.asked(PAR))


async def test_a_challenge_without_a_nonce_is_no_challenge(dance: Dance) -> None:
    rosa, authority = dance.world.person("rosa"), dance.world.authority
    authority.nonces.mode = "none"
    authority.instead[PAR] = json_answer({"error": "use_dpop_nonce"}, 400)
    async with dance.refused("ServerRefused", "nonce"):
        await dance.begin(rosa.handle)
    assert len(authority.asked(PAR)) == 1


@pytest.mark.parametrize("nonce", ["x" * 4000, "\u00fcn\u00efcode"])
async def test_a_nonce_of_another_form_is_not_sent_back(dance: Dance, nonce: str) -> None:
    rosa, authority = dance.world.person("rosa"), dance.world.authority
    authority.nonces.mode = "none"
    authority.instead[PAR] = json_answer({"error": "use_dpop_nonce"}, 400, DPoP_Nonce=nonce)
    async with dance.refused("ServerRefused", "nonce"):
        await dance.begin(rosa.handle)
    assert all(parts_of(seen.headers["DPoP"])[1].get("nonce") is None for seen in authority.asked(PAR))


async def test_a_storm_that_begins_during_a_retry_is_not_followed(dance: Dance) -> None:
    rosa, authority = dance.world.person("rosa"), dance.world.authority
    authority.instead[PAR] = later(json_answer({"error": "use_dpop_nonce"}, 400, DPoP_Nonce="again"), first=1)
    async with dance.refused("ServerRefused", "nonce"):
        await dance.begin(rosa.handle)
    assert len(authority.asked(PAR)) == 2
