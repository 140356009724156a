"""Logging in: with an account elsewhere, by its own server's pages, or with a password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from tonearm.identity.passwords import TooManyFailuresError
from tonearm.services.accounts import AccountError
from tonearm.services.signing_in.login_policy import LoginNotAllowedError
from tonearm.services.signing_in.oauth_logins import OAuthLoginError
from tonearm.services.signing_in.password_logins import PasswordLoginError, cleaned
from tonearm.web.contexts import LoginPage
from tonearm.web.errors import sentence
from tonearm.web.pages.permissions import in_words
from tonearm.web.security import browser_session, form_of, local_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tonearm.services.signing_in.oauth_logins import FinishedLogin
    from tonearm.services.signing_in.password_logins import PasswordLogins
    from tonearm.web.browser_logins import BrowserLogins
    from tonearm.web.pages.outside_logins import OutsideLogins
    from tonearm.web.rendering import Pages

KIND = "page"


@dataclass(frozen=True, slots=True)
class LoginPages:
    """The handlers. `collections` are those that a login asks leave to write."""

    pages: Pages
    browsers: BrowserLogins
    outside: OutsideLogins
    passwords: PasswordLogins
    collections: Iterable[str]

    async def form(self, request: web.Request) -> web.StreamResponse:
        """Show the forms, filled in for whoever is logged in already and has to do it again."""
        elsewhere = self._elsewhere(request)
        if elsewhere:
            raise web.HTTPFound(elsewhere + request.path_qs)
        session = await browser_session(request)
        handle = session.account.handle if session and session.account.pds_url else ""
        return await self._show(request, LoginPage(local_path(request.query.get("return_to", "/")), handle=handle))

    async def begin(self, request: web.Request) -> web.Response:
        """Begin a login with an account elsewhere, and show what its server will be asked."""
        fields = await form_of(request)
        return_to, handle = local_path(fields.get("return_to", "/")), cleaned(fields.get("handle", ""))[:300]
        if not handle:
            return await self._show(
                request, LoginPage(return_to, errors={"handle": "Type your handle, for example alice.bsky.social."})
            )
        if await self.passwords.is_local(handle):
            told = f"The account {handle} is on this server: log in with its password here."
            return await self._show(request, LoginPage(return_to, name=handle, errors={"name": told}))
        try:
            return await self.outside.begin(
                request, handle, {"kind": KIND, "return_to": return_to}, in_words(self.collections)
            )
        except OAuthLoginError as error:
            return await self._show(request, LoginPage(return_to, handle, errors={"handle": sentence(error)}))

    async def with_password(self, request: web.Request) -> web.Response:
        """Log in with a password."""
        fields = await form_of(request)
        name, return_to = fields.get("name", "").strip()[:300], local_path(fields.get("return_to", "/"))
        password = fields.get("password", "")
        missing = {
            **({} if name else {"name": "Type your name or handle."}),
            **({} if password else {"password": "Type your password."}),
        }
        if missing:
            return await self._show(request, LoginPage(return_to, name=name, errors=missing))
        address = self.browsers.address(request)
        try:
            account = await self.passwords.log_in(name, password, address=address)
        except TooManyFailuresError as error:
            errors, status = {"password": sentence(error)}, 429
        except PasswordLoginError as error:
            errors, status = {"password" if error.name == "WrongPassword" else "name": sentence(error)}, 400
        except (LoginNotAllowedError, AccountError) as error:
            errors, status = {"name": sentence(error)}, 403
        else:
            return await self.browsers.open(request, account.actor_id, return_to)
        return await self._show(request, LoginPage(return_to, name=name, errors=errors), status)

    async def finish(self, request: web.Request, login: FinishedLogin) -> web.StreamResponse:
        """The browser is back from its PDS, with leave to write."""
        return await self.browsers.open(request, login.account.actor_id, str(login.purpose.get("return_to", "/")))

    async def fail(self, request: web.Request, error: OAuthLoginError) -> web.StreamResponse:
        """The browser is back without."""
        return_to = local_path(str((error.purpose or {}).get("return_to", "/")))
        return await self._show(request, LoginPage(return_to, errors={"": sentence(error)}))

    async def _show(self, request: web.Request, page: LoginPage, status: int = 0) -> web.Response:
        return await self.pages.show(request, "login", page, status=status or (400 if page.errors else 200))

    def _elsewhere(self, request: web.Request) -> str:
        """The origin that this login has to begin at, when the browser is at another name of this machine.

        On one's own machine people type localhost, while the callback comes to 127.0.0.1, where the cookie of the
        other name is unknown. Other names are left alone: what a proxy makes of the Host is not known here.
        """
        origin = self.outside.oauth.origin or ""
        here = f"{request.scheme}://{request.host}"
        return origin if request.url.host == "localhost" and origin.startswith("http://127.") and origin != here else ""
