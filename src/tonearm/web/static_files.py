"""Serving `/static/`: the style sheet, one script, the icon, and the pictures that stand in for unknown ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from tonearm.web.routes import WebRoute

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

STATIC = Path(__file__).parent / "static"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
HEADERS = {"Cache-Control": "public, max-age=86400"}
IMAGE_HEADERS = {
    **HEADERS,
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Access-Control-Allow-Origin": "*",
    # Clients on other origins show these as avatars and covers.
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def static_routes() -> list[WebRoute]:
    """The routes of the files, which are small and stay in memory once they were asked for."""
    return [WebRoute("GET", f"/static/{path.name}", "anyone", _serve(path)) for path in sorted(STATIC.iterdir())]


def _serve(path: Path) -> Callable[[web.Request], Awaitable[web.Response]]:
    kind = KINDS[path.suffix]
    headers = IMAGE_HEADERS if kind.startswith("image/") else HEADERS
    content = cache(path.read_bytes)

    async def file(_request: web.Request) -> web.Response:
        return web.Response(body=content(), content_type=kind, headers=headers, charset=None)

    return file
