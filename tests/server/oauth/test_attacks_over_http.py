"""Each attack through the two ways in that browsers have: our own form, and the address that Rocksky's clients open.

The other files say of each attack which error it must give. Here it counts what the person sees, and that the browser is
as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.server.oauth.browser import BINDING, SESSION, Browser, browser_at
from tests.support.hostile import ABSENT, HostileWorld, endless, json_answer, redirect
from tests.support.hostile.authorization import METADATA, PAR, TOKEN
from tests.support.hostile.pds import RESOURCE
from tests.support.hostile.world import Person

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.server.oauth.browser import Page
    from tests.server.oauth.dance import Dance

Attack = Callable[[HostileWorld, Person], object]
TICKET = "tonearm_ticket"


def _metadata(**changes: object) -> Attack:
    return lambda world, _: world.authority.metadata.update(changes)


def _tokens(**changes: object) -> Attack:
    return lambda world, _: world.authority.tokens.update(changes)


AT_THE_BEGINNING: dict[str, Attack] = {
    "wrong issuer": _metadata(issuer="https://other.example"),
    "no PAR": _metadata(require_pushed_authorization_requests=False),
    "no client documents": _metadata(client_id_metadata_document_supported=ABSENT),
    "no iss": _metadata(authorization_response_iss_parameter_supported=False),
    "no ES256": _metadata(dpop_signing_alg_values_supported=["none"]),
    "plain PKCE": _metadata(code_challenge_methods_supported=["plain"]),
    "script": _metadata(authorization_endpoint="javascript:alert(1)//"),
    "two servers": lambda world, _: world.pds.resource.update(
        authorization_servers=[world.authority.origin, world.strange_authority.origin]
    ),
    "no server": lambda world, _: world.pds.resource.update(authorization_servers=[]),
    "redirect inside": lambda world, _: world.pds.instead.update(
        {RESOURCE: redirect(f"http://[::ffff:127.0.0.1]:{world.trap.port}{RESOURCE}")}
    ),
    "redirect to metadata service": lambda world, _: world.authority.instead.update(
        {METADATA: redirect("http://169.254.169.254/latest/meta-data/")}
    ),
    "endless": lambda world, _: world.authority.instead.update({METADATA: endless()}),
    "PDS inside": lambda world, rosa: world.directory.move(rosa.did, f"http://127.0.0.1:{world.trap.port}"),
    "handle of another": lambda world, rosa: world.directory.handles.update({rosa.handle: world.person("saul").did}),
    "no such account": lambda world, rosa: world.directory.documents.pop(rosa.did),
    "storm": lambda world, _: setattr(world.authority.nonces, "mode", "storm"),
    "refused": lambda world, _: world.authority.instead.update(
        {PAR: json_answer({"error": "invalid_client", "error_description": "<script>alert(1)</script>"}, 401)}
    ),
}
BEFORE_THE_CALLBACK: dict[str, Attack] = {
    "wrong iss": lambda world, _: world.authority.callback.update(iss="https://other.example"),
    "no iss": lambda world, _: world.authority.callback.update(iss=ABSENT),
    "no code": lambda world, _: world.authority.callback.update(code=ABSENT),
    "other state": lambda world, _: world.authority.callback.update(state="another"),
    "denied": lambda world, _: setattr(world.authority, "denies", "access_denied"),
    "other account": lambda world, _: setattr(world.authority, "signs_in", world.person("saul")),
    "account elsewhere": lambda world, _: world.authority.tokens.update(
        sub=world.person("mallory", world.strange_pds).did
    ),
    "no sub": _tokens(sub=ABSENT),
    "bearer": _tokens(token_type="Bearer"),
    "not of atproto": _tokens(scope="repo:app.rocksky.scrobble"),
    "less than asked": _tokens(scope="atproto"),
    "moved away": lambda world, rosa: world.directory.move(rosa.did, world.strange_pds.origin),
    "moved inside": lambda world, rosa: world.directory.move(rosa.did, f"http://127.0.0.1:{world.trap.port}"),
    "other issuer": lambda world, _: world.pds.resource.update(authorization_servers=[world.strange_authority.origin]),
    "gone": lambda world, rosa: world.directory.documents.pop(rosa.did),
    "storm": lambda world, _: setattr(world.authority.nonces, "mode", "storm"),
    "redirect": lambda world, _: world.authority.instead.update({TOKEN: redirect(world.strange_authority.origin, 307)}),
    "endless": lambda world, _: world.authority.instead.update({TOKEN: endless()}),
}


@pytest.fixture
async def browser(dance: Dance) -> AsyncIterator[Browser]:
    async with browser_at(dance.server.url) as opened:
        yield opened


async def opened(browser: Browser, way: str, handle: str) -> Page:
    """Begin a login, by the form or by the address of Rocksky's clients."""
    if way == "form":
        return await browser.send("/account/login", handle=handle)
    return await browser.get(f"/login?handle={handle}")


async def said(page: Page, browser: Browser, dance: Dance) -> None:
    """A page that says what was wrong, in a browser that is signed in to nothing."""
    assert 400 <= page.status < 600
    assert page.status != 500
    assert page.headers["Content-Type"].startswith("text/html")
    assert "<script" not in page.text
    assert not [name for name in (SESSION, TICKET) if page.sets(name)]
    assert not [secret for secret in dance.secrets() if secret in page.text]
    assert not await browser.is_signed_in()
    rows = await dance.rows()
    assert {rows[name] for name in ("oauth_session", "login_session", "login_ticket")} == {0}
    assert rows["account"] == 1
    assert dance.world.live == []


@pytest.mark.parametrize("way", ["form", "address"])
@pytest.mark.parametrize("attack", AT_THE_BEGINNING)
async def test_a_login_that_cannot_be_begun_is_a_page_that_says_why(
    dance: Dance, browser: Browser, attack: str, way: str
) -> None:
    rosa = dance.world.person("rosa")
    AT_THE_BEGINNING[attack](dance.world, rosa)
    page = await opened(browser, way, rosa.handle)
    await said(page, browser, dance)
    assert not page.sets(BINDING)
    assert (await dance.rows())["oauth_request"] == 0


@pytest.mark.parametrize("way", ["form", "address"])
@pytest.mark.parametrize("attack", BEFORE_THE_CALLBACK)
async def test_a_login_that_is_attacked_ends_in_a_page_that_says_so(
    dance: Dance, browser: Browser, attack: str, way: str
) -> None:
    rosa = dance.world.person("rosa")
    away = await browser.begin(rosa.handle) if way == "form" else (await opened(browser, way, rosa.handle)).location
    BEFORE_THE_CALLBACK[attack](dance.world, rosa)
    callback = (await browser.get(away)).location
    await said(await browser.get(callback), browser, dance)
