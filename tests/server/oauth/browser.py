"""A browser that logs in through the server's pages: it keeps cookies, follows links and sends forms."""

from __future__ import annotations

import html
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

FROM_HERE = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
SESSION, BINDING = "tonearm_session", "tonearm_login"


@dataclass(frozen=True)
class Page:
    """An answer, with its text."""

    status: int
    headers: Mapping[str, str]
    text: str
    set_cookies: list[str]

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    def sets(self, name: str) -> bool:
        """Whether it gives the browser this cookie, with a value."""
        return any(re.match(rf'{name}=[^";]', cookie) for cookie in self.set_cookies)


@dataclass
class Browser:
    """One person's browser."""

    url: str
    http: aiohttp.ClientSession

    async def get(self, address: str, headers: dict[str, str] | None = None) -> Page:
        """Go to an address: a path of the server, or a whole URL, as it is."""
        return await self._page("GET", address, headers={"Accept": "text/html", **(headers or {})})

    async def send(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> Page:
        return await self._page("POST", path, data=fields, headers=FROM_HERE if headers is None else headers)

    async def _page(self, method: str, address: str, **options: object) -> Page:
        url = URL(address if "://" in address else self.url + address, encoded=True)
        async with self.http.request(method, url, allow_redirects=False, **options) as answer:
            cookies = answer.headers.getall("Set-Cookie", [])
            return Page(answer.status, answer.headers, await answer.text(), cookies)

    async def begin(self, handle: str, return_to: str = "/") -> str:
        """Type a handle into the form; answers the address on the page of consent."""
        page = await self.send("/account/login", handle=handle, return_to=return_to)
        assert page.status == 200, page.text
        links = [html.unescape(link) for link in re.findall(r'href="([^"]+)"', page.text)]
        (away,) = [link for link in links if "request_uri=" in link]
        return away

    async def agree(self, handle: str, return_to: str = "/") -> str:
        """Everything up to the callback: answers its address."""
        return (await self.get(await self.begin(handle, return_to))).location

    async def log_in(self, handle: str, return_to: str = "/") -> Page:
        return await self.get(await self.agree(handle, return_to))

    async def press(self, path: str, page: str = "/account", **fields: str) -> Page:
        """Send the form of a page, with the token that stands in it."""
        found = re.search(r'name="csrf" value="([^"]+)"', (await self.get(page)).text)
        assert found is not None
        return await self.send(path, csrf=found[1], **fields)

    async def is_signed_in(self) -> bool:
        return (await self.get("/account")).status == 200


@asynccontextmanager
async def browser_at(url: str) -> AsyncIterator[Browser]:
    """Open a browser."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        yield Browser(url, http)
