"""What the authorization server answers in exchange for a code, and what of it is not taken."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.hostile import ABSENT, endless, garbage, json_answer, redirect, slow
from tests.support.hostile.authorization import TOKEN
from tonearm.identity.oauth import endpoints

if TYPE_CHECKING:
    from tests.server.oauth.dance import Dance
    from tests.support.hostile.answers import Answer


@pytest.mark.parametrize(
    "change",
    [
        {"token_type": "Bearer"},
        {"token_type": ABSENT},
        {"token_type": ["DPoP"]},
        {"access_token": ABSENT},
        {"access_token": ""},
        {"access_token": 7},
        {"access_token": "two words"},
        {"access_token": "line\r\nX-Header: 1"},
        {"access_token": "é"},
        {"access_token": "x" * 20_000},
        {"refresh_token": ""},
        {"refresh_token": 7},
        {"scope": ABSENT},
        {"scope": ""},
        {"scope": ["atproto"]},
        {"scope": "repo:app.rocksky.scrobble"},
        {"scope": "atprotocol transition:generic"},
    ],
)
async def test_tokens_outside_the_profile_are_refused_and_revoked(dance: Dance, change: dict[str, Any]) -> None:
    query = await dance.come_back(dance.world.person("rosa").handle)
    dance.world.authority.tokens = change
    async with dance.refused("TokensUnsuitable", dance.world.authority.authority_of_url):
        await dance.finish(query)


@pytest.mark.parametrize("lives", [ABSENT, "soon", -1, 0, 10**30, 1.5, True, None])
async def test_a_lifetime_that_is_none_is_not_believed(dance: Dance, lives: Any) -> None:
    rosa = dance.world.person("rosa")
    dance.world.authority.tokens = {"expires_in": lives}
    listener = await dance.listener(rosa)
    await dance.server.scrobble(listener, title="Roygbiv", artist="Boards of Canada", timestamp=1_700_000_000)
    await dance.server.drained()
    assert len(dance.world.pds.records) > 0


@pytest.mark.parametrize("scope", ["atproto", "atproto repo:app.rocksky.like", "atproto blob:*/*", "atproto rpc:*"])
async def test_a_person_who_agrees_to_less_than_writing_plays_is_told_what_is_missing(dance: Dance, scope: str) -> None:
    query = await dance.come_back(dance.world.person("rosa").handle)
    dance.world.authority.tokens = {"scope": scope}
    async with dance.refused("PermissionMissing", "app.rocksky.scrobble"):
        await dance.finish(query)


@pytest.mark.parametrize("form", ["{0} x:unknown-permission", "{0}?", "atproto repo:*", "atproto transition:generic"])
async def test_scopes_are_read_and_not_compared(dance: Dance, form: str) -> None:
    rosa = dance.world.person("rosa")
    query = await dance.come_back(rosa.handle)
    dance.world.authority.tokens = {"scope": form.format(_asked(dance))}
    assert (await dance.finish(query)).account.did == rosa.did


async def test_scopes_in_another_order_and_form_are_the_same(dance: Dance) -> None:
    rosa = dance.world.person("rosa")
    query = await dance.come_back(rosa.handle)
    asked = _asked(dance).split()
    names = [scope.removeprefix("repo:") for scope in asked if scope.startswith("repo:")]
    rest = [scope for scope in asked if not scope.startswith("repo:")]
    merged = "repo?" + "&".join(f"collection={name}" for name in reversed(names))
    dance.world.authority.tokens = {"scope": " ".join([merged, *reversed(rest)])}
    assert (await dance.finish(query)).account.did == rosa.did


def _asked(dance: Dance) -> str:
    (pushed,) = [seen for seen in dance.world.authority.log if seen.path == "/oauth/par" and seen.status == 201]
    return pushed.form["scope"]


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (json_answer({"error": "invalid_grant"}, 400), "ServerRefused"),
        (json_answer({"error": "invalid_client"}, 401), "ServerRefused"),
        (json_answer({"error": "server_error", "error_description": "<b>x</b>"}, 500), "ServerUnavailable"),
        (garbage("<html>"), "ServerUnavailable"),
        (garbage("[]"), "ServerUnavailable"),
        (garbage("{}", "text/html"), "ServerUnavailable"),
        (endless(), "ServerUnavailable"),
        (json_answer({}, 201), "ServerUnsuitable"),
    ],
)
async def test_an_exchange_that_fails_leaves_nothing(dance: Dance, answer: Answer, name: str) -> None:
    query = await dance.come_back(dance.world.person("rosa").handle)
    dance.world.authority.instead[TOKEN] = answer
    async with dance.refused(name, dance.world.authority.authority_of_url):
        await dance.finish(query)
    assert dance.world.authority.sent.get(TOKEN, 0) < 8 * 1024**2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_code_does_not_follow_a_redirect(dance: Dance, status: int) -> None:
    query = await dance.come_back(dance.world.person("rosa").handle)
    dance.world.authority.instead[TOKEN] = redirect(dance.world.strange_authority.origin + TOKEN, status)
    async with dance.refused("ServerUnsuitable"):
        await dance.finish(query)
    assert dance.world.strange_authority.log == []


async def test_an_exchange_that_drips_is_given_up(dance: Dance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "TIMEOUT_S", 1.0)
    query = await dance.come_back(dance.world.person("rosa").handle)
    dance.world.authority.instead[TOKEN] = slow()
    started = time.monotonic()
    async with dance.refused("ServerUnavailable"):
        await dance.finish(query)
    assert time.monotonic() - started < 5


async def test_a_code_is_not_sent_a_second_time_when_its_answer_is_lost(dance: Dance) -> None:
    query = await dance.come_back(dance.world.person("rosa").handle)
    world = dance.world
    world.authority.loses.add(TOKEN)
    before = await dance.rows()
    with pytest.raises(Exception, match=world.authority.authority_of_url):
        await dance.finish(query)
    assert await dance.rows() == {**before, "oauth_request": 0}
    assert len([seen for seen in world.authority.asked(TOKEN) if seen.status == 200]) == 1


async def test_the_answers_of_two_logins_at_once_are_not_confused(dance: Dance) -> None:
    people = [dance.world.person(name) for name in ("rosa", "saul", "tess", "uma")]
    finished = await asyncio.gather(*(dance.log_in(person.handle) for person in people))
    assert [login.account.did for login in finished] == [person.did for person in people]


async def test_a_first_login_in_two_windows_at_once_makes_one_account(dance: Dance) -> None:
    rosa = dance.world.person("rosa")
    queries = [await dance.come_back(rosa.handle) for _ in range(2)]
    logins = await asyncio.gather(*(dance.finish(query) for query in queries))
    assert len({login.account.actor_id for login in logins}) == 1
    for _ in range(200):
        if len(dance.world.live) == 1:
            break
        await asyncio.sleep(0.01)
    assert len(dance.world.live) == 1
