"""Agreeing to a login at the reference PDS without a browser: what its sign-in and consent pages send, sent by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp

if TYPE_CHECKING:
    from tests.support.real_pds import RealAccount

AGENT = "Mozilla/5.0 (test)"


@dataclass
class Visitor:
    """Somebody at the pages of one PDS. Its cookies are `Secure` and the PDS is on http: they are carried by hand."""

    pds_url: str
    cookies: dict[str, str] = field(default_factory=dict)

    async def agree(self, url: str, account: RealAccount) -> dict[str, str]:
        """Go through an authorization URL, sign in, agree; answers the query of the callback."""
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            async with http.get(url, headers=self._navigation("none"), allow_redirects=False) as page:
                assert page.status == 200, await page.text()
                self._keep(page)
            signed_in = await self._tell(
                http,
                "sign-in",
                {"locale": "en", "username": account.handle, "password": account.password, "remember": False},
                url,
            )
            token = signed_in.get("ephemeralToken")
            agreed = await self._tell(http, "consent", {"did": account.did}, url, token)
            async with http.get(
                agreed["url"], headers={**self._navigation("same-origin"), "referer": url}, allow_redirects=False
            ) as back:
                assert back.status in (302, 303), await back.text()
                return dict(parse_qsl(urlsplit(back.headers["Location"]).query))

    async def _tell(
        self, http: aiohttp.ClientSession, what: str, body: dict[str, Any], referer: str, token: str | None = None
    ) -> dict[str, Any]:
        headers = {
            "sec-fetch-site": "same-origin",
            "sec-fetch-mode": "same-origin",
            "sec-fetch-dest": "empty",
            "user-agent": AGENT,
            "origin": self.pds_url,
            "referer": referer,
            "x-csrf-token": self.cookies["csrf-token"],
            "cookie": self._cookie(),
            **({"authorization": f"Bearer {token}"} if token else {}),
        }
        url = f"{self.pds_url}/@atproto/oauth-provider/~api/{what}"
        async with http.post(url, json=body, headers=headers) as answer:
            self._keep(answer)
            assert answer.status == 200, await answer.text()
            return await answer.json()

    def _navigation(self, site: str) -> dict[str, str]:
        return {
            "sec-fetch-site": site,
            "sec-fetch-mode": "navigate",
            "sec-fetch-dest": "document",
            "user-agent": AGENT,
            **({"cookie": self._cookie()} if self.cookies else {}),
        }

    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _keep(self, answer: aiohttp.ClientResponse) -> None:
        self.cookies.update({name: morsel.value for name, morsel in answer.cookies.items()})
