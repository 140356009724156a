"""Rocksky's command line is logged in by a browser: the page that asks, and the token on its way to the program."""

from __future__ import annotations

import fcntl
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from tests.support.accessibility import faults_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.async_api import Browser, Page

    from tests.support.server import Server

PORT = 6996
"""Where the command line listens; it cannot be told another port."""


@pytest.fixture(autouse=True)
def port_for_one() -> Iterator[None]:
    """Only one test on this computer has the port, whoever runs it."""
    with Path(tempfile.gettempdir(), f"tonearm-test-port-{PORT}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@asynccontextmanager
async def command_line() -> AsyncIterator[list[Any]]:
    """What the program does while it waits: takes `POST /token` from a page of any origin."""
    got: list[Any] = []
    anybody = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "content-type"}

    async def token(request: web.Request) -> web.Response:
        got.append(await request.json())
        return web.json_response({"ok": 1}, headers=anybody)

    async def preflight(_request: web.Request) -> web.Response:
        return web.Response(status=204, headers=anybody)

    app = web.Application()
    app.add_routes([web.post("/token", token), web.options("/token", preflight)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "localhost", PORT).start()
    try:
        yield got
    finally:
        await runner.cleanup()


@pytest.fixture
async def page(chromium: Browser) -> AsyncIterator[Page]:
    """A tab in which scripts run: ours of this page alone, by its policy."""
    context = await chromium.new_context()
    yield await context.new_page()
    await context.close()


async def open_page(server: Server, page: Page) -> None:
    """What the program does at first: it asks for an address, and opens it; its owner signs in there."""
    body = {"handle": server.handle, "cli": True}
    async with server.http.post(f"{server.url}/login", json=body) as answer:
        await page.goto(await answer.text())
    await page.get_by_label("Name or handle").fill(server.handle)
    await page.get_by_label("Password", exact=True).fill(server.password)
    await page.get_by_label("Password", exact=True).press("Enter")
    await page.wait_for_url(f"{server.url}/login/cli?*")


async def test_the_command_line_gets_the_token_when_its_owner_says_so(server: Server, page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    async with command_line() as got:
        await open_page(server, page)
        faults = [fault for fault in await faults_of(page) if "/static/rocksky-cli.js" not in fault]
        assert faults == []  # but for the script, which this page alone has
        assert got == []
        await page.get_by_role("button", name="Give it the token").click()
        await page.get_by_text("The command line is logged in").wait_for()
    [given] = got
    status, made = await server.tell(
        "app.rocksky.scrobble.createScrobble", {"title": "Wow", "artist": "Kate Bush"}, token=given["token"]
    )
    assert status == 200, made
    assert given["token"] not in await page.content()
    assert [told for told in complaints if "404" not in told] == []  # it knocks first, where there is no page


async def test_without_a_program_that_waits_the_page_says_what_to_do(server: Server, page: Page) -> None:
    await open_page(server, page)
    await page.get_by_role("button", name="Give it the token").click()
    await page.get_by_text("Nobody takes the token on this computer").wait_for()
    async with command_line() as got:
        await page.get_by_role("button", name="Give it the token").click()
        await page.get_by_text("The command line is logged in").wait_for()
        assert len(got) == 1


async def test_a_page_that_somebody_else_opened_hands_nothing_over(server: Server, page: Page) -> None:
    async with command_line() as got:
        await page.goto(f"{server.url}/login/cli?did={server.did}&cli=1")
        await page.get_by_role("button", name="Give it the token").click()
        await page.get_by_text("There is no token for this browser").wait_for()
        assert got == []
