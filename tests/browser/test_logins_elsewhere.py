"""The whole dance in a browser: from our page to the real PDS's own pages and back, as the client of one's own machine
and as a confidential client behind TLS.
"""

from __future__ import annotations

import asyncio
import zlib
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.accessibility import faults_of
from tests.support.chromium import running_chromium
from tests.support.server import Server, running_server
from tests.support.tls_front import tls_front

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Browser, Page

    from tests.support.real_pds import RealAccount, RealPds

pytestmark = [pytest.mark.needs_node, pytest.mark.xdist_group("browser-real-pds")]

NAME = "tonearm.scrobbler.dev"


@dataclass
class Visit:
    """Somebody with an account on the real PDS, in front of a browser that knows our server by `url`."""

    server: Server
    pds: RealPds
    account: RealAccount
    chromium: Browser
    page: Page
    url: str

    async def begin(self) -> None:
        """Type the handle, and come as far as to the page that says what we ask for."""
        await self.page.goto(f"{self.url}/account/login")
        await self.page.get_by_label("Your handle").fill(self.account.handle)
        await self.page.get_by_role("button", name="Continue").click()

    async def sign_in_at_pds(self) -> None:
        """Follow the link to the PDS, and sign in on its own page."""
        await self.page.get_by_role("link", name="Continue to").click()
        await self.page.locator("input[type=password]").fill(self.account.password)
        await self.page.keyboard.press("Enter")

    async def log_in(self) -> None:
        await self.begin()
        await self.sign_in_at_pds()
        await self.page.get_by_role("button", name="Authorize").click()
        await self.page.wait_for_url(f"{self.url}/")

    async def actor_id(self) -> int:
        return (await self.server.core.accounts.named(self.account.did)).actor_id

    async def may_write(self) -> bool:
        return await self.server.core.oauth_sessions.has(self.account.did)

    async def scrobble(self, title: str, token: str) -> None:
        play = {"title": title, "artist": "Kate Bush"}
        status, made = await self.server.tell("app.rocksky.scrobble.createScrobble", play, token=token)
        assert status == 200, made

    async def titles(self) -> set[str]:
        """The titles of the scrobbles in the repository, asked of the PDS."""
        params = {"repo": self.account.did, "collection": "app.rocksky.scrobble"}
        url = f"{self.pds.url}/xrpc/com.atproto.repo.listRecords"
        async with self.server.http.get(url, params=params) as answer:
            return {record["value"]["title"] for record in (await answer.json())["records"]}


@asynccontextmanager
async def visiting(
    folder: Path, pds: RealPds, account: RealAccount, *, public: bool = False, **settings: Any
) -> AsyncIterator[Visit]:
    async with AsyncExitStack() as stack:
        settings |= {"plc_url": pds.plc_url, "handle_resolver_url": pds.url}
        if public:
            settings["public_url"] = f"https://{NAME}"
        server = await stack.enter_async_context(running_server(folder, **settings))
        url, switches = server.url, ()
        if public:
            front = await stack.enter_async_context(tls_front(folder, NAME, server.core.settings.port))
            url, switches = front.url, front.switches
            pds.read_client_at(url, server.url)
        chromium = await stack.enter_async_context(running_chromium(*switches))
        page = await (await chromium.new_context()).new_page()
        yield Visit(server, pds, account, chromium, page, url)


@pytest.fixture
async def visit(tmp_path: Path, real_pds: RealPds, real_account: RealAccount) -> AsyncIterator[Visit]:
    async with visiting(tmp_path, real_pds, real_account) as made:
        yield made


@pytest.mark.parametrize("public", [False, True], ids=["localhost client", "confidential client"])
async def test_from_our_front_page_by_the_pds_to_a_scrobble_in_the_repository(
    tmp_path: Path, real_pds: RealPds, real_account: RealAccount, public: bool
) -> None:
    async with visiting(tmp_path, real_pds, real_account, public=public) as visit:
        page = visit.page
        await page.goto(f"{visit.url}/")
        await page.get_by_role("banner").get_by_role("link", name="Log in").click()
        await page.get_by_label("Your handle").fill(f"  @{real_account.handle.upper()} ")
        await page.get_by_role("button", name="Continue").click()

        assert "What you play" in await page.locator("main").inner_text()
        assert real_pds.url.removeprefix("http://") in await page.locator("main").inner_text()
        assert await faults_of(page) == []
        await visit.sign_in_at_pds()
        await page.get_by_role("button", name="Authorize").click()
        await page.wait_for_url(f"{visit.url}/")
        assert real_account.handle in await page.locator("main").inner_text()
        assert await faults_of(page) == []

        cookies = {cookie["name"]: cookie for cookie in await page.context.cookies(visit.url)}
        session = cookies["__Host-tonearm_session" if public else "tonearm_session"]
        assert (session["httpOnly"], session["secure"], session["sameSite"]) == (True, public, "Lax")
        assert not [name for name in cookies if "login" in name]

        await page.get_by_role("link", name="Tokens", exact=True).click()
        await page.get_by_label("Name", exact=True).fill("Player")
        await page.get_by_role("button", name="Make the token").click()
        await visit.scrobble("Cloudbusting", await page.locator(".secret code").inner_text())
        await visit.server.drained()
        assert await visit.titles() == {"Cloudbusting"}
        await page.goto(f"{visit.url}/")
        assert "Cloudbusting" in await page.locator(".plays").inner_text()
        assert visit.server.core.oauth_logins.client.confidential is public


async def test_the_home_page_has_the_name_and_the_picture_of_the_profile_there(visit: Visit) -> None:
    await set_profile(visit, "Wuthering \N{MOUNTAIN} Heights")
    await visit.log_in()
    for _ in range(100):
        await visit.page.goto(f"{visit.url}/")
        if await visit.page.get_by_role("heading", level=1).inner_text() != visit.account.handle:
            break
        await asyncio.sleep(0.1)
    assert await visit.page.get_by_role("heading", level=1).inner_text() == "Wuthering \N{MOUNTAIN} Heights"
    assert f"@{visit.account.handle}" in await visit.page.locator("main").inner_text()
    shown = await visit.page.locator("img.avatar").evaluate("(e) => [e.naturalWidth, e.naturalHeight]")
    assert shown == [2, 3]
    assert await faults_of(visit.page) == []


async def set_profile(visit: Visit, name: str) -> None:
    """Give the account a profile at its PDS, with a picture of 2 by 3 points."""

    async def call(nsid: str, token: str, **given: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"{visit.pds.url}/xrpc/{nsid}"
        if "data" in given:
            headers["Content-Type"] = "image/png"
        async with visit.server.http.post(url, headers=headers, **given) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    login = {"identifier": visit.account.handle, "password": visit.account.password}
    token = (await call("com.atproto.server.createSession", "", json=login))["accessJwt"]
    blob = (await call("com.atproto.repo.uploadBlob", token, data=picture(2, 3)))["blob"]
    profile = {"$type": "app.bsky.actor.profile", "displayName": name, "avatar": blob}
    record = {"repo": visit.account.did, "collection": "app.bsky.actor.profile", "rkey": "self", "record": profile}
    await call("com.atproto.repo.putRecord", token, json=record)


def picture(width: int, height: int) -> bytes:
    """A grey PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    head = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 0, 0, 0, 0])
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


async def test_who_says_no_at_the_pds_is_told_so_and_is_not_logged_in(visit: Visit) -> None:
    await visit.begin()
    await visit.sign_in_at_pds()
    await visit.page.get_by_role("button", name="Deny access").click()
    await visit.page.wait_for_url(f"{visit.url}/oauth/callback**")
    told = await visit.page.get_by_role("alert").inner_text()
    assert told.strip().endswith(".")
    assert await visit.page.get_by_label("Your handle").is_visible()
    assert await faults_of(visit.page) == []
    assert not await visit.may_write()
    await visit.page.goto(f"{visit.url}/account")
    assert visit.page.url.startswith(f"{visit.url}/account/login")


async def test_a_handle_that_nobody_has_is_told_beside_its_field(visit: Visit) -> None:
    await visit.page.goto(f"{visit.url}/account/login")
    await visit.page.get_by_label("Your handle").fill("nobody-at-all.test")
    await visit.page.get_by_role("button", name="Continue").click()
    field = visit.page.get_by_label("Your handle")
    assert await field.get_attribute("aria-invalid") == "true"
    assert await field.input_value() == "nobody-at-all.test"
    assert "nobody-at-all.test" in await visit.page.locator("#handle-error").inner_text()
    assert await faults_of(visit.page) == []


async def test_the_way_back_leads_nowhere_in_another_browser(visit: Visit) -> None:
    await visit.begin()
    await visit.sign_in_at_pds()
    await visit.page.get_by_role("button", name="Authorize").wait_for()
    await visit.page.context.clear_cookies(name="tonearm_login")  # as of a browser that did not begin it
    await visit.page.get_by_role("button", name="Authorize").click()
    await visit.page.wait_for_url(f"{visit.url}/oauth/callback**")
    assert "Begin again" in await visit.page.get_by_role("alert").inner_text()
    assert not await visit.may_write()
    assert await visit.page.context.cookies(visit.url) == []


async def test_the_way_back_leads_nowhere_a_second_time(visit: Visit) -> None:
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url))
    await visit.log_in()
    [back] = [url for url in asked if url.startswith(f"{visit.url}/oauth/callback")]
    await visit.page.goto(back)
    assert "Begin again" in await visit.page.get_by_role("alert").inner_text()
    await visit.page.goto(f"{visit.url}/account")
    assert visit.page.url == f"{visit.url}/account"


async def test_the_last_log_out_ends_the_permission_and_one_that_is_not_keeps_it(visit: Visit) -> None:
    await visit.log_in()
    actor_id = await visit.actor_id()
    token = await visit.server.core.api_tokens.create(actor_id, "Player", ["scrobble"])
    await visit.page.get_by_role("button", name="Log out").click()
    assert "logged out" in await visit.page.get_by_role("status").inner_text()
    assert await visit.may_write()
    await visit.scrobble("Still arrives", token)
    await visit.server.drained()
    assert await visit.titles() == {"Still arrives"}
    [kept] = await visit.server.core.api_tokens.tokens(actor_id)
    await visit.server.core.api_tokens.revoke(actor_id, kept.token_id)
    await visit.log_in()
    await visit.page.get_by_role("button", name="Log out").click()
    assert "logged out" in await visit.page.get_by_role("status").inner_text()
    assert not await visit.may_write()


@pytest.mark.parametrize("choice", ["let them arrive", "end the permission now"])
async def test_plays_on_their_way_are_asked_about_at_the_last_log_out_and_never_lost(
    tmp_path: Path, real_pds: RealPds, real_account: RealAccount, choice: str
) -> None:
    async with visiting(tmp_path, real_pds, real_account, outbox=False) as visit:
        await visit.log_in()
        actor_id = await visit.actor_id()
        token = await visit.server.core.api_tokens.create(actor_id, "Player", ["scrobble"])
        await visit.scrobble("On its way", token)
        [made] = await visit.server.core.api_tokens.tokens(actor_id)
        await visit.server.core.api_tokens.revoke(actor_id, made.token_id)
        await visit.page.get_by_role("button", name="Log out").click()
        assert "have not reached" in await visit.page.locator("main").inner_text()
        assert await faults_of(visit.page) == []
        await visit.page.get_by_role("button", name=choice).click()
        assert "logged out" in await visit.page.get_by_role("status").inner_text()
        assert await visit.server.core.logins.sessions(actor_id) == []
        keeps = choice == "let them arrive"
        assert await visit.may_write() is keeps
        await visit.server.core.outbox.drain()
        assert await visit.titles() == ({"On its way"} if keeps else set())
        await visit.log_in()
        await visit.server.core.outbox.drain()
        assert await visit.titles() == {"On its way"}


async def test_who_disconnects_is_told_that_plays_wait_and_goes_on_by_logging_in(visit: Visit) -> None:
    await visit.log_in()
    token = await visit.server.core.api_tokens.create(await visit.actor_id(), "Player", ["scrobble"])
    await visit.page.get_by_role("navigation").get_by_role("link", name="Account").click()
    assert await faults_of(visit.page) == []
    await visit.page.get_by_role("button", name="Disconnect from").click()
    assert not await visit.may_write()
    assert "wait here" in await visit.page.get_by_role("status").inner_text()
    await visit.scrobble("Waits", token)
    await visit.page.goto(f"{visit.url}/")
    assert "Log in again" in await visit.page.locator(".warning").inner_text()
    assert await faults_of(visit.page) == []
    await visit.page.get_by_role("link", name="Log in again").click()
    assert await visit.page.get_by_label("Your handle").input_value() == visit.account.handle
    await visit.log_in()
    await visit.server.drained()
    assert await visit.titles() == {"Waits"}


async def test_who_deletes_the_account_chooses_what_becomes_of_the_records(visit: Visit) -> None:
    await visit.log_in()
    token = await visit.server.core.api_tokens.create(await visit.actor_id(), "Player", ["scrobble"])
    await visit.scrobble("Stays", token)
    await visit.server.drained()
    page = visit.page
    await page.goto(f"{visit.url}/account/delete")
    await page.get_by_label("to confirm").fill(visit.account.handle)
    await page.get_by_role("button", name="Delete the account for good").click()
    assert "Choose what becomes" in await page.get_by_role("alert").inner_text()
    assert await faults_of(page) == []
    await page.get_by_label("Keep them").check()
    await page.get_by_role("button", name="Delete the account for good").click()
    await page.get_by_role("heading", name="Your account is deleted").wait_for()
    assert await faults_of(page) == []
    assert await visit.titles() == {"Stays"}
    assert not await visit.may_write()


async def test_a_login_begun_at_localhost_goes_on_at_the_address_that_the_pds_leads_back_to(visit: Visit) -> None:
    port = visit.server.core.settings.port
    await visit.page.goto(f"http://localhost:{port}/account/login?return_to=/account")
    assert visit.page.url == f"http://127.0.0.1:{port}/account/login?return_to=/account"


async def log_in_here(visit: Visit) -> str:
    """Log in to an account of this server that has played something; answers its handle."""
    bob = await visit.server.create_account("bob")
    await visit.server.scrobble(bob, title="Moves along", artist="Kate Bush")
    await visit.server.drained()
    await visit.page.goto(f"{visit.url}/account/login")
    await visit.page.get_by_label("Name or handle").fill("bob")
    await visit.page.get_by_label("Password", exact=True).fill(bob.password)
    await visit.page.keyboard.press("Enter")
    await visit.page.wait_for_url(f"{visit.url}/")
    return bob.handle


async def test_a_local_account_becomes_the_identity_elsewhere_with_its_records(visit: Visit) -> None:
    handle, page = await log_in_here(visit), visit.page
    await page.get_by_role("navigation").get_by_role("link", name="Account").click()
    assert await faults_of(page) == []
    await page.get_by_role("link", name="Move the account").click()
    assert await faults_of(page) == []
    await page.get_by_label("Handle of the account").fill(visit.account.handle)
    await page.get_by_role("button", name="Continue").click()
    assert "Files" in await page.locator("main").inner_text()
    await visit.sign_in_at_pds()
    await page.get_by_role("button", name="Authorize").click()
    await page.wait_for_url(f"{visit.url}/account/move")
    ready = await page.locator("main").inner_text()
    assert handle in ready
    assert visit.account.handle in ready
    assert await faults_of(page) == []
    await page.get_by_role("button", name="Start the move").click()
    await page.get_by_role("heading", name="You have moved").wait_for()
    assert await faults_of(page) == []
    assert await visit.titles() == {"Moves along"}
    await page.goto(f"{visit.url}/")
    assert visit.account.handle in await page.locator("main").inner_text()
    assert "Moves along" in await page.locator(".plays").inner_text()


async def test_a_move_is_given_up_before_it_has_begun_and_cannot_lead_to_this_very_server(visit: Visit) -> None:
    handle, page = await log_in_here(visit), visit.page
    await page.goto(f"{visit.url}/account/move")
    await page.get_by_label("Handle of the account").fill(handle)
    await page.get_by_role("button", name="Continue").click()
    assert await page.get_by_label("Handle of the account").get_attribute("aria-invalid") == "true"
    assert await faults_of(page) == []
    await page.get_by_label("Handle of the account").fill(visit.account.handle)
    await page.get_by_role("button", name="Continue").click()
    await visit.sign_in_at_pds()
    await page.get_by_role("button", name="Authorize").click()
    await page.get_by_role("button", name="Do not move").click()
    await page.get_by_label("Handle of the account").wait_for()
    await page.goto(f"{visit.url}/account")
    assert "on this server" in await page.locator(".facts").inner_text()
    assert await visit.titles() == set()
