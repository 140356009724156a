"""A login at the other side, to link a local account to it: it links that account, and signs nobody in."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest

from tests.server.oauth.browser import SESSION, Browser, browser_at
from tests.support.hostile import ABSENT
from tests.support.hostile.authorization import TOKEN
from tonearm.services.moves import MoveNotFoundError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.server.oauth.dance import Dance
    from tests.support.server import Person as Listener


@pytest.fixture
async def browser(dance: Dance) -> AsyncIterator[Browser]:
    async with browser_at(dance.server.url) as opened:
        yield opened


async def sign_in(browser: Browser, who: Listener) -> None:
    page = await browser.send("/account/login/password", name=who.name, password=who.password)
    assert page.status == 303, page.text


async def consent_link(browser: Browser, handle: str) -> str:
    """Begin to link; answers the address at the other side's server."""
    page = await browser.press("/account/move/link", page="/account/move", handle=handle)
    assert page.status == 200, page.text
    (away,) = [html.unescape(link) for link in re.findall(r'href="([^"]+)"', page.text) if "request_uri" in link]
    return away


async def linked_to(dance: Dance, who: Listener) -> str | None:
    """The DID that an account is linked to."""
    try:
        return (await dance.server.core.moves.view(who.actor_id)).to_did
    except MoveNotFoundError:
        return None


async def signed_in_as(browser: Browser, dance: Dance) -> int | None:
    cookies = [cookie.value for cookie in browser.http.cookie_jar if cookie.key == SESSION]
    session = await dance.server.core.logins.browser(cookies[0]) if cookies else None
    return None if session is None else session.account.actor_id


async def test_a_link_is_made_for_the_account_that_is_signed_in(dance: Dance, browser: Browser) -> None:
    rosa, alice = dance.world.person("rosa"), dance.server.first
    await sign_in(browser, alice)
    callback = (await browser.get(await consent_link(browser, rosa.handle))).location
    page = await browser.get(callback)
    assert (page.status, page.location) == (303, "/account/move")
    assert not page.sets(SESSION)
    assert await linked_to(dance, alice) == rosa.did
    assert await signed_in_as(browser, dance) == alice.actor_id


async def test_a_link_that_somebody_else_began_links_nobody(dance: Dance, browser: Browser) -> None:
    """Bob began it in this browser, and Alice is signed in when it comes back."""
    mallory, alice = dance.world.person("mallory", dance.world.strange_pds), dance.server.first
    bob = await dance.server.create_account("bob")
    await sign_in(browser, bob)
    callback = (await browser.get(await consent_link(browser, mallory.handle))).location
    await sign_in(browser, alice)
    page = await browser.get(callback)
    assert page.status == 400
    assert await linked_to(dance, alice) is None
    assert await linked_to(dance, bob) is None
    assert await signed_in_as(browser, dance) == alice.actor_id


async def test_a_link_comes_back_to_the_browser_that_began_it(dance: Dance, browser: Browser) -> None:
    """An attacker's callback in the browser of a victim who is signed in would link the victim to the attacker."""
    mallory, alice = dance.world.person("mallory", dance.world.strange_pds), dance.server.first
    bob = await dance.server.create_account("bob")
    async with browser_at(dance.server.url) as attacker:
        await sign_in(attacker, bob)
        callback = (await attacker.get(await consent_link(attacker, mallory.handle))).location
    await sign_in(browser, alice)
    page = await browser.get(callback)
    assert page.status == 400
    assert await linked_to(dance, alice) is None
    assert dance.world.strange_authority.asked(TOKEN) == []


async def test_a_link_in_a_browser_that_nobody_is_signed_in_with_signs_nobody_in(
    dance: Dance, browser: Browser
) -> None:
    rosa, alice = dance.world.person("rosa"), dance.server.first
    await sign_in(browser, alice)
    callback = (await browser.get(await consent_link(browser, rosa.handle))).location
    await browser.press("/account/logout")
    page = await browser.get(callback)
    assert page.status == 401
    assert not page.sets(SESSION)
    assert await linked_to(dance, alice) is None
    assert await signed_in_as(browser, dance) is None


@pytest.mark.parametrize("attack", ["other account", "wrong iss", "denied", "bearer", "elsewhere"])
async def test_a_link_that_is_attacked_links_nothing(dance: Dance, browser: Browser, attack: str) -> None:
    rosa, alice, world = dance.world.person("rosa"), dance.server.first, dance.world
    await sign_in(browser, alice)
    away = await consent_link(browser, rosa.handle)
    if attack == "other account":
        world.authority.signs_in = world.person("saul")
    elif attack == "wrong iss":
        world.authority.callback = {"iss": ABSENT}
    elif attack == "denied":
        world.authority.denies = "access_denied"
    elif attack == "bearer":
        world.authority.tokens = {"token_type": "Bearer"}
    else:
        world.directory.move(rosa.did, world.strange_pds.origin)
    before = await dance.rows()
    page = await browser.get((await browser.get(away)).location)
    assert page.status == 400
    assert await linked_to(dance, alice) is None
    after = await dance.rows()
    assert {name: after[name] for name in ("account", "oauth_session")} == {"account": 1, "oauth_session": 0}
    assert after["login_session"] == before["login_session"]
    assert world.live == []
    assert await signed_in_as(browser, dance) == alice.actor_id


async def test_another_site_cannot_begin_a_link(dance: Dance, browser: Browser) -> None:
    rosa, alice = dance.world.person("rosa"), dance.server.first
    await sign_in(browser, alice)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://other.example"}, {}):
        page = await browser.send("/account/move/link", {**headers, "Accept": "text/html"}, handle=rosa.handle)
        assert page.status == 403
    assert dance.world.authority.log == []
