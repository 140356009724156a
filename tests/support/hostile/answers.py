"""What a peer says in place of the right thing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse | None]]
"""None lets the peer answer as it should."""

ABSENT: Any = object()
"""In a change of a document: the field is left out."""


def changed(document: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The document with the changes that a test made to it."""
    return {name: value for name, value in {**document, **changes}.items() if value is not ABSENT}


def redirect(url: str, status: int = 302) -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": url})

    return answer


def json_answer(body: Any, status: int = 200, content_type: str = "application/json", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=json.dumps(body), status=status, content_type=content_type, headers=named)

    return answer


def garbage(text: str, content_type: str = "application/json", status: int = 200) -> Answer:
    """A body that is no JSON, or JSON of another form."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, status=status, content_type=content_type)

    return answer


def endless(limit_bytes: int = 64 * 1024**2) -> Answer:
    """JSON that goes on until the reader hangs up; `limit_bytes` ends it if the reader does not."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        sent = 0
        try:
            await response.write(b'{"padding":"')
            while sent < limit_bytes:
                await response.write(b"x" * 65_536)
                sent += 65_536
        except (ConnectionError, RuntimeError):
            pass
        request.config_dict[SENT][request.path] = sent
        return response

    return answer


SENT: web.AppKey[dict[str, int]] = web.AppKey("sent", dict)
"""How many bytes of an endless answer were taken, by path."""


def slow(gap_s: float = 0.2, length: int = 600) -> Answer:
    """JSON that comes a byte at a time, so that no single read takes long."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        try:
            for _ in range(length):
                await response.write(b" ")
                await asyncio.sleep(gap_s)
        except (ConnectionError, RuntimeError):
            pass
        return response

    return answer


def once(wrong: Answer) -> Answer:
    """Say it to the first request, and the right thing from then on."""
    return later(wrong, first=0, last=0)


def later(wrong: Answer, *, first: int, last: int | None = None) -> Answer:
    """Say it from the request of this number on (the first is 0), up to `last` inclusive."""
    count = -1

    async def answer(request: web.Request) -> web.StreamResponse | None:
        nonlocal count
        count += 1
        if count < first or (last is not None and count > last):
            return None
        return await wrong(request)

    return answer


def held(go_on: asyncio.Event, *, form: dict[str, str] | None = None) -> Answer:
    """Say the right thing, but not before the event; with `form` only requests with these fields wait."""

    async def answer(request: web.Request) -> web.StreamResponse | None:
        given = await request.post()
        if all(given.get(name) == value for name, value in (form or {}).items()):
            await go_on.wait()
        return None

    return answer
