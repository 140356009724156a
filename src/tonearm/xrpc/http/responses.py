"""Answers: a ready-made head for the good ones, aiohttp's own response for all else.

A good answer's headers never change but for four numbers, so its head is one format string and the whole answer one
write. `web.Response` builds, copies and serialises a header dict instead, which costs a quarter of the throughput of
a small query.
"""

from __future__ import annotations

import asyncio
import time
from email.utils import formatdate
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from aiohttp import HttpVersion11, web
from multidict import CIMultiDict, CIMultiDictProxy

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter

    from tonearm.xrpc.errors import XrpcError
    from tonearm.xrpc.method import BinaryOutput

JSON_TYPE = "application/json"
SERVER = "tonearm"

COMMON_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Atproto-Content-Labelers, Atproto-Repo-Rev, Content-Length, DPoP-Nonce, RateLimit-Limit, RateLimit-Policy, "
        "RateLimit-Remaining, RateLimit-Reset, Retry-After, WWW-Authenticate, X-Request-Id"
    ),
    "Server": SERVER,
    "X-Content-Type-Options": "nosniff",
}

_SENT_AT_ONCE_BYTES = 64 * 1024
_WRITE_TIMEOUT_S = 60.0

_LINES = "".join(f"{name}: {value}\r\n" for name, value in COMMON_HEADERS.items())
_HEAD = f"HTTP/1.1 200 OK\r\n{_LINES}".encode("ascii") + b"%bDate: %b\r\nContent-Length: %d\r\n\r\n%b"
_JSON_HEAD = _HEAD.replace(b"%bDate", f"Content-Type: {JSON_TYPE}\r\n%bDate".encode("ascii"))


class WireResponse(web.StreamResponse):
    """A 200 that is one string of bytes already: one write, no header dict.

    Its headers and state are empty and cannot be written: middlewares and `on_response_prepare` signals have no say.
    """

    _headers: Any = CIMultiDictProxy(CIMultiDict[str]())
    _state: Any = MappingProxyType({})
    _status = 200
    _reason = "OK"
    _keep_alive = True

    def __init__(self, data: bytes) -> None:  # The base's own would make the dicts that this class is without.
        self._data = data

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Remember where to write; nothing is sent before `write_eof`, so that all goes in one write."""
        self._payload_writer = request.writer
        return self._payload_writer

    async def write_eof(self, data: bytes = b"") -> None:
        """Send it. `data` is what aiohttp's callers never give."""
        if self._payload_writer is None:
            return
        if len(self._data) < _SENT_AT_ONCE_BYTES:
            await self._payload_writer.write_eof(self._data + data)
        else:
            await self._write_patiently(self._payload_writer, self._data + data)
        self._body_length = len(self._data)
        self._payload_writer = None

    @staticmethod
    async def _write_patiently(writer: AbstractStreamWriter, data: bytes) -> None:
        """Write what does not fit the send buffer; a caller that does not read it may not hold it for ever."""
        try:
            async with asyncio.timeout(_WRITE_TIMEOUT_S):
                await writer.write_eof(data)
        except TimeoutError:
            if writer.transport is not None:
                writer.transport.abort()
            raise ConnectionAbortedError("the caller did not read its answer") from None


class _Clock:
    """The Date header's text, made once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._text = b""

    def date(self) -> bytes:
        now = int(time.time())
        if now != self._second:
            self._text = formatdate(now, usegmt=True).encode("ascii")
            self._second = now
        return self._text


_clock = _Clock()


def ok(
    request: web.BaseRequest, body: bytes, rate_lines: bytes, *, content_type: str | None = JSON_TYPE
) -> web.StreamResponse:
    """A 200 with `body`, JSON unless it has no type; `rate_lines` are the RateLimit headers as bytes."""
    if request.version != HttpVersion11 or not request.keep_alive or request.method == "HEAD":
        return _plain(body, rate_lines, content_type)
    if content_type is JSON_TYPE:
        return WireResponse(_JSON_HEAD % (rate_lines, _clock.date(), len(body), body))
    return WireResponse(_HEAD % (rate_lines, _clock.date(), len(body), body))


def refusal(error: XrpcError, rate: dict[str, str], *, close: bool = False) -> web.Response:
    """The answer to an error. `close` ends the connection after it, when its rest cannot be trusted."""
    headers = CIMultiDict(COMMON_HEADERS)
    headers.update(rate)
    headers.update(error.headers)
    headers["Content-Type"] = JSON_TYPE
    response = web.Response(status=error.status, body=error.body(), headers=headers)
    if close:
        response.force_close()
    return response


def place_of(request: web.BaseRequest) -> str:
    """A request's path for a log line: percent-encoded, so that it cannot break the line, and bounded."""
    return request.rel_url.raw_path[:200]


async def binary(
    request: web.BaseRequest, output: BinaryOutput, rate: dict[str, str], idle_s: float
) -> web.StreamResponse:
    """A 200 that is not JSON, whole or streamed; a reader that blocks it for `idle_s` seconds is dropped."""
    headers = CIMultiDict(COMMON_HEADERS)
    headers.update(rate)
    headers["Content-Type"] = output.content_type
    headers.update(output.headers)
    if isinstance(output.chunks, bytes):
        return web.Response(body=output.chunks, headers=headers)
    response = web.StreamResponse(headers=headers)
    try:
        await response.prepare(request)
        if request.method != "HEAD":
            async for chunk in output.chunks:
                async with asyncio.timeout(idle_s):
                    await response.write(chunk)
        await response.write_eof()
    finally:
        close = getattr(output.chunks, "aclose", None)
        if close is not None:
            await close()
    return response


def _plain(body: bytes, rate_lines: bytes, content_type: str | None) -> web.Response:
    headers = CIMultiDict(COMMON_HEADERS)
    for line in rate_lines.decode("ascii").splitlines():
        name, _, value = line.partition(": ")
        headers[name] = value
    if content_type is not None:
        headers["Content-Type"] = content_type
    return web.Response(body=body, headers=headers)
