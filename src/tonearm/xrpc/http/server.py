"""The HTTP server under the router: one application on one port, with a shorter way for XRPC.

`EdgeRunner` is aiohttp's `AppRunner` with three differences. A request under `/xrpc/` goes to the router before the
application resolves it (a tenth of the time of a small query). Bodies stay coded, so that the readers of
`tonearm.xrpc.http.body` bound what a coded body becomes; every edge of the server reads bodies through them. And what
aiohttp answers to a request that it cannot parse has the form of an XRPC error, without any of the request's own text.

NOTE: middlewares and `on_response_prepare` signals of the application do not see XRPC requests.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from tonearm.xrpc.errors import XrpcError
from tonearm.xrpc.http import responses

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tonearm.xrpc.router import MethodRouter

log = logging.getLogger(__name__)

_KEEPALIVE_S = 75.0  # also the longest that a request's head may take to arrive
_LINGERING_S = 5.0
_HEAD_LINE_BYTES = 16 * 1024


class EdgeProtocol(web.RequestHandler):
    """One connection, with errors in XRPC's form."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - aiohttp's text quotes the request; it is not repeated
    ) -> web.StreamResponse:
        """Answer what no handler answered: a request that is not HTTP, or a failure outside the router."""
        if request.writer.output_size or self.transport is None or self.transport.is_closing():
            if status >= 500 and not isinstance(exc, ConnectionError):
                log.error("request to %s broke off", responses.place_of(request), exc_info=exc)
            raise ConnectionAbortedError("an answer broke off, or nobody is left to read it")
        headers = {}
        if status < 500:
            long = isinstance(exc, LineTooLong)
            text = "The request line or a header is too long" if long else "Malformed HTTP request"
            error = XrpcError("InvalidRequest", text)
            log.info("malformed request from %s: %s", request.remote, type(exc).__name__)
        else:
            headers["X-Request-Id"] = request_id = secrets.token_hex(8)
            error = XrpcError("InternalServerError", "Internal Server Error")
            log.error("request %s to %s failed", request_id, responses.place_of(request), exc_info=exc)
        return responses.refusal(error, headers, close=True)


class EdgeServer(web.Server):
    """Makes an `EdgeProtocol` for each connection."""

    def __init__(
        self, handler: Callable[[Any], Awaitable[web.StreamResponse]], inner: web.Server, **options: Any
    ) -> None:
        super().__init__(handler, request_factory=inner.request_factory)
        self._options = options

    def __call__(self) -> web.RequestHandler:
        """Answer the protocol of a new connection."""
        return EdgeProtocol(self, loop=asyncio.get_running_loop(), **self._options)


class EdgeRunner(web.AppRunner):
    """Runs an application to which `router` is attached.

    `options` are those of `aiohttp.web.RequestHandler`; `shutdown_timeout` is how long, in seconds, calls in progress
    may take to end.
    """

    def __init__(
        self, app: web.Application, router: MethodRouter, *, shutdown_timeout: float = 15.0, **options: Any
    ) -> None:
        super().__init__(app, shutdown_timeout=shutdown_timeout)
        self._router = router
        self._options = {
            "access_log": None,
            "auto_decompress": False,
            "keepalive_timeout": _KEEPALIVE_S,
            "lingering_time": _LINGERING_S,
            "max_line_size": _HEAD_LINE_BYTES,
            "max_field_size": _HEAD_LINE_BYTES,
            **options,
        }

    async def cleanup(self) -> None:
        """Stop serving. Event streams go first: afterwards aiohttp no longer reads their closing frames."""
        await self._router.stop_streams()
        await super().cleanup()

    async def _make_server(self) -> web.Server:
        inner = await super()._make_server()
        of_app = inner.request_handler
        of_router = self._router.handle

        def handle(request: web.BaseRequest) -> Awaitable[web.StreamResponse]:
            return of_router(request) if request.raw_path.startswith("/xrpc/") else of_app(request)

        return EdgeServer(handle, inner, **self._options)
