"""Serving `/static/` and the root, which says what is here."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

STATIC = Path(__file__).parent / "static"
IMAGE_HEADERS = {
    "Cache-Control": "public, max-age=86400",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Access-Control-Allow-Origin": "*",
    "X-Content-Type-Options": "nosniff",
}


def add_static_files(app: web.Application, version: str) -> None:
    """Serve the images, and a line of text at the root."""

    async def image(request: web.Request) -> web.Response:
        path = STATIC / f"{request.match_info['name']}.svg"
        return web.Response(body=path.read_bytes(), content_type="image/svg+xml", headers=IMAGE_HEADERS)

    async def root(_request: web.Request) -> web.Response:
        return web.Response(
            text=f"Tonearm {version}, a scrobble server on the AT Protocol. Its methods are at /xrpc/.\n"
        )

    names = "|".join(sorted(path.stem for path in STATIC.glob("*.svg")))
    app.router.add_get(f"/static/{{name:{names}}}.svg", image)
    app.router.add_get("/", root)
