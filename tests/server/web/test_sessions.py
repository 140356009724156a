"""Logging in by the form, sessions, tokens, keys and logging out, as a browser's requests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aiohttp

from tests.support.browser_pages import page_browser

if TYPE_CHECKING:
    from tests.support.browser_pages import PageBrowser
    from tests.support.server import Server


async def test_a_local_account_logs_in_and_sees_its_name_and_its_plays(server: Server, browser: PageBrowser) -> None:
    await server.scrobble(title="Cloudbusting", artist="Kate Bush")
    page = await browser.log_in(server.first)
    assert page.path == "/"
    assert server.handle in page.text
    assert "Cloudbusting" in page.text
    assert "Kate Bush" in page.text


async def test_the_sessions_cookie_is_out_of_reach_of_scripts_and_of_other_sites(server: Server) -> None:
    form = {"name": server.first.name, "password": server.password}
    headers = {"Origin": server.url}
    async with server.http.post(
        f"{server.url}/account/login/password", data=form, headers=headers, allow_redirects=False
    ) as answer:
        assert answer.status == 303
        cookie = next(value for value in answer.headers.getall("Set-Cookie") if value.startswith("tonearm_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


async def test_a_wrong_password_is_said_beside_its_field_and_logs_nobody_in(
    server: Server, browser: PageBrowser
) -> None:
    page = await browser.post("/account/login/password", {"name": server.first.name, "password": "wrong"})
    assert page.status == 400
    assert 'href="#password"' in page.text
    assert 'id="password-error"' in page.text
    assert "Set-Cookie" not in page.headers
    assert (await browser.get("/account")).path.startswith("/account/login")


async def test_a_login_goes_on_to_the_page_that_was_asked_for_and_never_to_another_site(
    server: Server, browser: PageBrowser
) -> None:
    asked = await browser.get("/account/tokens")
    assert asked.path == "/account/login?return_to=/account/tokens"
    fields = {"name": server.first.name, "password": server.password}
    page = await browser.post("/account/login/password", {**fields, "return_to": "/account/tokens"})
    assert page.path == "/account/tokens"
    for elsewhere in ("//evil.example/", "https://evil.example/", "/\\evil.example", "evil"):
        page = await browser.post("/account/login/password", {**fields, "return_to": elsewhere})
        assert page.path == "/"


async def test_forms_from_elsewhere_or_without_the_sessions_token_change_nothing(
    server: Server, browser: PageBrowser
) -> None:
    await browser.log_in(server.first)
    csrf = (await browser.get("/account/tokens")).csrf
    form = {"csrf": csrf, "label": "stolen", "scope": "read"}
    refused = [
        await browser.post("/account/tokens", {**form, "csrf": ""}),
        await browser.post("/account/tokens", {**form, "csrf": "0" * 64}),
        await browser.post("/account/tokens", form, headers={"Sec-Fetch-Site": "cross-site"}),
        await browser.post("/account/tokens", form, headers={"Sec-Fetch-Site": "same-site"}),
        await browser.post("/account/tokens", form, headers={"Sec-Fetch-Site": "", "Origin": "https://evil.example"}),
        await browser.post("/account/tokens", form, headers={"Sec-Fetch-Site": "", "Origin": "null"}),
        await browser.post("/account/tokens", form, headers={"Sec-Fetch-Site": "", "Origin": ""}),
        await browser.post("/account/login/password", {"name": "a"}, headers={"Sec-Fetch-Site": "cross-site"}),
        await browser.post("/account/login", {"handle": "a.test"}, headers={"Sec-Fetch-Site": "cross-site"}),
    ]
    assert [page.status for page in refused] == [403] * len(refused)
    tokens = await server.core.api_tokens.tokens(server.first.actor_id)
    assert [token.label for token in tokens] == ["test"]


async def test_anothers_form_token_is_not_good_for_this_session(server: Server, browser: PageBrowser) -> None:
    await browser.log_in(server.first)
    async with page_browser(server) as other:
        await other.log_in(await server.create_account("bob"))
        theirs = (await other.get("/account/tokens")).csrf
    page = await browser.post("/account/tokens", {"csrf": theirs, "label": "x", "scope": "read"})
    assert page.status == 403


async def test_a_token_is_shown_once_works_and_is_dead_when_revoked(server: Server, browser: PageBrowser) -> None:
    await browser.log_in(server.first)
    page = await browser.send("/account/tokens", "/account/tokens", label="Laptop", scope="scrobble", days="30")
    token = re.search(r"tnrm_[\w-]+", page.text).group()
    assert page.headers["Cache-Control"] == "no-store"
    page = await browser.get("/account/tokens")
    assert "Laptop" in page.text
    assert token not in page.text
    play = {"title": "Running Up That Hill", "artist": "Kate Bush"}
    status, _ = await server.tell("app.rocksky.scrobble.createScrobble", play, token=token)
    assert status == 200
    token_id = re.search(r'name="token_id" value="(\w+)"', page.text).group(1)
    page = await browser.send("/account/tokens", "/account/tokens/revoke", token_id=token_id)
    assert "is revoked" in page.text
    assert "Laptop" not in page.text
    status, _ = await server.tell("app.rocksky.scrobble.createScrobble", play, token=token)
    assert status == 401


async def test_a_token_without_a_name_or_a_scope_is_not_made_and_the_form_says_why(
    server: Server, browser: PageBrowser
) -> None:
    await browser.log_in(server.first)
    page = await browser.send("/account/tokens", "/account/tokens", label="  ")
    assert page.status == 400
    assert 'href="#label"' in page.text
    assert 'href="#scopes"' in page.text
    page = await browser.send("/account/tokens", "/account/tokens", label="x", scope="everything")
    assert page.status == 400
    assert len(await server.core.api_tokens.tokens(server.first.actor_id)) == 1


async def test_a_player_key_is_shown_once_and_is_gone_when_removed(server: Server, browser: PageBrowser) -> None:
    await browser.log_in(server.first)
    page = await browser.send("/account/keys", "/account/keys", name="Living <room>", description="")
    api_key, secret = re.findall(r'class="secret"><code>(\w+)</code>', page.text)
    assert "Living &lt;room&gt;" in page.text
    assert await server.core.player_keys.by_api_key(api_key) is not None
    page = await browser.get("/account/keys")
    assert api_key not in page.text
    assert secret not in page.text
    key_id = re.search(r'name="key_id" value="(\w+)"', page.text).group(1)
    await browser.send("/account/keys", "/account/keys/remove", key_id=key_id)
    assert await server.core.player_keys.by_api_key(api_key) is None


async def test_nobody_ends_or_revokes_what_is_anothers(server: Server, browser: PageBrowser) -> None:
    bob = await server.create_account("bob")
    async with page_browser(server) as other:
        await other.log_in(bob)
        theirs = (await server.core.logins.sessions(bob.actor_id))[0]
        token = (await server.core.api_tokens.tokens(bob.actor_id))[0]
        key = await server.core.player_keys.create(bob.actor_id, "bobs")
        await browser.log_in(server.first)
        await browser.send("/account/sessions", "/account/sessions/end", session_id=theirs.session_id)
        await browser.send("/account/tokens", "/account/tokens/revoke", token_id=token.token_id)
        await browser.send("/account/keys", "/account/keys/remove", key_id=key.key_id)
        assert (await other.get("/account")).path == "/account"
    assert len(await server.core.api_tokens.tokens(bob.actor_id)) == 1
    assert len(await server.core.player_keys.list(bob.actor_id)) == 1


async def test_one_session_ends_another_and_then_all_others(server: Server, browser: PageBrowser) -> None:
    await browser.log_in(server.first)
    async with page_browser(server) as second, page_browser(server) as third:
        await second.log_in(server.first)
        await third.log_in(server.first)
        page = await browser.get("/account/sessions")
        assert page.text.count("this browser") >= 1
        ended = re.findall(r'name="session_id" value="(\w+)"', page.text)
        assert len(ended) == 2
        page = await browser.send("/account/sessions", "/account/sessions/end", session_id=ended[0])
        assert "has ended" in page.text
        still = [(await each.get("/account")).path == "/account" for each in (second, third)]
        assert sorted(still) == [False, True]
        await browser.send("/account/sessions", "/account/sessions/end-others")
        assert (await second.get("/account")).path != "/account"
        assert (await third.get("/account")).path != "/account"
    assert (await browser.get("/account")).path == "/account"


async def test_logging_out_ends_the_session_itself_and_not_only_its_cookie(
    server: Server, browser: PageBrowser
) -> None:
    await browser.log_in(server.first)
    jar = {cookie.key: cookie.value for cookie in browser.http.cookie_jar}
    page = await browser.send("/account", "/account/logout")
    assert "You are logged out" in page.text
    headers = {"Accept": "text/html", "Cookie": f"tonearm_session={jar['tonearm_session']}"}
    async with aiohttp.ClientSession() as http, http.get(f"{server.url}/account", headers=headers) as answer:
        assert answer.url.path == "/account/login"


async def test_every_login_gets_a_session_of_its_own_and_ends_the_browsers_last(
    server: Server, browser: PageBrowser
) -> None:
    await browser.log_in(server.first)
    first = await server.core.logins.sessions(server.first.actor_id)
    await browser.log_in(server.first)
    second = await server.core.logins.sessions(server.first.actor_id)
    assert len(first) == len(second) == 1
    assert first[0].session_id != second[0].session_id


async def test_what_somebody_wrote_is_text_on_every_page(server: Server, browser: PageBrowser) -> None:
    nasty = "<script>alert(1)</script>"
    await server.scrobble(title=nasty, artist=f'"{nasty}')
    await browser.log_in(server.first)
    await browser.send("/account/tokens", "/account/tokens", label=nasty, scope="read")
    for path in ("/", "/account/tokens", "/account/login?return_to=/%22%3E" + nasty.replace("<", "%3C")):
        page = await browser.get(path)
        assert page.status == 200
        assert "<script" not in page.text
