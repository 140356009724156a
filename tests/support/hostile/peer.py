"""An HTTP server on a port of its own that logs, and that answers `instead` where a test says so."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from aiohttp import web

from tests.support.hostile.answers import SENT, Answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass
class Received:
    """A request, and the status that it got."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    status: int = 0

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class RefusedError(Exception):
    """The peer refuses a request, as its specification says."""

    def __init__(self, status: int, error: str, text: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {error}: {text}")
        self.response = web.json_response(
            {"error": error, "error_description": text, "message": text}, status=status, headers=headers
        )


@dataclass
class Peer:
    """A server on loopback. Subclasses add routes to `app`; `host` is the name that its origin has."""

    host: str = "127.0.0.1"
    origin: str = ""
    log: list[Received] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    instead: dict[str, Answer] = field(default_factory=dict)
    loses: set[str] = field(default_factory=set)
    """Paths whose requests take effect and get no answer: the connection breaks."""
    sent: dict[str, int] = field(default_factory=dict)

    @property
    def authority_of_url(self) -> str:
        """Host and port."""
        return self.origin.partition("://")[2]

    @property
    def port(self) -> int:
        return int(self.origin.rpartition(":")[2])

    def asked(self, path: str, method: str | None = None) -> list[Received]:
        return [seen for seen in self.log if seen.path == path and method in (None, seen.method)]

    async def was_asked(self, path: str, status: int | None = None) -> None:
        """Wait for a request, and for its answer if `status` is given."""
        for _ in range(1000):
            if any(status in (None, seen.status) for seen in self.asked(path)):
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{path} was not asked for within 10 s")

    def complain(self, status: int, error: str, text: str, headers: dict[str, str] | None = None) -> RefusedError:
        """Note that the client did wrong, and refuse."""
        self.complaints.append(text)
        return RefusedError(status, error, text, headers)

    def routes(self) -> list[web.RouteDef]:
        return []

    def headers(self) -> dict[str, str]:
        """Headers of every answer."""
        return {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        app = web.Application(middlewares=[self._middleware])
        app[SENT] = self.sent
        app.add_routes(self.routes())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.origin = f"http://{self.host}:{runner.addresses[0][1]}"
        try:
            yield
        finally:
            await runner.cleanup()

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Any) -> web.StreamResponse:
        seen = Received(request.method, request.path, dict(request.query), dict(request.headers), await request.read())
        self.log.append(seen)
        response = await self._answer(request, handler)
        seen.status = response.status
        if request.path in self.loses and request.transport is not None:
            request.transport.abort()
        if not response.prepared:
            for name, value in self.headers().items():
                response.headers.setdefault(name, value)
        return response

    async def _answer(self, request: web.Request, handler: Any) -> web.StreamResponse:
        wrong = self.instead.get(request.path)
        response = None if wrong is None else await wrong(request)
        if response is not None:
            return response
        try:
            return await handler(request)
        except RefusedError as refused:
            return refused.response
        except web.HTTPException as error:
            return web.json_response({"error": "NotFound", "message": error.reason}, status=error.status)
