"""Our own pages in a browser that runs no script, for somebody with an account on this server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.accessibility import faults_of

if TYPE_CHECKING:
    from playwright.async_api import Page

    from tests.support.server import Server


async def log_in(page: Page, server: Server, password: str = "") -> None:
    await page.goto(f"{server.url}/account/login")
    await page.get_by_label("Name or handle").fill(server.first.name)
    await page.get_by_label("Password", exact=True).fill(password or server.password)
    await page.get_by_label("Password", exact=True).press("Enter")


async def test_strangers_pages_can_be_read_by_everybody(server: Server, page: Page) -> None:
    for path in ("/", "/account/login", "/nothing-here", "/account/login?return_to=/account"):
        await page.goto(server.url + path)
        assert await faults_of(page) == []


async def test_a_persons_pages_can_be_read_by_everybody(server: Server, page: Page) -> None:
    await server.scrobble(title="Cloudbusting", artist="Kate Bush", album="Hounds of Love")
    await server.scrobble(title="W" * 200, artist="Nobody")
    await log_in(page, server)
    for path in ("/", "/account/tokens", "/account/keys", "/account/sessions", "/account"):
        await page.goto(server.url + path)
        assert await faults_of(page) == []


async def test_a_wrong_password_leads_by_keyboard_to_the_field_that_says_what_to_do(server: Server, page: Page) -> None:
    await log_in(page, server, "not the password")
    assert await page.title() == "Error: Log in · Tonearm"
    assert await faults_of(page) == []
    field = page.get_by_label("Password", exact=True)
    described = await field.get_attribute("aria-describedby")
    told = page.locator(f"#{described.split()[-1]}")
    assert "password is wrong" in await told.inner_text()
    assert await page.get_by_label("Name or handle").input_value() == server.first.name
    assert await field.input_value() == ""
    await page.locator(".summary a").press("Enter")
    await page.keyboard.type(server.password)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{server.url}/")
    assert await page.get_by_role("heading", level=1).inner_text() == server.handle


async def test_a_handle_that_is_missing_or_lives_here_is_told_what_to_do(server: Server, page: Page) -> None:
    await page.goto(f"{server.url}/account/login")
    await page.get_by_label("Your handle").fill(f"@{server.handle.upper()}")
    await page.get_by_role("button", name="Continue").click()
    assert "is on this server" in await page.get_by_role("alert").inner_text()
    assert await page.get_by_label("Name or handle").input_value() == server.handle
    assert await faults_of(page) == []


async def test_a_token_is_made_copied_once_and_revoked(server: Server, page: Page) -> None:
    await log_in(page, server)
    await page.get_by_role("link", name="Tokens", exact=True).click()
    await page.get_by_label("Name", exact=True).fill("Laptop")
    await page.get_by_label("scrobble").uncheck()
    await page.get_by_label("It ends").select_option("30")
    await page.get_by_role("button", name="Make the token").click()
    token = await page.locator(".secret code").inner_text()
    assert await faults_of(page) == []
    status, _ = await server.tell("app.rocksky.scrobble.createScrobble", {"title": "a", "artist": "b"}, token=token)
    assert status == 403
    await page.get_by_role("link", name="Tokens", exact=True).click()
    assert token not in await page.content()
    await page.get_by_role("button", name="Revoke the token Laptop").click()
    assert "is revoked" in await page.get_by_role("status").inner_text()
    assert await server.core.api_tokens.principal(token) is None


async def test_a_token_that_may_do_nothing_is_refused_beside_the_boxes(server: Server, page: Page) -> None:
    await log_in(page, server)
    await page.goto(f"{server.url}/account/tokens")
    await page.get_by_label("Name", exact=True).fill("Laptop")
    await page.get_by_label("scrobble").uncheck()
    await page.get_by_label("read", exact=False).first.uncheck()
    await page.get_by_role("button", name="Make the token").click()
    assert "Choose at least one" in await page.get_by_role("alert").inner_text()
    assert await page.get_by_label("Name", exact=True).input_value() == "Laptop"
    assert await faults_of(page) == []


async def test_a_player_key_is_made_and_removed(server: Server, page: Page) -> None:
    await log_in(page, server)
    await page.get_by_role("link", name="Keys", exact=True).click()
    await page.get_by_label("Name", exact=True).fill("Kitchen")
    await page.get_by_role("button", name="Make the key").click()
    api_key, secret = await page.locator(".secret code").all_inner_texts()
    assert await faults_of(page) == []
    key, account = await server.core.player_keys.by_api_key(api_key)
    assert (key.shared_secret, account.did) == (secret, server.did)
    await page.get_by_role("button", name="Remove the key Kitchen").click()
    assert await server.core.player_keys.by_api_key(api_key) is None


async def test_a_session_elsewhere_is_ended_and_this_one_logged_out(server: Server, page: Page) -> None:
    await server.core.logins.open_app(server.first.actor_id, label="Phone", scopes=["read"])
    await log_in(page, server)
    await page.get_by_role("link", name="Sessions").click()
    await page.get_by_role("button", name="End the session Phone").click()
    assert "has ended" in await page.get_by_role("status").inner_text()
    assert [s.kind for s in await server.core.logins.sessions(server.first.actor_id)] == ["browser"]
    await page.get_by_role("navigation").get_by_role("link", name="Account").click()
    await page.get_by_role("banner").get_by_role("button", name="Log out").click()
    assert "logged out" in await page.get_by_role("status").inner_text()
    assert await faults_of(page) == []
    await page.goto(f"{server.url}/account")
    assert page.url.startswith(f"{server.url}/account/login")
    assert await server.core.logins.sessions(server.first.actor_id) == []


async def test_a_form_on_another_site_changes_nothing(server: Server, page: Page) -> None:
    await log_in(page, server)
    form = f"""<form method=post action="{server.url}/account/tokens">
      <input name=label value=stolen><input name=scope value=manage><button>Win</button></form>"""
    await page.route("http://evil.test/", lambda route: route.fulfill(body=form, content_type="text/html"))
    await page.goto("http://evil.test/")
    await page.get_by_role("button").click()
    assert page.url.startswith(f"{server.url}/account/login")  # without the cookie it is a stranger's form
    assert [t.label for t in await server.core.api_tokens.tokens(server.first.actor_id)] == ["test"]


async def test_no_page_can_be_shown_in_anothers_frame(server: Server, page: Page) -> None:
    frame = f'<iframe src="{server.url}/" title="x"></iframe>'
    await page.route("http://evil.test/", lambda route: route.fulfill(body=frame, content_type="text/html"))
    await page.goto("http://evil.test/")
    inside = page.frames[1]
    assert not inside.url.startswith(server.url) or await inside.locator("h1").count() == 0


async def test_nothing_is_asked_of_another_host(server: Server, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await log_in(page, server)
    for path in ("/", "/account", "/nothing"):
        await page.goto(server.url + path)
    assert len(asked) > 8
    assert [url for url in asked if not url.startswith(f"{server.url}/")] == []
