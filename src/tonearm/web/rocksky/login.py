"""`/login` and what follows it: to the PDS and back, or an app password; then the token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from aiohttp import web

from tonearm.identity.passwords import LONGEST, TooManyFailuresError
from tonearm.services.accounts import AccountDeactivatedError, AccountError
from tonearm.services.signing_in.login_policy import LoginNotAllowedError
from tonearm.services.signing_in.oauth_logins import OAuthLoginError
from tonearm.services.signing_in.password_logins import PasswordLoginError, cleaned
from tonearm.web.errors import WebError, sentence
from tonearm.web.rocksky.answers import flag_in, json_body, text_in
from tonearm.web.security import HEADERS, SECURITY, signed_in
from tonearm.xrpc.errors import XrpcError

if TYPE_CHECKING:
    from tonearm.services.signing_in.client_logins import ClientLogins
    from tonearm.services.signing_in.oauth_logins import FinishedLogin, OAuthLogins
    from tonearm.services.signing_in.password_logins import PasswordLogins
    from tonearm.web.browser_logins import BrowserLogins
    from tonearm.web.rendering import Pages
    from tonearm.web.rocksky.answers import FrontEnd

AUTHORIZE = "/login/authorize"
"""Where `POST /login` sends the browser. The command line believes no address without "authorize" in it."""
PAGE = "/account/login"
FINISH = "/login/finish"
CLI_PAGE = "/login/cli"
CLI_POLICY = HEADERS["Content-Security-Policy"] + "; script-src 'self'; connect-src 'self' http://localhost:6996"
"""Of the one page with a script: it talks to us, and to the port where Rocksky's command line waits."""
TICKET_COOKIE = "tonearm_ticket"
TICKET_LIVES_S = 60
LONGEST_HANDLE = 2048
PROMPTS = frozenset({"login", "consent", "select_account", "none", "create"})
OTHER_SITES = frozenset({"cross-site", "same-site"})
STATUS = {
    "WrongPassword": 401,
    "AuthFactorTokenRequired": 401,
    "AccountTakedown": 403,
    "NotAllowed": 403,
    "AccessDenied": 403,
    "PdsRateLimited": 429,
    "PdsUnavailable": 502,
    "ResolutionUnavailable": 502,
    "ServerUnavailable": 502,
    "ServerUnsuitable": 502,
}
"""Of the names of refused logins; the others are 400."""


@dataclass(frozen=True, slots=True)
class LoginRoutes:
    """Logs Rocksky's clients in. `own_origin` is where browsers reach us and our own pages are."""

    oauth: OAuthLogins
    passwords: PasswordLogins
    clients: ClientLogins
    browsers: BrowserLogins
    pages: Pages
    front_end: FrontEnd
    own_origin: str

    async def get_login(self, request: web.Request) -> web.StreamResponse:
        """Send the browser to the PDS of `handle`."""
        handle = cleaned(request.query.get("handle", "")[:LONGEST_HANDLE])
        if not handle or self._is_of_another_site(request):
            return _redirect(PAGE)
        known = request.app[SECURITY]
        if self._is_elsewhere(request, known.public_url):
            return _redirect(self.own_origin + request.path_qs)
        cli = request.query.get("cli", "") in {"1", "true"}
        if await self.passwords.is_local(handle):
            return _redirect(f"{PAGE}?{urlencode({'return_to': f'{FINISH}?cli=1' if cli else FINISH})}")
        prompt = request.query.get("prompt")
        binding = known.bind_login(request)
        try:
            url = await self.oauth.begin(
                handle,
                binding=binding,
                purpose={"kind": "rocksky", "cli": cli},
                prompt=prompt if prompt in PROMPTS else None,
            )
        except OAuthLoginError as error:
            raise _web_error(error) from error
        response = _redirect(url)
        known.keep_binding(response, binding)
        return response

    def _is_of_another_site(self, request: web.Request) -> bool:
        """Whether a page that is not ours or the front end's sent the browser here.

        A link there must sign nobody in: its author's own PDS would agree to everything, in the author's name.
        """
        if request.headers.get("Sec-Fetch-Site") not in OTHER_SITES:
            return False
        came_from = urlsplit(request.headers.get("Referer", ""))
        return not self.front_end.allows(f"{came_from.scheme}://{came_from.netloc}")

    def _is_elsewhere(self, request: web.Request, public_url: str) -> bool:
        """Whether the browser knows us by a name that the PDS will not lead it back to (localhost for 127.0.0.1)."""
        host = request.host.lower()
        return host == urlsplit(public_url).netloc.lower() and host != urlsplit(self.own_origin).netloc.lower()

    async def post_login(self, request: web.Request) -> web.Response:
        """Answer the address to open in a browser, or with a password the token, as text; errors too."""
        try:
            return web.Response(text=await self._post(request))
        except XrpcError as error:
            status, message, headers = error.status, error.message, error.headers
        except TooManyFailuresError as error:
            status, message, headers = 429, str(error), {"Retry-After": str(int(error.retry_after_s) + 1)}
        except (PasswordLoginError, LoginNotAllowedError) as error:
            status, message, headers = STATUS.get(error.name, 400), str(error), {}
        except AccountDeactivatedError as error:
            status, message, headers = 403, str(error), {}
        except AccountError as error:
            status, message, headers = 400, str(error), {}
        return web.Response(status=status, text=sentence(message), headers=headers)

    async def _post(self, request: web.Request) -> str:
        body = await json_body(request)
        handle = cleaned(text_in(body, "handle", LONGEST_HANDLE) or "")
        if not handle:
            raise XrpcError("InvalidRequest", "handle is missing: say who wants to log in.")
        cli = bool(flag_in(body, "cli"))
        password = text_in(body, "password", LONGEST)
        if password:
            account = await self.passwords.log_in(handle, password, address=self.browsers.address(request))
            return "jwt:" + await self.clients.token(account.actor_id, cli=cli)
        await self.passwords.resolve(handle)  # so that a mistake is told here, not in a browser
        return f"{self.own_origin}{AUTHORIZE}?{urlencode({'handle': handle, **({'cli': 1} if cli else {})})}"

    async def finish(self, request: web.Request, login: FinishedLogin) -> web.StreamResponse:
        """Send the browser on to the client's page: it is back from its PDS."""
        account, cli = login.account, bool(login.purpose.get("cli"))
        return await self._to_client(request, account.actor_id, account.did, cli=cli, signed_in=False)

    async def finish_local(self, request: web.Request) -> web.StreamResponse:
        """Send the browser on to the client's page: it has signed in to a local account here."""
        if request.headers.get("Sec-Fetch-Site") in OTHER_SITES:
            return _redirect("/")
        account, cli = (await signed_in(request)).account, request.query.get("cli", "") == "1"
        return await self._to_client(request, account.actor_id, account.did, cli=cli, signed_in=True)

    async def _to_client(
        self, request: web.Request, actor_id: int, did: str, *, cli: bool, signed_in: bool
    ) -> web.StreamResponse:
        """Lead to the client's page, with the ticket for its token in a cookie. Our own pages sign the browser in."""
        known = request.app[SECURITY]
        path = CLI_PAGE if cli and not self.front_end.origin else "/"
        path += f"?did={quote(did, safe=':')}" + ("&cli=1" if cli else "")
        location = (self.front_end.origin or self.own_origin) + path
        if self.front_end.origin or signed_in:
            response = _redirect(location)
            known.drop_binding(response)
        else:
            response = await self.browsers.open(request, actor_id, path)
            response.set_status(302)
            response.headers["Location"] = location
        # A front end on another site gets the cookie sent only if it is bound to no site; CORS and `session-did` keep
        # others from using it.
        apart = known.secure and bool(self.front_end.origin) and self.front_end.origin != self.own_origin
        response.set_cookie(
            known.cookie_name(TICKET_COOKIE),
            await self.clients.ticket(actor_id, cli=cli),
            max_age=TICKET_LIVES_S,
            path="/",
            httponly=True,
            secure=known.secure,
            samesite="None" if apart else "Strict",
        )
        return response

    async def cli_page(self, request: web.Request) -> web.StreamResponse:
        """Ask whether the command line on this computer shall have the token; a script hands it over."""
        from tonearm.web.contexts import CliPage  # noqa: PLC0415 - pages are no part of the start

        response = await self.pages.show(request, "rocksky_cli", CliPage(request.query.get("did", "")[:LONGEST_HANDLE]))
        response.headers["Content-Security-Policy"] = CLI_POLICY
        return response

    async def fail(self, request: web.Request, error: OAuthLoginError) -> web.StreamResponse:
        """Say on a page what went wrong."""
        del request
        raise _web_error(error) from error

    async def get_token(self, request: web.Request) -> web.Response:
        """Give the browser that has just logged in its client's token, once."""
        if request.method != "GET":  # a HEAD would use the ticket up, and answer without the token
            raise XrpcError("InvalidRequest", "Ask for the token with GET.")
        known = request.app[SECURITY]
        if not self._asks_from_here(request, known.public_url):
            raise XrpcError("Forbidden", "This page may get no token. TONEARM_FRONTEND_URL names the one that may.")
        did = request.headers.get("session-did", "")
        ticket = known.cookie(request, TICKET_COOKIE)
        token = await self.clients.redeem(ticket, did) if did and ticket else None
        if token is None:
            response = web.json_response(
                {
                    "error": "AuthenticationRequired",
                    "message": "There is no token for this browser: it is given once, within a minute of the login, to "
                    "the browser that logged in. Log in again.",
                },
                status=401,
            )
        else:
            response = web.json_response({"token": token})
        response.del_cookie(known.cookie_name(TICKET_COOKIE), path="/", secure=known.secure, httponly=True)
        return response

    def _asks_from_here(self, request: web.Request, public_url: str) -> bool:
        """Whether the asking page is ours or the front end's; a program that is no browser says nothing of pages."""
        origin = request.headers.get("Origin")
        if origin is not None:
            return self.front_end.allows(origin) or origin in {public_url, self.own_origin}
        return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def _redirect(url: str) -> web.Response:
    return web.Response(status=302, headers={"Location": url})


def _web_error(error: OAuthLoginError) -> WebError:
    return WebError(STATUS.get(error.name, 400), "You are not logged in", sentence(error), link=(PAGE, "Try again"))
