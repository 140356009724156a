"""A proxy that loses a PDS's answers, at the moments at which real networks do."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp

FORWARDED_HEADERS = ("Authorization", "Content-Type")


class FaultProxy:
    """Forwards to a PDS. `faults` has the method, by its last part, and what happens to its next calls, in order:

    `before`: the connection breaks before the PDS hears of it. `after`: the PDS answers and the answer is lost.
    `middle`: half of the answer arrives. `silence`: the PDS answers and nothing arrives. `nonsense`: something else
    arrives. A number: the PDS answers and this status arrives.
    """

    def __init__(self, http: aiohttp.ClientSession, pds_url: str) -> None:
        self.http = http
        self.pds_url = pds_url
        self.url = ""
        self.faults: dict[str, list[str | int]] = {}
        self.calls: list[str] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        method = request.path.rsplit(".", 1)[1]
        self.calls.append(method)
        fault = self.faults[method].pop(0) if self.faults.get(method) else "none"
        if fault == "before":
            return self._broken(request)
        headers = {name: request.headers[name] for name in FORWARDED_HEADERS if name in request.headers}
        async with self.http.request(
            request.method, f"{self.pds_url}{request.path_qs}", data=await request.read(), headers=headers
        ) as answer:
            body, status = await answer.read(), answer.status
        if fault == "silence":
            await asyncio.sleep(30)
        if fault == "after":
            return self._broken(request)
        if fault == "middle":
            return await self._half(request, body)
        if fault == "nonsense":
            return web.Response(text="<html>Welcome!</html>", content_type="text/html")
        if isinstance(fault, int):
            return web.Response(status=fault, text="Bad gateway")
        return web.Response(status=status, body=body, content_type=answer.content_type)

    def _broken(self, request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async def _half(self, request: web.Request, body: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-length": str(len(body)), "content-type": "application/json"})
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        assert request.transport is not None
        request.transport.abort()
        return response


@asynccontextmanager
async def fault_proxy(http: aiohttp.ClientSession, pds_url: str) -> AsyncIterator[FaultProxy]:
    proxy = FaultProxy(http, pds_url)
    app = web.Application(client_max_size=4 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", proxy.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    proxy.url = f"http://127.0.0.1:{site.port}"
    try:
        yield proxy
    finally:
        await runner.cleanup()
