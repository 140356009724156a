"""Avatars are other people's files: what comes of them is a small picture from this server, or the one that stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.support.browser_pages import page_browser
from tests.support.server import running_server
from tonearm.index.engine import Work, execute

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.browser_pages import PageBrowser
    from tests.support.server import Server

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100


async def _file(request: web.Request) -> web.StreamResponse:
    name = request.path.strip("/")
    if name == "away":
        raise web.HTTPFound("http://127.0.0.1:1/inner")
    if name == "missing":
        raise web.HTTPNotFound
    body = {"good": PNG, "huge": PNG + b"\0" * 1_000_000, "page": b"<svg onload=alert(1)>"}[name]
    return web.Response(body=body, content_type="text/html" if name == "good" else "image/png")


@pytest.fixture
async def pictures() -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/{name}", _file)
    async with TestServer(app) as running:
        yield str(running.make_url("/"))


def _use(url: str, actor_id: int) -> Work[None]:
    yield execute("UPDATE actor SET avatar_url = $1 WHERE actor_id = $2", url, actor_id)


async def avatar(server: Server, browser: PageBrowser, url: str) -> tuple[str, bytes, dict[str, str]]:
    await server.core.index.write(_use(url, server.first.actor_id))
    async with browser.http.get(f"{server.url}/account/avatar") as answer:
        assert answer.status == 200
        return answer.content_type, await answer.read(), dict(answer.headers)


async def test_a_picture_is_served_from_here_with_headers_under_which_nothing_runs(
    server: Server, browser: PageBrowser, pictures: str
) -> None:
    await browser.log_in(server.first)
    kind, body, headers = await avatar(server, browser, f"{pictures}good")
    assert (kind, body) == ("image/png", PNG)
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"].startswith("private")
    assert headers["Vary"] == "Cookie"
    assert 'src="/account/avatar"' in (await browser.get("/")).text


@pytest.mark.parametrize("name", ["huge", "page", "missing", "away"])
async def test_what_is_no_small_picture_is_replaced(
    server: Server, browser: PageBrowser, pictures: str, name: str
) -> None:
    await browser.log_in(server.first)
    kind, body, _ = await avatar(server, browser, pictures + name)
    assert kind == "image/svg+xml"
    assert b"A listener without a picture" in body


async def test_an_avatar_at_an_address_of_our_own_network_is_never_asked_for(tmp_path, pictures: str) -> None:
    async with running_server(tmp_path, allowed_private_hosts="") as server, page_browser(server) as browser:
        await browser.log_in(server.first)
        for url in (f"{pictures}good", "http://169.254.169.254/latest", "https://[::ffff:127.0.0.1]/x", "file:///etc"):
            kind, _, _ = await avatar(server, browser, url)
            assert kind == "image/svg+xml"


async def test_strangers_get_no_avatar(server: Server, browser: PageBrowser) -> None:
    page = await browser.get("/account/avatar")
    assert page.path.startswith("/account/login")
