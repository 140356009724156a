"""The HTTP edges over the services, on one port.

`build_web` has a line for each edge. The modules of the edges are imported when it is called: commands do without.
"""

from __future__ import annotations

import contextlib
import logging
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

log = logging.getLogger(__name__)


def build_web(core: Core) -> tuple[web.Application, Router]:
    """Build the HTTP edges over the services."""
    from aiohttp import web  # noqa: PLC0415 - commands do without

    from tonearm.api import routes  # noqa: PLC0415
    from tonearm.api.auth import Authentication  # noqa: PLC0415
    from tonearm.api.com_atproto_errors import add_pds_errors  # noqa: PLC0415
    from tonearm.api.com_atproto_routes import add_pds_routes  # noqa: PLC0415
    from tonearm.api.errors import error_table  # noqa: PLC0415
    from tonearm.api.views import Images  # noqa: PLC0415
    from tonearm.lexicons.router import Router  # noqa: PLC0415
    from tonearm.web.static_files import add_static_files  # noqa: PLC0415
    from tonearm.xrpc.http.rate_limit import client_address  # noqa: PLC0415
    from tonearm.xrpc.http.well_known import Health, attach_did_document  # noqa: PLC0415
    from tonearm.xrpc.options import XrpcOptions  # noqa: PLC0415

    settings = core.settings
    errors = error_table()
    add_pds_errors(errors)
    router = Router(
        Authentication(core.accounts, core.api_tokens, core.logins, core.pds),
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
    add_pds_routes(router, core.pds, partial(client_address, trusted_proxies=settings.trusted_proxies))

    async def check_database() -> None:
        await core.index.read(_one())

    app = web.Application()
    router.attach(app, Health(VERSION, {"database": check_database}))
    attach_did_document(app, settings.url)
    add_static_files(app, VERSION)
    return app, router


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
