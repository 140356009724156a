"""Beginning a login at a PDS elsewhere, for the log-in form and for the move of an account.

The form is answered with a page that says what we shall ask for, whose link leads to the PDS. A redirect there would
not do: `form-action 'self'` of our headers holds for the redirects after a form, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tonearm.web.contexts import ConsentPage
from tonearm.web.security import SECURITY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from tonearm.services.signing_in.oauth_logins import OAuthLogins
    from tonearm.web.browser_logins import BrowserLogins
    from tonearm.web.contexts import Permission
    from tonearm.web.rendering import Pages
    from tonearm.xrpc.http.rate_limit import RateLimiter


@dataclass(frozen=True, slots=True)
class OutsideLogins:
    """Begins logins. `beginnings` limits how often an address may: each makes us ask other servers."""

    pages: Pages
    oauth: OAuthLogins
    browsers: BrowserLogins
    beginnings: RateLimiter

    async def begin(
        self, request: web.Request, handle: str, purpose: Mapping[str, Any], permissions: tuple[Permission, ...]
    ) -> web.Response:
        """Begin a login, and show what the PDS will be asked.

        Raises:
            OAuthLoginError: nothing was begun.
            XrpcError: RateLimitExceeded.
        """
        self.beginnings.hit(self.browsers.address(request))
        known = request.app[SECURITY]
        binding = known.bind_login(request)
        url = await self.oauth.begin(handle, binding=binding, purpose=purpose)
        page = ConsentPage(handle, urlsplit(url).netloc, url, permissions)
        response = await self.pages.show(request, "consent", page)
        known.keep_binding(response, binding)
        return response
