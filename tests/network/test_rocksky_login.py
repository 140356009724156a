"""Rocksky's own login sequence, step for step, as its web client and its command line go through it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from tests.support.consent import Visitor
from tests.support.server import Server, running_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.real_pds import RealAccount, RealPds

pytestmark = pytest.mark.needs_node

PLAY = {"title": "Cloudbusting", "artist": "Kate Bush"}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
async def server(request: pytest.FixtureRequest, real_pds: RealPds, tmp_path: Path) -> AsyncIterator[Server]:
    neighbours = {"plc_url": real_pds.plc_url, "handle_resolver_url": real_pds.url}
    async with running_server(tmp_path, database=request.param, **neighbours) as running:
        yield running


@asynccontextmanager
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    """A browser with a jar of its own."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


async def to_the_pds(visitor: aiohttp.ClientSession, url: str, pds: RealPds) -> str:
    """Follow an address of ours; answers where at the PDS it leads."""
    async with visitor.get(url, allow_redirects=False) as answer:
        assert answer.status == 302, await answer.text()
        assert answer.headers["Location"].startswith(f"{pds.url}/oauth/authorize?")
        return answer.headers["Location"]


async def back_from_the_pds(visitor: aiohttp.ClientSession, server: Server, query: dict[str, str]) -> str:
    """Bring the PDS's answer; answers where it leads."""
    async with visitor.get(f"{server.url}/oauth/callback", params=query, allow_redirects=False) as answer:
        assert answer.status == 302, await answer.text()
        return answer.headers["Location"]


async def fetch_token(visitor: aiohttp.ClientSession, server: Server, did: str) -> tuple[int, Any]:
    async with visitor.get(f"{server.url}/token", headers={"session-did": did}) as answer:
        return answer.status, await answer.json()


async def as_client(server: Server, method: str, path: str, token: str, body: Any = None) -> Any:
    given = {} if body is None else {"json": body}
    headers = {"Authorization": f"Bearer {token}"}
    async with server.http.request(method, server.url + path, headers=headers, **given) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def assert_scrobbles(server: Server, pds: RealPds, account: RealAccount, token: str) -> None:
    """A play that is reported with the token is a record in the account's repository."""
    status, made = await server.tell("app.rocksky.scrobble.createScrobble", PLAY, token=token)
    assert status == 200, made
    await server.drained()
    where = {"repo": account.did, "collection": "app.rocksky.scrobble"}
    async with server.http.get(f"{pds.url}/xrpc/com.atproto.repo.listRecords", params=where) as answer:
        records = (await answer.json())["records"]
    assert [record["uri"] for record in records] == [made["uri"]]
    assert records[0]["value"]["title"] == PLAY["title"]


async def test_the_web_clients_sequence(server: Server, real_pds: RealPds, real_account: RealAccount):
    async with browser() as visitor, browser() as thief:
        url = await to_the_pds(visitor, f"{server.url}/login?handle={real_account.handle}", real_pds)
        query = await Visitor(real_pds.url).agree(url, real_account)
        page = await back_from_the_pds(visitor, server, query)
        assert page == f"{server.url}/?did={real_account.did}"
        assert (await fetch_token(thief, server, real_account.did))[0] == 401
        status, answer = await fetch_token(visitor, server, real_account.did)
        assert status == 200
        assert set(answer) == {"token"}
        assert (await fetch_token(visitor, server, real_account.did))[0] == 401
    token = answer["token"]
    profile = await as_client(server, "GET", "/profile", token)
    assert (profile["did"], profile["handle"]) == (real_account.did, real_account.handle)
    await assert_scrobbles(server, real_pds, real_account, token)
    key = await as_client(server, "POST", "/apikeys", token, {"name": "player", "description": ""})
    assert [row["apiKey"] for row in await as_client(server, "GET", "/apikeys?offset=0&size=20", token)] == [
        key["api_key"]
    ]
    made = await as_client(server, "POST", "/access-tokens", token, {"name": "script"})
    assert (await as_client(server, "GET", "/profile", made["token"]))["did"] == real_account.did
    listed = await as_client(server, "GET", "/access-tokens?offset=0&size=50", token)
    assert {row["name"] for row in listed} == {"script", "Rocksky web client"}
    assert (await server.core.accounts.named(real_account.did)).role == "none"


async def test_the_command_lines_sequence(server: Server, real_pds: RealPds, real_account: RealAccount):
    async with server.http.post(f"{server.url}/login", json={"handle": real_account.handle, "cli": True}) as answer:
        assert answer.status == 200
        to_open = await answer.text()
    assert "authorize" in to_open  # or the command line takes it for a failure
    async with browser() as visitor:
        url = await to_the_pds(visitor, to_open, real_pds)
        query = await Visitor(real_pds.url).agree(url, real_account)
        page = urlsplit(await back_from_the_pds(visitor, server, query))
        assert parse_qs(page.query) == {"did": [real_account.did], "cli": ["1"]}
        status, answer = await fetch_token(visitor, server, real_account.did)
        assert status == 200
    await assert_scrobbles(server, real_pds, real_account, answer["token"])


async def test_the_app_passwords_sequence(server: Server, real_pds: RealPds, real_account: RealAccount):
    body = {"handle": real_account.handle, "password": real_account.app_password}
    async with server.http.post(f"{server.url}/login", json=body) as answer:
        assert answer.status == 200
        text = await answer.text()
    token = text.split("jwt:")[1]
    assert (await as_client(server, "GET", "/profile", token))["handle"] == real_account.handle
    await assert_scrobbles(server, real_pds, real_account, token)
    async with server.http.post(f"{server.url}/login", json={**body, "password": "abcd-efgh-ijkl-mnop"}) as answer:
        assert answer.status == 401
        assert "wrong" in await answer.text()


async def test_a_login_that_another_browser_brings_back_is_nobodys(
    server: Server, real_pds: RealPds, real_account: RealAccount
):
    async with browser() as mallory, browser() as victim:
        url = await to_the_pds(mallory, f"{server.url}/login?handle={real_account.handle}", real_pds)
        query = await Visitor(real_pds.url).agree(url, real_account)
        async with victim.get(f"{server.url}/oauth/callback", params=query, allow_redirects=False) as answer:
            assert answer.status >= 400
        assert (await fetch_token(victim, server, real_account.did))[0] == 401
        assert (await fetch_token(mallory, server, real_account.did))[0] == 401
