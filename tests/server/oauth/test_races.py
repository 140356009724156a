"""What comes at the same time: two callbacks of one state, a logout or a login during a refresh."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.server.oauth.dance import Dance, dancing
from tests.support.hostile.answers import held
from tests.support.hostile.authorization import REVOKE, TOKEN
from tonearm.services.signing_in.oauth_logins import FinishedLogin, OAuthLoginError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.hostile import HostileWorld

SONG = {"title": "Roygbiv", "artist": "Boards of Canada"}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
async def dance(world: HostileWorld, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Dance]:
    async with dancing(tmp_path, world, database=request.param) as running:
        yield running


async def test_of_many_callbacks_at_once_one_is_taken(dance: Dance) -> None:
    query = await dance.come_back(dance.world.person("rosa").handle)
    answers = await asyncio.gather(*(dance.finish(query) for _ in range(10)), return_exceptions=True)
    assert len([login for login in answers if isinstance(login, FinishedLogin)]) == 1
    assert {error.name for error in answers if isinstance(error, OAuthLoginError)} == {"StateUnknown"}
    assert len(dance.world.authority.grants) == 1
    assert len(dance.world.live) == 1


async def test_many_first_logins_at_once_make_one_account_with_one_session(dance: Dance) -> None:
    rosa = dance.world.person("rosa")
    queries = [await dance.come_back(rosa.handle) for _ in range(5)]
    before = await dance.rows()
    logins = await asyncio.gather(*(dance.finish(query) for query in queries))
    after = await dance.rows()
    assert len({login.account.actor_id for login in logins}) == 1
    assert [after[name] - before[name] for name in ("account", "actor", "oauth_session")] == [1, 1, 1]
    await _only_one_lives(dance)


async def _only_one_lives(dance: Dance) -> None:
    for _ in range(500):
        if len(dance.world.live) == 1:
            break
        await asyncio.sleep(0.01)
    assert len(dance.world.live) == 1


async def test_a_logout_during_a_refresh_leaves_nothing(dance: Dance) -> None:
    rosa, authority = dance.world.person("rosa"), dance.world.authority
    listener = await dance.listener(rosa)
    authority.live[0].access_tokens.clear()
    authority.instead[TOKEN] = held(go_on := asyncio.Event())
    authority.log.clear()
    await dance.server.scrobble(listener, **SONG, timestamp=1_700_000_000)
    await authority.was_asked(TOKEN)
    ended = asyncio.create_task(dance.server.core.oauth_sessions.end(rosa.did))
    await authority.was_asked(REVOKE, 200)
    go_on.set()
    await ended
    await asyncio.sleep(0.2)
    assert not await dance.server.core.oauth_sessions.has(rosa.did)
    assert (await dance.rows())["oauth_session"] == 0
    assert dance.world.live == []


async def test_a_login_during_a_refresh_is_the_one_that_stays(dance: Dance) -> None:
    rosa, authority = dance.world.person("rosa"), dance.world.authority
    listener = await dance.listener(rosa)
    query = await dance.come_back(rosa.handle)
    authority.live[0].access_tokens.clear()
    authority.log.clear()
    authority.instead[TOKEN] = held(go_on := asyncio.Event(), form={"grant_type": "refresh_token"})
    await dance.server.scrobble(listener, **SONG, timestamp=1_700_000_000)
    await authority.was_asked(TOKEN)
    await dance.finish(query)
    go_on.set()
    await dance.server.drained()
    await _only_one_lives(dance)
    assert [grant.ended for grant in authority.grants] == ["revoked", ""]
