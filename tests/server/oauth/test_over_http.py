"""The login as a browser sees it: what the callback answers, and that a refused one leaves no cookie."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.server.oauth.browser import BINDING, SESSION, Browser, browser_at
from tests.support.hostile.authorization import PAR, TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.server.oauth.browser import Page
    from tests.server.oauth.dance import Dance


@pytest.fixture
async def browser(dance: Dance) -> AsyncIterator[Browser]:
    async with browser_at(dance.server.url) as opened:
        yield opened


@pytest.fixture
async def other_browser(dance: Dance) -> AsyncIterator[Browser]:
    async with browser_at(dance.server.url) as opened:
        yield opened


async def refused(dance: Dance, browser: Browser, callback: str, *words: str) -> Page:
    """The callback must be answered with a page that says what was wrong, and sign nobody in."""
    before = await dance.rows()
    page = await browser.get(callback)
    assert page.status == 400, page.text
    assert all(word in page.text for word in words), page.text
    assert not page.sets(SESSION)
    assert not await browser.is_signed_in()
    after = await dance.rows()
    for name in ("account", "oauth_session", "login_session"):
        assert after[name] == before[name], name
    assert dance.world.live == []
    return page


async def test_a_login_gives_the_browser_a_session_and_nothing_else(dance: Dance, browser: Browser) -> None:
    page = await browser.log_in(dance.world.person("rosa").handle, "/account/tokens")
    assert (page.status, page.location) == (303, "/account/tokens")
    (cookie,) = [cookie for cookie in page.set_cookies if cookie.startswith(SESSION)]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert await browser.is_signed_in()
    assert not [secret for secret in dance.secrets() if secret in page.text + str(page.headers)]


async def test_the_page_of_the_callback_gives_its_address_to_nobody(dance: Dance, browser: Browser) -> None:
    """The address has the code in it, and other sites must not learn it."""
    page = await browser.log_in(dance.world.person("rosa").handle)
    assert page.headers["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert page.headers["Cache-Control"] == "no-store"
    assert "code=" not in page.location


async def test_an_answer_of_another_issuer_is_a_page_that_says_so(dance: Dance, browser: Browser) -> None:
    dance.world.authority.callback = {"iss": "https://other.example"}
    callback = await browser.agree(dance.world.person("rosa").handle)
    await refused(dance, browser, callback, "Begin again")
    assert dance.world.authority.asked(TOKEN) == []


async def test_a_callback_in_another_browser_signs_nobody_in(
    dance: Dance, browser: Browser, other_browser: Browser
) -> None:
    """Login CSRF: the victim's browser is sent to the attacker's callback."""
    callback = await browser.agree(dance.world.person("mallory").handle)
    await refused(dance, other_browser, callback, "another browser")
    assert dance.world.authority.asked(TOKEN) == []


async def test_a_victim_who_has_begun_a_login_of_their_own_is_not_signed_in_as_the_attacker(
    dance: Dance, browser: Browser, other_browser: Browser
) -> None:
    callback = await browser.agree(dance.world.person("mallory").handle)
    await other_browser.begin(dance.world.person("rosa").handle)
    await refused(dance, other_browser, callback, "another browser")


async def test_a_replayed_callback_opens_no_second_session(
    dance: Dance, browser: Browser, other_browser: Browser
) -> None:
    callback = await browser.agree(dance.world.person("rosa").handle)
    await browser.get(callback)
    for each in (browser, other_browser):
        page = await each.get(callback)
        assert page.status == 400
        assert each is browser or not page.sets(SESSION)  # the session that is there is prolonged
    assert await browser.is_signed_in()
    assert not await other_browser.is_signed_in()
    assert (await dance.rows())["login_session"] == 1


async def test_a_login_that_was_denied_is_a_page_that_says_so(dance: Dance, browser: Browser) -> None:
    dance.world.authority.denies = "access_denied"
    callback = await browser.agree(dance.world.person("rosa").handle)
    await refused(dance, browser, callback, "You did not agree")


async def test_what_a_server_says_is_text_and_not_markup(dance: Dance, browser: Browser) -> None:
    dance.world.authority.denies = "server_error"
    dance.world.authority.callback = {"error_description": '<script>alert(1)</script>"><img src=x>'}
    callback = await browser.agree(dance.world.person("rosa").handle)
    page = await refused(dance, browser, callback)
    assert "<script" not in page.text
    assert "<img src=x" not in page.text


@pytest.mark.parametrize(
    "query", ["", "?state=", "?code=a&iss=b&state=c", "?error=access_denied", "?state=%00&iss=%ff"]
)
async def test_a_callback_that_nobody_began_is_a_page(dance: Dance, browser: Browser, query: str) -> None:
    await refused(dance, browser, f"/oauth/callback{query}", "Begin again")


async def test_a_parameter_that_comes_twice_wins_nothing(dance: Dance, browser: Browser) -> None:
    callback = await browser.agree(dance.world.person("rosa").handle)
    path, _, query = callback.partition("?")
    forged = f"iss={quote('https://other.example', safe='')}&{query}"
    await refused(dance, browser, f"{path}?{forged}")


async def test_an_enormous_callback_is_refused(dance: Dance, browser: Browser) -> None:
    for length in (3_000, 30_000, 300_000):
        page = await browser.get(f"/oauth/callback?state=a&iss=b&code={'x' * length}")
        assert page.status in (400, 414, 431)
        assert not page.sets(SESSION)


async def test_a_callback_is_a_get(dance: Dance, browser: Browser) -> None:
    """`form_post` would arrive without the browser's cookie, and was not asked for."""
    callback = await browser.agree(dance.world.person("rosa").handle)
    page = await browser.send(callback.removeprefix(dance.server.url))
    assert page.status == 405
    assert dance.world.authority.asked(TOKEN) == []


@pytest.mark.parametrize(
    "return_to",
    ["https://other.example/", "//other.example/", "/\\other.example", "javascript:alert(1)", "/\t/other.example", ""],
)
async def test_a_login_leads_to_no_other_site(dance: Dance, browser: Browser, return_to: str) -> None:
    page = await browser.log_in(dance.world.person("rosa").handle, return_to)
    assert (page.status, page.location) == (303, "/")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://other.example"},
        {"Origin": "null"},
        {},
    ],
)
async def test_another_site_cannot_begin_a_login(dance: Dance, browser: Browser, headers: dict[str, str]) -> None:
    rosa = dance.world.person("rosa")
    page = await browser.send("/account/login", headers={**headers, "Accept": "text/html"}, handle=rosa.handle)
    assert page.status == 403
    assert not page.sets(BINDING)
    assert dance.world.authority.asked(PAR) == []


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/login", "/login/authorize"])
async def test_a_link_on_another_site_signs_nobody_in(dance: Dance, browser: Browser, path: str, site: str) -> None:
    """Login CSRF without a stolen callback: the attacker's server would agree at once to a login that a link begins."""
    mallory = dance.world.person("mallory", dance.world.strange_pds)
    page = await browser.get(f"{path}?handle={mallory.handle}", {"Sec-Fetch-Site": site})
    assert (page.status, page.location) == (302, "/account/login")
    assert not page.sets(BINDING)
    assert dance.world.strange_authority.asked(PAR) == []


async def test_an_address_that_a_program_opens_begins_a_login(dance: Dance, browser: Browser) -> None:
    rosa = dance.world.person("rosa")
    page = await browser.get(f"/login?handle={rosa.handle}", {"Sec-Fetch-Site": "none"})
    assert page.location.startswith(dance.world.authority.origin)
    await browser.get((await browser.get(page.location)).location)
    assert await browser.is_signed_in()


async def test_a_session_that_somebody_planted_is_not_the_one_that_is_signed_in(dance: Dance, browser: Browser) -> None:
    """Session fixation: the cookie after a login is a new one, and the old one is over."""
    await browser.log_in(dance.world.person("mallory").handle)
    (planted,) = [cookie.value for cookie in browser.http.cookie_jar if cookie.key == SESSION]
    await browser.log_in(dance.world.person("rosa").handle)
    (after,) = [cookie.value for cookie in browser.http.cookie_jar if cookie.key == SESSION]
    assert planted != after
    assert await dance.server.core.logins.browser(planted) is None


async def test_a_handle_that_leads_nowhere_is_said_on_the_form(dance: Dance, browser: Browser) -> None:
    page = await browser.send("/account/login", handle='nobody.test"><script>')
    assert page.status == 400
    assert "<script" not in page.text
    page = await browser.send("/account/login", handle="nobody.test")
    assert page.status == 400
    assert "nobody.test" in page.text
    assert not page.sets(SESSION)


async def test_no_code_and_no_token_is_logged(dance: Dance, browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    callback = await browser.agree(dance.world.person("rosa").handle)
    await browser.get(callback)
    await browser.get(callback)
    dance.world.authority.tokens = {"scope": "atproto"}
    await browser.log_in(dance.world.person("saul").handle)
    cookies = {cookie.value for cookie in browser.http.cookie_jar}
    assert not [secret for secret in dance.secrets() | cookies if secret in caplog.text]
