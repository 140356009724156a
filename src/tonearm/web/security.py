"""What protects browsers: cookies, the check of forms, and the headers of every answer.

A form that changes something must come from one of our own pages. Two independent proofs are asked for: the browser's
own word (`Sec-Fetch-Site`, or `Origin` from those that lack it), and a token in the form that only a page of this very
session holds. Sign-in forms have no session yet and rest on the first alone.

Rejected: a token in a cookie of its own (double submit), which any subdomain could set; and `SameSite=Strict`, which
would greet everybody who comes back from their PDS as a stranger.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from tonearm.services.credentials.logins import BrowserSession
from tonearm.web.errors import WebError
from tonearm.xrpc.http.body import read_body

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tonearm.services.credentials.logins import Logins

SESSION_LIVES_S = 30 * 86_400
BINDING_LIVES_S = 600
FORM_LIMIT_BYTES = 65_536
FORM_TIMEOUT_S = 20.0
CSRF_FIELD = "csrf"

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Not no-referrer: browsers would then send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""The headers of every answer to a browser, unless it has set its own of that name."""


@dataclass(frozen=True, slots=True)
class Security:
    """What the guard of the routes knows of this server."""

    logins: Logins
    public_url: str

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by https, so that cookies may be bound to it."""
        return self.public_url.startswith("https:")

    def cookie_name(self, name: str) -> str:
        """A cookie's full name: with the prefix that binds it to this host and to https, where there is https."""
        return f"__Host-{name}" if self.secure else name

    def set_cookie(self, response: web.StreamResponse, name: str, value: str, lives_s: int) -> None:
        """Set a cookie that no script reads and no other site's form sends."""
        response.set_cookie(
            self.cookie_name(name),
            value,
            max_age=lives_s,
            path="/",
            httponly=True,
            secure=self.secure,
            samesite="Lax",
        )

    def drop_cookie(self, response: web.StreamResponse, name: str) -> None:
        """Let the browser forget a cookie."""
        response.del_cookie(self.cookie_name(name), path="/", httponly=True, secure=self.secure, samesite="Lax")

    def cookie(self, request: web.Request, name: str) -> str:
        """A cookie's value; empty without one."""
        return request.cookies.get(self.cookie_name(name), "")[:256]

    def sign_in(self, response: web.StreamResponse, cookie: str) -> None:
        """Give the browser its session's cookie."""
        self.set_cookie(response, SESSION_COOKIE, cookie, SESSION_LIVES_S)

    def sign_out(self, response: web.StreamResponse) -> None:
        """Take the session's cookie back."""
        self.drop_cookie(response, SESSION_COOKIE)

    def bind_login(self, request: web.Request) -> str:
        """The value that ties a login at a PDS to this browser; a new one unless it has one already."""
        return self.cookie(request, LOGIN_COOKIE) or secrets.token_urlsafe(32)

    def keep_binding(self, response: web.StreamResponse, binding: str) -> None:
        """Keep the binding in the browser until it comes back from its PDS."""
        self.set_cookie(response, LOGIN_COOKIE, binding, BINDING_LIVES_S)

    def drop_binding(self, response: web.StreamResponse) -> None:
        """Let the browser forget the binding: a login that it began has ended."""
        self.drop_cookie(response, LOGIN_COOKIE)


SESSION_COOKIE = "tonearm_session"
LOGIN_COOKIE = "tonearm_login"
SECURITY: web.AppKey[Security] = web.AppKey("security", Security)
_SESSION: web.RequestKey[BrowserSession | None] = web.RequestKey("browser_session", BrowserSession)
_FORM: web.RequestKey[dict[str, list[str]]] = web.RequestKey("form", dict)


async def browser_session(request: web.Request) -> BrowserSession | None:
    """Who is signed in with this browser; asked of the sessions once a request."""
    if _SESSION not in request:
        security = request.app[SECURITY]
        cookie = security.cookie(request, SESSION_COOKIE)
        request[_SESSION] = await security.logins.browser(cookie) if cookie else None
    return request[_SESSION]


async def signed_in(request: web.Request) -> BrowserSession:
    """Who is signed in, on a route that only they can reach.

    Raises:
        WebError: nobody is (any more).
    """
    session = await browser_session(request)
    if session is None:
        message = "Your session has ended. Log in again to go on."
        raise WebError(401, "Please log in", message, link=("/account/login", "Log in"))
    return session


def csrf_token(session: BrowserSession) -> str:
    """The token that every form of a session's pages carries."""
    return hmac.new(session.csrf_secret, b"form", sha256).hexdigest()


def require_same_origin(request: web.Request) -> None:
    """Refuse a form unless the browser says that it comes from a page of ours.

    Raises:
        WebError: it comes from elsewhere, or the browser is too old to say.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    from_here = site == "same-origin" if site is not None else origin is not None
    if origin is not None:
        hosts = {request.host.lower(), urlsplit(request.app[SECURITY].public_url).netloc.lower()}
        from_here = from_here and urlsplit(origin).netloc.lower() in hosts
    if not from_here:
        raise WebError(
            403,
            "This form did not come from Tonearm",
            "Your browser sent a form that was not on one of this server's own pages, so nothing was done. "
            "Open the page here and send the form again.",
        )


async def require_csrf(request: web.Request, session: BrowserSession) -> None:
    """Refuse a form that is not of a page of this session.

    Raises:
        WebError: another origin's form, or one without this session's token.
    """
    require_same_origin(request)
    given = (await form_of(request)).get(CSRF_FIELD, "")
    if not hmac.compare_digest(given.encode(), csrf_token(session).encode()):
        raise WebError(
            403,
            "This form is out of date",
            "It was made for another session, so nothing was done. Go back, load the page again and send it once more.",
        )


async def form_of(request: web.Request) -> Mapping[str, str]:
    """The fields of a form, each with its first value.

    Raises:
        WebError: the body is no form.
        XrpcError: it is too large, or does not arrive.
    """
    return {name: values[0] for name, values in (await _fields(request)).items()}


async def form_values(request: web.Request, name: str) -> list[str]:
    """All values of a field, in their order: of check boxes of one name.

    Raises:
        WebError, XrpcError: as `form_of`.
    """
    return (await _fields(request)).get(name, [])


async def _fields(request: web.Request) -> dict[str, list[str]]:
    if _FORM not in request:
        if request.content_type != "application/x-www-form-urlencoded":
            raise WebError(415, "Not a form", "Send the form as application/x-www-form-urlencoded.")
        body = await read_body(request, FORM_LIMIT_BYTES, FORM_TIMEOUT_S)
        fields: dict[str, list[str]] = {}
        try:
            pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=100, errors="strict")
        except ValueError:
            message = "The form cannot be read: its fields are not encoded as a form's."
            raise WebError(400, "Not a form", message) from None
        for name, value in pairs:
            fields.setdefault(name, []).append(value)
        request[_FORM] = fields
    return request[_FORM]


def local_path(text: str) -> str:
    """A path of this server to go on to; the root for anything that leads elsewhere or is none."""
    plain = text.isprintable() and "\\" not in text and len(text) <= 1000
    return text if plain and text.startswith("/") and not text.startswith("//") else "/"
