"""The table of HTTP routes that are no XRPC methods, and the guard before each of them.

Who may come in is part of a route and has no default. `anyone` is everybody; `signed-in` a person with a browser
session; `operator` and `administrator` such a person with that role (an administrator is an operator too); `token` a
caller with a good `Authorization: Bearer` credential of the scope that the route names.

Somebody whose account is not active is signed in, too, but comes no further than to the routes that say `inactive`:
where it can be reactivated, exported and logged out of.

A form (any method but GET and HEAD) must come from our own pages (`security.require_csrf`, or `require_same_origin`
where there is no session). `form=False` sets that aside for routes that no browser's cookie opens.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from aiohttp import web

from tonearm.web import security
from tonearm.web.errors import WebError
from tonearm.web.security import HEADERS, SECURITY
from tonearm.xrpc.auth import Principal
from tonearm.xrpc.errors import XrpcError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from tonearm.web.security import Security
    from tonearm.xrpc.auth import Authenticator

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

Access = Literal["anyone", "signed-in", "operator", "administrator", "token"]

INACTIVE_PAGE = "/account/inactive"
READS = frozenset({"GET", "HEAD"})
ROLES_FOR: dict[str, frozenset[str]] = {
    "operator": frozenset({"operator", "administrator"}),
    "administrator": frozenset({"administrator"}),
}


@dataclass(frozen=True, slots=True)
class WebRoute:
    """One row: who may call the handler by this method and path (with `{name}` parts, as aiohttp's)."""

    method: str
    path: str
    access: Access
    handler: Handler = field(repr=False)
    form: bool = True
    scope: str = "manage"
    inactive: bool = False


WEB_ROUTES: web.AppKey[list[WebRoute]] = web.AppKey("web_routes", list)
"""The table that an application was built from, for the test that walks it."""
PRINCIPAL: web.RequestKey[Principal] = web.RequestKey("principal", Principal)
"""Who calls a `token` route."""


def add_web_routes(
    app: web.Application, routes: Iterable[WebRoute], known: Security, authenticator: Authenticator
) -> None:
    """Serve the routes, each behind its guard, and give every answer the headers that protect browsers."""
    app[SECURITY] = known
    app[WEB_ROUTES] = list(routes)
    for route in app[WEB_ROUTES]:
        handler = _guarded(route, authenticator)
        if route.method == "GET":
            app.router.add_get(route.path, handler)  # HEAD too
        else:
            app.router.add_route(route.method, route.path, handler)
    app.on_response_prepare.append(_add_headers)


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    # What nobody called public stays out of every cache: most pages are somebody's own.
    response.headers.setdefault("Cache-Control", "no-store")


def _guarded(route: WebRoute, authenticator: Authenticator) -> Handler:
    async def serve(request: web.Request) -> web.StreamResponse:
        if route.access == "token":
            request[PRINCIPAL] = await _caller(request, route, authenticator)
        elif route.access == "anyone":
            if route.form and request.method not in READS:
                security.require_same_origin(request)
        else:
            await _admit(request, route)
        return await route.handler(request)

    return serve


async def _admit(request: web.Request, route: WebRoute) -> None:
    """Let in who has a session, the role, and a form of ours.

    Raises:
        web.HTTPSeeOther: to the log-in page, and back here afterwards; or to the page for accounts that are not active.
        WebError: the role is missing, or the form is not ours.
    """
    session = await security.browser_session(request)
    if session is None:
        if "text/html" not in request.headers.get("Accept", ""):
            raise WebError(401, "Please log in", "This needs a browser that is logged in.")
        back = request.path_qs if request.method in READS else "/"
        raise web.HTTPSeeOther(f"/account/login?return_to={quote(back)}")
    if session.account.state != "active" and not route.inactive:
        raise web.HTTPSeeOther(INACTIVE_PAGE)
    if route.access in ROLES_FOR and session.account.role not in ROLES_FOR[route.access]:
        raise WebError(403, "Not allowed", f"This page is for people with the role {route.access}.")
    if request.method not in READS:
        await security.require_csrf(request, session)


async def _caller(request: web.Request, route: WebRoute, authenticator: Authenticator) -> Principal:
    principal = await authenticator(request, "")
    if principal is None:
        raise XrpcError("AuthenticationRequired", "Send your token as Authorization: Bearer TOKEN.")
    if route.scope not in principal.scopes:
        raise XrpcError("Forbidden", f"This needs a token with the scope {route.scope}.")
    return principal
