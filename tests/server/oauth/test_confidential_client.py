"""The confidential client among hostile peers: what it signs is for one server, for one minute, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.server.oauth.browser import SESSION, browser_at
from tests.server.oauth.dance import dancing
from tests.support.hostile.authorization import PAR, REVOKE, TOKEN
from tests.support.hostile.proofs import PRIVATE_PARTS, parts_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.server.oauth.dance import Dance
    from tests.support.hostile import HostileWorld

PUBLIC = "https://tonearm.example"


@pytest.fixture
async def dance(world: HostileWorld, tmp_path: Path) -> AsyncIterator[Dance]:
    async with dancing(tmp_path, world, public_url=PUBLIC) as running:
        yield running


@pytest.mark.parametrize(
    "change",
    [
        {"token_endpoint_auth_methods_supported": ["none"]},
        {"token_endpoint_auth_signing_alg_values_supported": ["RS256"]},
        {"token_endpoint_auth_signing_alg_values_supported": ["ES256", "none"]},
        {"token_endpoint_auth_signing_alg_values_supported": "ES256"},
    ],
)
async def test_a_server_that_does_not_take_our_proof_is_unsuitable(dance: Dance, change: dict[str, Any]) -> None:
    rosa = dance.world.person("rosa")
    dance.world.authority.metadata = change
    before = await dance.rows()
    with pytest.raises(Exception, match=dance.world.authority.authority_of_url) as refused:
        await dance.begin(rosa.handle)
    assert refused.value.name == "ServerUnsuitable"
    assert await dance.rows() == before


async def test_an_assertion_is_for_one_server_and_used_once(dance: Dance) -> None:
    """A stranger's server that collects assertions has none that another would take."""
    rosa, mallory = dance.world.person("rosa"), dance.world.person("mallory", dance.world.strange_pds)
    for person in (rosa, mallory):
        await dance.log_in(person.handle)
        await dance.server.core.oauth_sessions.end(person.did)
    seen = []
    for authority in (dance.world.authority, dance.world.strange_authority):
        for path in (PAR, TOKEN, REVOKE):
            for request in authority.asked(path):
                claims = parts_of(request.form["client_assertion"])[1]
                assert claims["aud"] == authority.origin
                assert claims["exp"] - claims["iat"] <= 60
                seen.append(claims["jti"])
    assert len(seen) == len(set(seen)) >= 6


async def test_a_session_goes_on_with_the_key_that_began_it(dance: Dance) -> None:
    """A new key joins the old one; the server would end a session whose key changed."""
    rosa = dance.world.person("rosa")
    listener = await dance.listener(rosa)
    (grant,) = dance.world.live
    await dance.server.core.oauth_sessions.client_keys.rotate()
    dance.clock.ahead_s = 0
    grant.access_tokens.clear()
    await dance.server.scrobble(listener, title="Roygbiv", artist="Boards of Canada", timestamp=1_700_000_000)
    await dance.server.drained()
    assert dance.world.live == [grant]
    assert len(grant.spent) == 1


async def test_the_published_keys_are_public(dance: Dance) -> None:
    await dance.log_in(dance.world.person("rosa").handle)
    async with dance.server.http.get(f"{dance.server.url}/jwks.json") as answer:
        keys = (await answer.json())["keys"]
    assert keys
    for key in keys:
        assert not PRIVATE_PARTS & key.keys()
        assert (key["kty"], key["crv"], key["alg"]) == ("EC", "P-256", "ES256")
        assert key["kid"]


async def test_a_proof_shows_no_private_key(dance: Dance) -> None:
    await dance.log_in(dance.world.person("rosa").handle)
    for request in dance.world.authority.log:
        if "DPoP" in request.headers:
            assert parts_of(request.headers["DPoP"])[0]["jwk"].keys() == {"kty", "crv", "x", "y"}


async def test_under_https_the_cookies_are_bound_to_this_host(dance: Dance) -> None:
    rosa = dance.world.person("rosa")
    async with browser_at(dance.server.url) as browser:
        url = await browser.begin(rosa.handle)
        (binding,) = [morsel for morsel in browser.http.cookie_jar if morsel.key.endswith("tonearm_login")]
        callback = (await browser.get(url)).location.replace(PUBLIC, dance.server.url)
        cookies = {"Cookie": f"{binding.key}={binding.value}"}  # over http a browser would not send it
        page = await browser.get(callback, cookies)
    assert (page.status, page.location) == (303, "/")
    (cookie,) = [cookie for cookie in page.set_cookies if SESSION in cookie]
    assert cookie.startswith("__Host-")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie
