"""The HTTP edges over the services, on one port.

`build_web` has a line for each edge. The modules of the edges are imported when it is called: commands do without.
"""

from __future__ import annotations

import contextlib
import logging
import time
from functools import partial
from typing import TYPE_CHECKING

from tonearm.core import VERSION
from tonearm.index.engine import select

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web

    from tonearm.core import Core
    from tonearm.index.engine import Work
    from tonearm.lexicons.router import Router
    from tonearm.web.pages.routes import PageServices
    from tonearm.web.rendering import Pages
    from tonearm.web.rocksky.routes import RockskyClients
    from tonearm.xrpc.auth import Authenticator

log = logging.getLogger(__name__)

LOGIN_SHARE = 30
"""The share of the rate limit that one address may use for logging in."""
LIMITED_ADDRESSES = 100_000


def build_web(core: Core) -> tuple[web.Application, Router]:
    """Build the HTTP edges over the services."""
    from aiohttp import web  # noqa: PLC0415 - commands do without

    from tonearm.api import routes  # noqa: PLC0415
    from tonearm.api.account_routes import add_account_routes  # noqa: PLC0415
    from tonearm.api.account_states import ActiveAccounts  # noqa: PLC0415
    from tonearm.api.auth import Authentication  # noqa: PLC0415
    from tonearm.api.com_atproto_errors import add_pds_errors  # noqa: PLC0415
    from tonearm.api.com_atproto_routes import add_pds_routes  # noqa: PLC0415
    from tonearm.api.errors import error_table  # noqa: PLC0415
    from tonearm.api.move import add_move_routes  # noqa: PLC0415
    from tonearm.api.views import Images  # noqa: PLC0415
    from tonearm.identity.service_auth import ServiceAuth  # noqa: PLC0415
    from tonearm.lexicons.router import Router  # noqa: PLC0415
    from tonearm.xrpc.http.rate_limit import client_address  # noqa: PLC0415
    from tonearm.xrpc.http.well_known import Health, service_audiences  # noqa: PLC0415
    from tonearm.xrpc.options import XrpcOptions  # noqa: PLC0415

    settings = core.settings
    service_auth = ServiceAuth(core.resolver, service_audiences(settings.url), now=time.time)
    credentials = Authentication(core.accounts, core.api_tokens, core.logins, core.pds, service_auth)
    authentication = ActiveAccounts(credentials, core.lifecycle.states)
    errors = error_table()
    add_pds_errors(errors)
    router = Router(
        authentication,
        options=XrpcOptions(
            body_limit_bytes=settings.body_limit_bytes,
            rate_limit=settings.rate_limit,
            rate_window_s=settings.rate_window_s,
            trusted_proxies=settings.trusted_proxies,
            strict_errors=settings.strict_errors,
        ),
        errors=errors,
    )
    routes.add_routes(
        router,
        scrobbles=core.scrobbles,
        history=core.history,
        queue=core.queue,
        people=core.people,
        images=Images(settings.url),
    )
    add_account_routes(
        router,
        accounts=core.accounts,
        lifecycle=core.lifecycle,
        people=core.people,
        recovery_keys=core.recovery_keys,
    )
    address_of = partial(client_address, trusted_proxies=settings.trusted_proxies)
    routes.add_credential_routes(
        router,
        logins=core.logins,
        passwords=core.password_logins,
        api_tokens=core.api_tokens,
        player_keys=core.player_keys,
        address_of=address_of,
    )
    add_move_routes(router, core.moves, core.password_logins, address_of)
    add_pds_routes(router, core.pds, address_of)

    async def check_database() -> None:
        await core.index.read(_one())

    app = web.Application()
    router.attach(app, Health(VERSION, {"database": check_database}))
    add_web(app, core, authentication)
    return app, router


def add_web(app: web.Application, core: Core, authentication: Authenticator) -> None:
    """Add all that is no XRPC method: the pages, the ways to log in, files and documents."""
    from tonearm.web.errors import error_answers  # noqa: PLC0415 - commands do without
    from tonearm.web.oauth_callback import Finisher, OAuthCallback  # noqa: PLC0415
    from tonearm.web.oauth_documents import oauth_document_routes  # noqa: PLC0415
    from tonearm.web.pages.routes import LazyHandlers, page_routes  # noqa: PLC0415
    from tonearm.web.rendering import Pages  # noqa: PLC0415
    from tonearm.web.routes import WebRoute, add_web_routes  # noqa: PLC0415
    from tonearm.web.security import Security  # noqa: PLC0415
    from tonearm.web.static_files import static_routes  # noqa: PLC0415
    from tonearm.xrpc.http.well_known import serve_did_document  # noqa: PLC0415

    pages = Pages(VERSION)
    app.middlewares.append(error_answers(pages.show_error))
    rocksky = _rocksky(app, core, pages)
    handlers = LazyHandlers(pages, _page_services(core))
    finishers = {
        "page": Finisher(handlers(lambda of: of.login.finish), handlers(lambda of: of.login.fail)),
        "link": Finisher(handlers(lambda of: of.moves.finish), handlers(lambda of: of.moves.fail)),
        "rocksky": Finisher(rocksky.login.finish, rocksky.login.fail),
    }
    routes = [
        *page_routes(handlers),
        *static_routes(),
        *oauth_document_routes(core.oauth_logins),
        *rocksky.routes(),
        WebRoute("GET", "/.well-known/did.json", "anyone", serve_did_document(core.settings.url)),
        WebRoute("GET", "/oauth/callback", "anyone", OAuthCallback(core.oauth_logins, finishers)),
    ]
    add_web_routes(app, routes, Security(core.logins, core.settings.url), authentication)


def _rocksky(app: web.Application, core: Core, pages: Pages) -> RockskyClients:
    """Build the routes of Rocksky's clients, with their limits and the one other origin that may read answers."""
    from tonearm.web.browser_logins import BrowserLogins  # noqa: PLC0415 - commands do without
    from tonearm.web.rocksky.answers import FrontEnd, rate_limited  # noqa: PLC0415
    from tonearm.web.rocksky.login import LoginRoutes  # noqa: PLC0415
    from tonearm.web.rocksky.own import OwnRoutes  # noqa: PLC0415
    from tonearm.web.rocksky.routes import LOGIN_PATHS, PATHS, RockskyClients  # noqa: PLC0415
    from tonearm.xrpc.http.rate_limit import RateLimiter, client_address  # noqa: PLC0415

    settings = core.settings
    address_of = partial(client_address, trusted_proxies=settings.trusted_proxies)
    front_end = FrontEnd(settings.frontend_url.rstrip("/").lower(), PATHS)
    few, many = (
        RateLimiter(limit, settings.rate_window_s, LIMITED_ADDRESSES)
        for limit in (-(-settings.rate_limit // LOGIN_SHARE), settings.rate_limit)
    )
    limits = {path: few if path in LOGIN_PATHS else many for path in PATHS}
    app.middlewares.append(rate_limited(limits, address_of))
    app.on_response_prepare.append(front_end.add_headers)
    return RockskyClients(
        LoginRoutes(
            core.oauth_logins,
            core.password_logins,
            core.client_logins,
            BrowserLogins(core.logins, settings.trusted_proxies),
            pages,
            front_end,
            core.oauth_logins.origin or settings.url,
        ),
        OwnRoutes(core.people, core.api_tokens, core.player_keys, f"{settings.url}/static/avatar.svg"),
        front_end,
    )


def _page_services(core: Core) -> PageServices:
    from tonearm.services.signing_in.pds_permissions import PdsPermissions  # noqa: PLC0415 - commands do without
    from tonearm.web.pages.routes import PageServices  # noqa: PLC0415

    return PageServices(
        api_tokens=core.api_tokens,
        history=core.history,
        logins=core.logins,
        moves=core.moves,
        oauth=core.oauth_logins,
        passwords=core.password_logins,
        permissions=PdsPermissions(
            core.index, core.lifecycle.deletions.sessions, core.logins, core.api_tokens, core.player_keys
        ),
        lifecycle=core.lifecycle,
        player_keys=core.player_keys,
        outbound=core.outbound,
        public_url=core.settings.url,
        trusted_proxies=core.settings.trusted_proxies,
        collections=core.oauth_logins.asked.collections,
    )


def _one() -> Work[None]:
    yield select("SELECT 1")


@contextlib.asynccontextmanager
async def listening(core: Core) -> AsyncIterator[Router]:
    """Answer HTTP on the host and port of the settings."""
    from aiohttp import web  # noqa: PLC0415 - commands do without

    from tonearm.xrpc.http.server import EdgeRunner  # noqa: PLC0415

    app, router = build_web(core)
    runner = EdgeRunner(app, router)
    await runner.setup()
    try:
        await web.TCPSite(runner, core.settings.host, core.settings.port).start()
        log.info("Tonearm %s serves on %s", VERSION, core.settings.url)
        yield router
    finally:
        await runner.cleanup()
