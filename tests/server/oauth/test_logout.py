"""Logging out revokes at the server, and forgets whatever the server does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.server.oauth.browser import FROM_HERE, SESSION, browser_at
from tests.support.hostile import ABSENT, endless, garbage, json_answer, redirect, slow
from tests.support.hostile.authorization import METADATA, REVOKE
from tonearm.services.signing_in import oauth_sessions

if TYPE_CHECKING:
    from tests.server.oauth.dance import Dance
    from tests.support.hostile.answers import Answer


async def test_a_logout_revokes_at_the_server(dance: Dance) -> None:
    rosa = dance.world.person("rosa")
    await dance.log_in(rosa.handle)
    await dance.server.core.oauth_sessions.end(rosa.did)
    assert not await dance.server.core.oauth_sessions.has(rosa.did)
    assert [grant.ended for grant in dance.world.authority.grants] == ["revoked"]
    assert (await dance.rows())["oauth_session"] == 0


@pytest.mark.parametrize(
    "answer",
    [
        json_answer({"error": "server_error"}, 500),
        json_answer({"error": "invalid_request"}, 400),
        garbage("<html>", "text/html"),
        endless(),
        slow(),
        redirect("http://169.254.169.254/"),
        redirect("https://other.example/", 307),
    ],
    ids=["broken", "refused", "odd", "endless", "slow", "inside", "elsewhere"],
)
async def test_a_logout_forgets_when_the_server_does_not_revoke(
    dance: Dance, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth_sessions, "REVOKE_TIMEOUT_S", 1.0)
    rosa = dance.world.person("rosa")
    await dance.log_in(rosa.handle)
    dance.world.authority.instead[REVOKE] = answer
    started = time.monotonic()
    await dance.server.core.oauth_sessions.end(rosa.did)
    assert time.monotonic() - started < 5
    assert not await dance.server.core.oauth_sessions.has(rosa.did)
    assert (await dance.rows())["oauth_session"] == 0


async def test_a_logout_forgets_when_the_server_is_lost(dance: Dance) -> None:
    rosa = dance.world.person("rosa")
    await dance.log_in(rosa.handle)
    dance.world.authority.loses |= {REVOKE, METADATA}
    await dance.server.core.oauth_sessions.end(rosa.did)
    assert not await dance.server.core.oauth_sessions.has(rosa.did)


async def test_a_logout_at_a_server_without_revocation_forgets(dance: Dance) -> None:
    rosa = dance.world.person("rosa")
    dance.world.authority.metadata = {"revocation_endpoint": ABSENT}
    await dance.log_in(rosa.handle)
    await dance.server.core.oauth_sessions.end(rosa.did)
    assert not await dance.server.core.oauth_sessions.has(rosa.did)
    assert dance.world.authority.asked(REVOKE) == []


async def test_the_logout_of_one_leaves_the_session_of_another(dance: Dance) -> None:
    rosa, saul = dance.world.person("rosa"), dance.world.person("saul")
    await dance.log_in(rosa.handle)
    await dance.log_in(saul.handle)
    await dance.server.core.oauth_sessions.end(rosa.did)
    assert await dance.server.core.oauth_sessions.has(saul.did)
    assert [grant.sub for grant in dance.world.live] == [saul.did]


@pytest.mark.parametrize("server", ["honest", "broken", "lost", "slow"])
@pytest.mark.parametrize("path", ["/account/logout", "/account/disconnect"])
async def test_a_person_who_leaves_is_forgotten_whatever_the_server_does(
    dance: Dance, path: str, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth_sessions, "REVOKE_TIMEOUT_S", 1.0)
    authority = dance.world.authority
    async with browser_at(dance.server.url) as browser:
        await browser.log_in(dance.world.person("rosa").handle)
        (cookie,) = [cookie.value for cookie in browser.http.cookie_jar if cookie.key == SESSION]
        if server == "lost":
            authority.loses.add(REVOKE)
        elif server != "honest":
            authority.instead[REVOKE] = json_answer({}, 500) if server == "broken" else slow()
        page = await browser.press(path)
        assert page.status == 303
        assert authority.asked(REVOKE)
        assert (await dance.rows())["oauth_session"] == 0
        assert (authority.live == []) == (server in ("honest", "lost"))
        if path == "/account/logout":
            assert not await browser.is_signed_in()
            assert await dance.server.core.logins.browser(cookie) is None


async def test_another_site_cannot_log_somebody_out(dance: Dance) -> None:
    async with browser_at(dance.server.url) as browser:
        await browser.log_in(dance.world.person("rosa").handle)
        for path in ("/account/logout", "/account/disconnect"):
            for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://other.example"}, {}, FROM_HERE):
                assert (await browser.send(path, {**headers, "Accept": "text/html"})).status == 403
        assert await browser.is_signed_in()
    assert len(dance.world.live) == 1


async def test_a_logout_of_nobody_does_nothing(dance: Dance) -> None:
    await dance.server.core.oauth_sessions.end("did:plc:" + "a" * 24)
    assert dance.world.authority.log == []
