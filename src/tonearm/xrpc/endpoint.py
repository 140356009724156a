"""One query or procedure, ready to serve: the steps of a call in their order.

Imported on the first call of a method, together with the generated classes: pydantic stays off the way to the first
answer of the server.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

from tonearm.atproto.json_data import JsonError, parse_json
from tonearm.xrpc.errors import XrpcError
from tonearm.xrpc.http import responses
from tonearm.xrpc.http.body import read_body, stream_body
from tonearm.xrpc.http.media import InputEncoding
from tonearm.xrpc.method import BinaryInput, BinaryOutput, Procedure, ProcedureCall, Query, QueryCall
from tonearm.xrpc.models import LexiconError
from tonearm.xrpc.options import MIB
from tonearm.xrpc.params import ParamsReader, invalid
from tonearm.xrpc.subscription import SubscriptionEndpoint

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import web

    from tonearm.xrpc.auth import Access
    from tonearm.xrpc.http.rate_limit import Window
    from tonearm.xrpc.method import Subscription
    from tonearm.xrpc.runtime import Runtime

    Handler = Callable[..., Awaitable[Any]]

_IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,255}")


class Endpoint:
    """What queries and procedures share: parameters and outputs."""

    def __init__(
        self,
        runtime: Runtime,
        method: Query[Any, Any] | Procedure[Any, Any, Any],
        access: Access,
        handler: Handler,
        deps: tuple[Any, ...],
    ) -> None:
        self._runtime = runtime
        self._method = method
        self._access = access
        self._handler = handler
        self._deps = deps
        self._params = ParamsReader(method.params).read
        self._output = method.output

    async def _answer(self, request: web.BaseRequest, output: Any, window: Window | None) -> web.StreamResponse:
        lines = self._runtime.limiter.header_lines(window)
        if self._output is not None:
            if not isinstance(output, self._output):
                raise TypeError(f"a handler answered {type(output).__name__}, not {self._output}")
            return responses.ok(request, output.to_wire(), lines)
        if isinstance(output, BinaryOutput):
            runtime = self._runtime
            headers = runtime.limiter.headers(window)
            return await responses.binary(request, output, headers, runtime.options.send_timeout_s)
        if output is not None or self._method.output_encoding is not None:
            raise TypeError(f"a handler answered {type(output).__name__} for {self._method.output_encoding}")
        return responses.ok(request, b"", lines, content_type=None)


class QueryEndpoint(Endpoint):
    """A query: HTTP GET."""

    async def serve(self, request: web.BaseRequest, query: str) -> web.StreamResponse:
        """Answer one call; every failure is an answer too."""
        runtime = self._runtime
        window = None
        try:
            principal, window = await runtime.admit(request, self._method.nsid)
            runtime.authorize(self._access, principal)
            if not request.content.at_eof():
                await refuse_body(request, runtime.options.body_timeout_s)
            call = QueryCall(self._params(query), principal, request)
            output = await self._handler(call, *self._deps)
            return await self._answer(request, output, window)
        except Exception as error:  # noqa: BLE001 - the one place where unexpected errors become answers
            return runtime.refuse(request, error, self._method.errors, window)


class ProcedureEndpoint(Endpoint):
    """A procedure: HTTP POST."""

    def __init__(
        self,
        runtime: Runtime,
        method: Procedure[Any, Any, Any],
        access: Access,
        handler: Handler,
        deps: tuple[Any, ...],
    ) -> None:
        super().__init__(runtime, method, access, handler, deps)
        self._encoding = None if method.input_encoding is None else InputEncoding(method.input_encoding)
        self._from_wire = None if method.input is None else method.input.from_wire
        limits, options = runtime.options.body_limits_bytes, runtime.options
        json_body = self._encoding is None or self._encoding.is_json
        self._limit_bytes = limits.get(
            method.nsid, options.body_limit_bytes if json_body else options.stream_limit_bytes
        )

    async def serve(self, request: web.BaseRequest, query: str) -> web.StreamResponse:
        """Answer one call; every failure is an answer too."""
        runtime = self._runtime
        window = None
        try:
            principal, window = await runtime.admit(request, self._method.nsid)
            runtime.authorize(self._access, principal)
            params = self._params(query)
            key = request.headers.get("Idempotency-Key")
            if key is not None and _IDEMPOTENCY_KEY.fullmatch(key) is None:
                raise XrpcError("InvalidRequest", "Idempotency-Key must be 1 to 255 visible ASCII characters")
            body, raw = await self._input(request)
            call = ProcedureCall(params, principal, request, body, raw, key)
            output = await self._handler(call, *self._deps)
            return await self._answer(request, output, window)
        except Exception as error:  # noqa: BLE001 - the one place where unexpected errors become answers
            return runtime.refuse(request, error, self._method.errors, window)

    async def _input(self, request: web.BaseRequest) -> tuple[Any, bytes]:
        options = self._runtime.options
        encoding = self._encoding
        if encoding is None:
            if not request.content.at_eof():
                await refuse_body(request, options.body_timeout_s)
            return None, b""
        content_type = encoding.check(request)
        if not encoding.is_json:
            chunks = stream_body(request, self._limit_bytes, options.body_timeout_s)
            length = None if "Content-Encoding" in request.headers else request.content_length
            return BinaryInput(content_type, length, chunks), b""
        raw = await read_body(request, self._limit_bytes, options.body_timeout_s)
        if not raw:
            raise XrpcError("InvalidRequest", "A request body is expected but none was provided")
        if len(raw) < options.thread_parse_bytes:
            return self._parse(raw), raw
        async with self._runtime.parse_slots:
            return await asyncio.to_thread(self._parse, raw), raw

    def _parse(self, raw: bytes) -> Any:
        try:
            value = parse_json(raw)
            return value if self._from_wire is None else self._from_wire(value)
        except JsonError as error:
            raise XrpcError("InvalidRequest", f"The request body is not valid JSON: {error}") from None
        except LexiconError as error:
            raise invalid("input", error) from None


def endpoint_of(
    runtime: Runtime,
    method: Query[Any, Any] | Procedure[Any, Any, Any] | Subscription[Any, Any],
    access: Access,
    handler: Callable[..., Any],
    deps: tuple[Any, ...],
) -> Callable[[web.BaseRequest, str], Awaitable[web.StreamResponse]]:
    """The function that serves a method."""
    if isinstance(method, Query):
        return QueryEndpoint(runtime, method, access, handler, deps).serve
    if isinstance(method, Procedure):
        return ProcedureEndpoint(runtime, method, access, handler, deps).serve
    return SubscriptionEndpoint(runtime, method, access, handler, deps).serve


async def refuse_body(request: web.BaseRequest, timeout_s: float) -> None:
    """Read what a method without input was sent, up to its first byte; there must be none.

    Raises:
        XrpcError: InvalidRequest.
    """
    refused = XrpcError("InvalidRequest", "A request body was provided when none was expected")
    if request.content_length:
        raise refused
    async for chunk in stream_body(request, MIB, timeout_s):
        if chunk:
            raise refused
