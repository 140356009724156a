"""Reading a request body: its codings undone, its decoded size bounded, its arrival bounded in time.

The server's protocol leaves bodies coded (`auto_decompress` is off), so that one limit on decoded bytes holds for every
coding and chain, and so that what is left of a refused body is dropped without being inflated.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import ClientPayloadError, web

from tonearm.xrpc.errors import XrpcError
from tonearm.xrpc.http.codings import Decoder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def too_large(limit_bytes: int) -> XrpcError:
    """The refusal of a body beyond its limit."""
    return XrpcError("PayloadTooLarge", f"The request body is larger than {limit_bytes} bytes")


async def read_body(request: web.BaseRequest, limit_bytes: int, timeout_s: float) -> bytes:
    """Read the whole body, decoded.

    Raises:
        XrpcError: PayloadTooLarge, UnsupportedMediaType (a coding that we do not know), or InvalidRequest (a broken
            coding or transfer, or a body that took longer than `timeout_s`).
    """
    content = request.content
    coded = "Content-Encoding" in request.headers
    if not coded and content.is_eof() and content.exception() is None:
        if content.total_bytes > limit_bytes:
            raise too_large(limit_bytes)
        return content.read_nowait()
    parts = []
    try:
        async with asyncio.timeout(timeout_s):
            async for part in stream_body(request, limit_bytes, timeout_s):
                parts.append(part)  # noqa: PERF401 - an asynchronous comprehension cannot stand in a timeout's try
    except TimeoutError:
        raise XrpcError("InvalidRequest", f"The request body did not arrive within {timeout_s:g} seconds") from None
    return b"".join(parts)


async def stream_body(request: web.BaseRequest, limit_bytes: int, idle_s: float) -> AsyncIterator[bytes]:
    """Read the body in decoded chunks; a pause longer than `idle_s` ends it.

    Raises:
        XrpcError: as `read_body`.
    """
    length = request.content_length  # of coded bytes; None when chunked
    if length is not None and length > limit_bytes:
        raise too_large(limit_bytes)
    decoder = Decoder.of_header(request.headers.getall("Content-Encoding", ()), limit_bytes)
    await _send_continue(request)
    content = request.content
    total = 0
    while True:
        try:
            async with asyncio.timeout(idle_s):
                chunk = await content.readany()
        except TimeoutError:
            raise XrpcError("InvalidRequest", f"The request body paused for more than {idle_s:g} seconds") from None
        except (web.RequestPayloadError, ClientPayloadError):
            raise XrpcError("InvalidRequest", "The request body is malformed or cut short") from None
        if not chunk:
            break
        for decoded in decoder.feed(chunk):
            total += len(decoded)
            if total > limit_bytes:
                raise too_large(limit_bytes)
            yield decoded
    decoder.finish()


async def _send_continue(request: web.BaseRequest) -> None:
    """Ask a client that waits for leave (`Expect: 100-continue`) to send its body."""
    if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
