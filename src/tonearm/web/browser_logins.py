"""Opening browser sessions, for whichever route has found out who somebody is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from tonearm.web.security import SECURITY, browser_session, local_path
from tonearm.xrpc.http.rate_limit import client_address

if TYPE_CHECKING:
    from tonearm.services.credentials.logins import Logins


@dataclass(frozen=True, slots=True)
class BrowserLogins:
    """Opens browser sessions."""

    logins: Logins
    trusted_proxies: int

    async def open(self, request: web.Request, actor_id: int, path: str) -> web.Response:
        """Open a session in place of the one that this browser had, and go on to a path of this server."""
        before = await browser_session(request)
        agent = request.headers.get("User-Agent", "")
        cookie = await self.logins.open_browser(actor_id, agent=agent, address=self.address(request))
        if before is not None:
            await self.logins.end(before.account.actor_id, before.session_id)
        response = web.Response(status=303, headers={"Location": local_path(path)})
        known = request.app[SECURITY]
        known.sign_in(response, cookie)
        known.drop_binding(response)
        return response

    def address(self, request: web.Request) -> str:
        """Where a request comes from."""
        return client_address(request, self.trusted_proxies)
