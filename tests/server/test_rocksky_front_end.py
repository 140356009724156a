"""A web client of Rocksky's on an origin of its own: it alone may read answers, and is where logins lead."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.oauth.browser import Browser, Page, browser_at
from tests.support.hostile import HostileWorld, hostile_world
from tests.support.server import PASSWORD, Server, running_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

FRONT_END = "https://rocksky.example"
EVIL = "https://evil.example"
PATHS = ("/login", "/token", "/profile", "/access-tokens", "/access-tokens/1", "/apikeys", "/apikeys/1")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running_server(tmp_path, frontend_url=f"{FRONT_END}/") as running:
        yield running


async def headers_of(server: Server, method: str, path: str, origin: str | None, **sent: str) -> Any:
    headers = {name.replace("_", "-"): value for name, value in sent.items()}
    if origin:
        headers["Origin"] = origin
    async with server.http.request(method, server.url + path, headers=headers, allow_redirects=False) as answer:
        return answer.status, answer.headers


@pytest.mark.parametrize("path", PATHS)
async def test_the_front_end_alone_may_read_answers(server: Server, path: str):
    for method in ("DELETE" if path.endswith("/1") else "GET", "OPTIONS"):
        _, headers = await headers_of(server, method, path, FRONT_END)
        assert headers["Access-Control-Allow-Origin"] == FRONT_END
        assert headers["Access-Control-Allow-Credentials"] == "true"
        for origin in (EVIL, f"{FRONT_END}.evil.example", f"{FRONT_END}:8443", "http://rocksky.example", "null", None):
            _, headers = await headers_of(server, method, path, origin)
            assert not [name for name in headers if name.lower().startswith("access-control")], origin
            assert "Origin" in headers.getall("Vary")


async def test_the_front_end_may_send_what_its_pages_send(server: Server):
    status, headers = await headers_of(server, "OPTIONS", "/apikeys/1", FRONT_END, Access_Control_Request_Method="PUT")
    assert status == 204
    assert headers["Access-Control-Allow-Methods"] == "GET, POST, PUT, DELETE"
    assert headers["Access-Control-Allow-Headers"] == "authorization, content-type, session-did"


async def test_other_pages_are_not_opened_to_the_front_end(server: Server):
    for path in ("/", "/account/login", "/account", "/static/style.css"):
        _, headers = await headers_of(server, "GET", path, FRONT_END)
        assert headers.get("Access-Control-Allow-Origin", "") == ""


async def test_without_a_front_end_no_other_origin_reads_anything(tmp_path: Path):
    async with running_server(tmp_path) as server:
        for path in PATHS:
            for origin in (FRONT_END, EVIL, server.url):
                _, headers = await headers_of(server, "GET", path, origin)
                assert "Access-Control-Allow-Origin" not in headers


async def test_a_ticket_is_for_pages_of_ours_and_of_the_front_end(server: Server):
    for origin, site, good in (
        (EVIL, "cross-site", False),
        ("null", "cross-site", False),
        (None, "cross-site", False),
        (None, "same-site", False),
        (FRONT_END, "cross-site", True),
        (server.url, "same-origin", True),
        (None, "same-origin", True),
    ):
        cookie = f"tonearm_ticket={await server.core.client_logins.ticket(server.first.actor_id, cli=False)}"
        sent = {"session_did": server.did, "Cookie": cookie, "Sec_Fetch_Site": site}
        status, _ = await headers_of(server, "GET", "/token", origin, **sent)
        assert status == (200 if good else 403), (origin, site)


def cookies_of(page: Page) -> dict[str, str]:
    """The attributes of each cookie that an answer sets, by name."""
    return {
        cookie.partition("=")[0]: cookie.partition(";")[2] for cookie in page.set_cookies if "Max-Age=0" not in cookie
    }


async def came_back(world: HostileWorld, browser: Browser, login: str, referer: str) -> Page:
    """Go to the PDS and back; answers what the callback answered."""
    sent = {"Sec-Fetch-Site": "cross-site", "Referer": referer}
    begun = await browser.get(login, headers=sent)
    assert begun.location.startswith(world.authority.origin), begun.location
    return await browser.get((await browser.get(begun.location)).location)


@pytest.mark.parametrize("cli", [False, True])
async def test_a_login_leads_to_the_front_end_and_signs_nobody_in_here(tmp_path: Path, cli: bool):
    async with (
        hostile_world() as world,
        running_server(tmp_path, frontend_url=FRONT_END, **world.settings()) as server,
        browser_at(server.url) as browser,
    ):
        who = world.person("carol")
        login = f"/login?handle={who.handle}" + ("&cli=1" if cli else "")
        page = await came_back(world, browser, login, f"{FRONT_END}/")
        assert (page.status, page.location) == (302, f"{FRONT_END}/?did={who.did}" + ("&cli=1" if cli else ""))
        assert set(cookies_of(page)) == {"tonearm_ticket"}
        assert "HttpOnly" in cookies_of(page)["tonearm_ticket"]
        assert not await browser.is_signed_in()
        answer = await browser.get("/token", headers={"session-did": who.did, "Origin": FRONT_END})
        assert answer.status == 200
        token = json.loads(answer.text)["token"]
        assert (await server.ask("app.tonearm.journal.getQueue", token=token))[0] == 200
        assert world.complaints == []


async def test_without_a_front_end_the_browser_is_signed_in_on_our_pages(tmp_path: Path):
    async with (
        hostile_world() as world,
        running_server(tmp_path, **world.settings()) as server,
        browser_at(server.url) as browser,
    ):
        who = world.person("carol")
        begun = await browser.get(f"/login?handle={who.handle}", headers={"Sec-Fetch-Site": "none"})
        page = await browser.get((await browser.get(begun.location)).location)
        assert (page.status, page.location) == (302, f"{server.url}/?did={who.did}")
        assert set(cookies_of(page)) == {"tonearm_ticket", "tonearm_session"}
        assert "SameSite=Strict" in cookies_of(page)["tonearm_ticket"]
        assert await browser.is_signed_in()


async def test_who_may_not_log_in_is_told_on_the_way_back(tmp_path: Path):
    async with (
        hostile_world() as world,
        running_server(tmp_path, login="allow", **world.settings()) as server,
        browser_at(server.url) as browser,
    ):
        begun = await browser.get(f"/login?handle={world.person('eve').handle}")
        page = await browser.get((await browser.get(begun.location)).location)
        assert page.status == 403
        assert "may not log in to this server" in page.text
        assert cookies_of(page) == {}
        assert world.live == []


async def test_a_handle_that_leads_nowhere_is_told_before_the_browser_goes_anywhere(tmp_path: Path):
    async with hostile_world() as world, running_server(tmp_path, **world.settings()) as server:
        for method, given in (
            ("GET", {"params": {"handle": "nobody.test"}}),
            ("POST", {"json": {"handle": "nobody.test"}}),
        ):
            async with server.http.request(method, f"{server.url}/login", allow_redirects=False, **given) as answer:
                assert answer.status == 400
                assert "nobody.test" in await answer.text()


async def test_wrong_passwords_of_the_front_end_are_read_by_it(server: Server):
    body = {"handle": server.handle, "password": "wrong"}
    async with server.http.post(f"{server.url}/login", json=body, headers={"Origin": FRONT_END}) as answer:
        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (401, FRONT_END)
    async with server.http.post(f"{server.url}/login", json={**body, "password": PASSWORD}) as answer:
        assert answer.status == 200
        assert "tonearm_session" not in answer.cookies


async def test_logins_are_limited_by_address_more_than_other_routes(tmp_path: Path):
    async with running_server(tmp_path, rate_limit=90, frontend_url=FRONT_END) as server:
        statuses = [(await headers_of(server, "GET", "/token", FRONT_END))[0] for _ in range(4)]
        assert statuses == [401, 401, 401, 429]
        status, headers = await headers_of(server, "POST", "/login", FRONT_END)
        assert status == 429
        assert int(headers["Retry-After"]) > 0
        assert headers["Access-Control-Allow-Origin"] == FRONT_END
        assert (await headers_of(server, "OPTIONS", "/token", FRONT_END))[0] == 204
        statuses = [(await headers_of(server, "GET", "/profile", FRONT_END))[0] for _ in range(91)]
        assert statuses == [401] * 90 + [429]
