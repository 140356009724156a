"""A browser's part in the tests of pages over HTTP: a cookie jar, forms with their hidden fields, the headers it sends."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.server import Person, Server

_INPUT = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@dataclass
class Answer:
    """What a page answered, redirects followed."""

    status: int
    text: str
    path: str
    headers: dict[str, str] = field(repr=False)

    @property
    def csrf(self) -> str:
        return next(unescape(value) for name, value in _INPUT.findall(self.text) if name == "csrf")


@dataclass
class PageBrowser:
    """Somebody's browser at a server."""

    url: str
    http: aiohttp.ClientSession

    async def get(self, path: str) -> Answer:
        async with self.http.get(self.url + path, headers={"Accept": "text/html"}) as answer:
            return await _answer(answer)

    async def post(self, path: str, fields: dict[str, str], *, headers: dict[str, str] | None = None) -> Answer:
        sent = {"Accept": "text/html", "Origin": self.url, "Sec-Fetch-Site": "same-origin", **(headers or {})}
        sent = {name: value for name, value in sent.items() if value}
        async with self.http.post(self.url + path, data=fields, headers=sent) as answer:
            return await _answer(answer)

    async def log_in(self, who: Person) -> Answer:
        return await self.post("/account/login/password", {"name": who.name, "password": who.password})

    async def send(self, page: str, path: str, **fields: str) -> Answer:
        """Load a page and send one of its forms."""
        return await self.post(path, {"csrf": (await self.get(page)).csrf, **fields})


async def _answer(answer: aiohttp.ClientResponse) -> Answer:
    return Answer(answer.status, await answer.text(), answer.url.path_qs, dict(answer.headers))


@asynccontextmanager
async def page_browser(server: Server) -> AsyncIterator[PageBrowser]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        yield PageBrowser(server.url, http)
