"""The callback: whose login it is, which server answers, and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.server.oauth.dance import BROWSER, OTHER_BROWSER
from tests.support.hostile import ABSENT
from tests.support.hostile.authorization import TOKEN

if TYPE_CHECKING:
    from typing import Any

    from tests.server.oauth.dance import Dance


@pytest.mark.parametrize("iss", [ABSENT, "", "https://other.example", "{origin}/", "{upper}"])
async def test_an_answer_of_another_issuer_is_refused(dance: Dance, iss: Any) -> None:
    rosa, authority = dance.world.person("rosa"), dance.world.authority
    said = iss.format(origin=authority.origin, upper=authority.origin.upper()) if isinstance(iss, str) else iss
    authority.callback = {"iss": said}
    query = await dance.come_back(rosa.handle)
    async with dance.refused("IssuerMismatch"):
        await dance.finish(query)
    assert authority.asked(TOKEN) == []


async def test_a_code_of_one_server_is_never_sent_to_another(dance: Dance) -> None:
    """Mix-up: the login was begun at a stranger's server, which sends the browser on to an honest one."""
    rosa = dance.world.person("rosa")
    begun = await dance.come_back(dance.world.person("mallory", dance.world.strange_pds).handle)
    honest = await dance.come_back(rosa.handle)
    async with dance.refused("IssuerMismatch"):
        await dance.finish({"state": begun["state"], "code": honest["code"], "iss": honest["iss"]})
    assert dance.world.strange_authority.asked(TOKEN) == []
    assert dance.world.authority.asked(TOKEN) == []


async def test_an_error_of_another_issuer_does_not_end_a_login_as_denied(dance: Dance) -> None:
    query = await dance.come_back(dance.world.person("rosa").handle)
    forged = {"state": query["state"], "error": "access_denied", "iss": "https://other.example"}
    async with dance.refused("IssuerMismatch"):
        await dance.finish(forged)


@pytest.mark.parametrize("state", ["never-given-out", "", "x" * 100_000, "\x00", "é"])
async def test_a_state_that_was_never_given_out_is_refused(dance: Dance, state: str) -> None:
    query = await dance.come_back(dance.world.person("rosa").handle)
    async with dance.refused("StateUnknown"):
        await dance.finish({**query, "state": state})
    assert dance.world.authority.asked(TOKEN) == []


async def test_an_answer_without_a_state_is_refused(dance: Dance) -> None:
    query = await dance.come_back(dance.world.person("rosa").handle)
    del query["state"]
    async with dance.refused("StateUnknown"):
        await dance.finish(query)


async def test_a_state_serves_once(dance: Dance) -> None:
    rosa = dance.world.person("rosa")
    query = await dance.come_back(rosa.handle)
    await dance.finish(query)
    await dance.server.core.oauth_sessions.end(rosa.did)
    tokens = len(dance.world.authority.asked(TOKEN))
    async with dance.refused("StateUnknown"):
        await dance.finish(query)
    assert len(dance.world.authority.asked(TOKEN)) == tokens


async def test_a_replayed_callback_leaves_the_session_of_the_first(dance: Dance) -> None:
    rosa = dance.world.person("rosa")
    query = await dance.come_back(rosa.handle)
    await dance.finish(query)
    with pytest.raises(Exception, match="Begin again"):
        await dance.finish(query)
    assert await dance.server.core.oauth_sessions.has(rosa.did)
    assert len(dance.world.live) == 1


async def test_a_state_that_failed_serves_no_more(dance: Dance) -> None:
    query = await dance.come_back(dance.world.person("rosa").handle)
    async with dance.refused("IssuerMismatch"):
        await dance.finish({**query, "iss": "https://other.example"})
    async with dance.refused("StateUnknown"):
        await dance.finish(query)


async def test_a_state_lives_for_minutes(dance: Dance) -> None:
    query = await dance.come_back(dance.world.person("rosa").handle)
    dance.clock.ahead_s = 3600
    async with dance.refused("StateUnknown"):
        await dance.finish(query)
    assert dance.world.authority.asked(TOKEN) == []


@pytest.mark.parametrize("binding", [OTHER_BROWSER, ""])
async def test_the_login_of_another_browser_is_refused(dance: Dance, binding: str) -> None:
    """Login CSRF: the attacker's callback in the victim's browser would log the victim in as the attacker."""
    query = await dance.come_back(dance.world.person("mallory").handle)
    async with dance.refused("StateUnknown"):
        await dance.finish(query, binding=binding)
    assert dance.world.authority.asked(TOKEN) == []


async def test_a_code_of_another_login_is_refused(dance: Dance) -> None:
    """Code injection: the attacker puts a stolen code into a login of their own; PKCE and the proof's key object."""
    rosa = dance.world.person("rosa")
    stolen = await dance.come_back(rosa.handle, binding=OTHER_BROWSER)
    own = await dance.come_back(rosa.handle)
    async with dance.refused("ServerRefused"):
        await dance.finish({**own, "code": stolen["code"]}, binding=BROWSER)
    dance.world.forgive("code_verifier")


async def test_a_code_that_was_used_before_is_refused(dance: Dance) -> None:
    rosa = dance.world.person("rosa")
    first = await dance.come_back(rosa.handle)
    second = await dance.come_back(rosa.handle)
    await dance.finish(first)
    await dance.server.core.oauth_sessions.end(rosa.did)
    async with dance.refused("ServerRefused"):
        await dance.finish({**second, "code": first["code"]})
    dance.world.forgive("used before")


@pytest.mark.parametrize("code", [ABSENT, "", "x" * 100_000])
async def test_an_answer_without_a_code_is_refused(dance: Dance, code: Any) -> None:
    dance.world.authority.callback = {"code": code} if not isinstance(code, str) else {}
    query = await dance.come_back(dance.world.person("rosa").handle)
    async with dance.refused("ServerRefused"):
        await dance.finish(query if not isinstance(code, str) else {**query, "code": code})


async def test_a_token_in_the_callback_is_no_token(dance: Dance) -> None:
    """Token injection: nothing but a code is taken from the browser."""
    dance.world.authority.callback = {"code": ABSENT, "access_token": "stolen", "token_type": "DPoP"}
    query = await dance.come_back(dance.world.person("rosa").handle)
    async with dance.refused("ServerRefused"):
        await dance.finish(query)


@pytest.mark.parametrize(
    ("error", "name"),
    [
        ("access_denied", "AccessDenied"),
        ("login_required", "ServerRefused"),
        ("server_error", "ServerRefused"),
        ("temporarily_unavailable", "ServerRefused"),
        ("invalid_scope", "ServerRefused"),
        ("<script>alert(1)</script>", "ServerRefused"),
    ],
)
async def test_a_login_that_is_refused_at_the_server_ends(dance: Dance, error: str, name: str) -> None:
    dance.world.authority.denies = error
    query = await dance.come_back(dance.world.person("rosa").handle)
    async with dance.refused(name):
        await dance.finish(query)
    assert dance.world.authority.asked(TOKEN) == []


async def test_an_error_beside_a_code_is_an_error(dance: Dance) -> None:
    query = await dance.come_back(dance.world.person("rosa").handle)
    async with dance.refused("AccessDenied"):
        await dance.finish({**query, "error": "access_denied"})
    assert dance.world.authority.asked(TOKEN) == []
