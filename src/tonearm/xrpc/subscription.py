"""Event streams: an async generator of messages, pulled by a WebSocket.

The stream is pulled: the next message is asked for when the last one has gone to the socket, so a slow subscriber
costs the bytes of one send buffer and never a queue. One that blocks a send for `send_timeout_s` is told
ConsumerTooSlow, and cut off if it does not even read that.

Close codes: 1000 when the generator ends; 1008 with an error's name as the reason, after its error frame; 1001 when the
server stops; none (the connection is cut) for an unexpected error. Bad parameters and credentials are answered after
the upgrade, in frames, since a WebSocket client cannot see an HTTP error's body; a method that does not exist, or a
caller beyond its rate, is never upgraded.

Source: the event stream specification; reference: stream/server.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from aiohttp import WSCloseCode, WSMsgType, web

from tonearm.atproto.frames import error_frame, message_frame
from tonearm.xrpc.errors import XrpcError
from tonearm.xrpc.http.rate_limit import client_address
from tonearm.xrpc.method import SubscriptionCall
from tonearm.xrpc.open_streams import CLOSE_GRACE_S, Closing
from tonearm.xrpc.params import ParamsReader

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from tonearm.xrpc.auth import Access
    from tonearm.xrpc.method import Subscription
    from tonearm.xrpc.runtime import Runtime

_CLIENT_MESSAGE_BYTES = 4096
_CLIENT_MESSAGES = 256
_WRITE_BUFFER_BYTES = 64 * 1024

_ENDED = Closing(WSCloseCode.OK)
_STOPPED = Closing(WSCloseCode.GOING_AWAY)
_TALKED = Closing(WSCloseCode.POLICY_VIOLATION, XrpcError("InvalidRequest", "An event stream takes no messages"))


class SubscriptionEndpoint:
    """A subscription, ready to serve."""

    def __init__(
        self,
        runtime: Runtime,
        method: Subscription[Any, Any],
        access: Access,
        handler: Callable[..., AsyncGenerator[Any, None]],
        deps: tuple[Any, ...],
    ) -> None:
        self._runtime = runtime
        self._method = method
        self._access = access
        self._handler = handler
        self._deps = deps
        self._params = ParamsReader(method.params).read
        self._type_of = {kind: name for name, kind in method.messages.items()}

    async def serve(self, request: web.BaseRequest, query: str) -> web.StreamResponse:
        """Hold one subscriber until either side ends."""
        runtime = self._runtime
        options = runtime.options
        socket = web.WebSocketResponse(
            timeout=CLOSE_GRACE_S,
            heartbeat=options.heartbeat_s,
            compress=False,
            max_msg_size=_CLIENT_MESSAGE_BYTES,
            writer_limit=_WRITE_BUFFER_BYTES // 4,
        )
        if not socket.can_prepare(request):
            return runtime.turn_away(request, XrpcError("InvalidRequest", "Expected a WebSocket upgrade"))
        try:
            with runtime.streams.place(client_address(request, options.trusted_proxies)):
                opening = await self._open(request, query)
                await socket.prepare(request)
                await self._converse(request, socket, opening)
        except XrpcError as error:
            return runtime.refuse(request, error, self._method.errors, None)
        return socket

    async def _open(self, request: web.BaseRequest, query: str) -> SubscriptionCall[Any] | XrpcError:
        """The call, or the error to say in a frame.

        Raises:
            XrpcError: RateLimitExceeded, said before the upgrade.
        """
        runtime = self._runtime
        try:
            principal, _ = await runtime.admit(request, self._method.nsid)
            runtime.authorize(self._access, principal)
            return SubscriptionCall(self._params(query), principal, request)
        except XrpcError as error:
            if error.name == "RateLimitExceeded":
                raise
            return error

    async def _converse(
        self, request: web.BaseRequest, socket: web.WebSocketResponse, opening: SubscriptionCall[Any] | XrpcError
    ) -> None:
        pump = self._runtime.streams.start(self._pump(request, socket, opening))
        reader = asyncio.create_task(_ignore_incoming(socket))
        try:
            await asyncio.wait({pump, reader}, return_when=asyncio.FIRST_COMPLETED)
            if not pump.done():
                closing = _TALKED
            elif pump.cancelled():
                closing = _STOPPED
            else:
                closing = pump.result()
            pump.cancel()
            await asyncio.wait({pump})
            await _close(socket, closing)
        except Exception as error:  # noqa: BLE001 - nothing can be answered on a socket but its end
            self._runtime.log_unexpected(request, error)
        finally:
            pump.cancel()
            reader.cancel()
            if request.transport is not None and not request.transport.is_closing():
                request.transport.abort()
            await asyncio.gather(pump, reader, return_exceptions=True)

    async def _pump(
        self, request: web.BaseRequest, socket: web.WebSocketResponse, opening: SubscriptionCall[Any] | XrpcError
    ) -> Closing:
        """Send the generator's messages; returns how the stream ends."""
        if isinstance(opening, XrpcError):
            return Closing(WSCloseCode.POLICY_VIOLATION, opening)
        limit_s = self._runtime.options.send_timeout_s
        try:
            async with contextlib.aclosing(self._handler(opening, *self._deps)) as messages:
                async for message in messages:
                    frame = message if isinstance(message, bytes) else self._frame(message)
                    try:
                        async with asyncio.timeout(limit_s):
                            await socket.send_bytes(frame)
                    except TimeoutError:
                        slow = XrpcError("ConsumerTooSlow", f"No message was taken for {limit_s:g} seconds")
                        return Closing(WSCloseCode.POLICY_VIOLATION, slow)
                    except ConnectionError:
                        return _ENDED  # the subscriber has gone
            return _ENDED
        except Exception as error:
            wire = self._runtime.wire_error(request, error, (*self._method.errors, "ConsumerTooSlow"))
            if wire is None:
                raise
            return Closing(WSCloseCode.POLICY_VIOLATION, wire)

    def _frame(self, message: Any) -> bytes:
        return message_frame(self._type_of[type(message)], message.to_data())


async def _ignore_incoming(socket: web.WebSocketResponse) -> None:
    """Read what the subscriber sends, so that pings, pongs and its close are heard; ends with the socket.

    Messages mean nothing to an event stream; one that sends hundreds is talking to something else, and is closed.
    """
    for _ in range(_CLIENT_MESSAGES):
        message = await socket.receive()
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            return


async def _close(socket: web.WebSocketResponse, closing: Closing) -> None:
    """Send the error frame and the close frame, for as long as the subscriber takes them."""
    reason = b""
    if socket.closed:
        return
    try:
        async with asyncio.timeout(CLOSE_GRACE_S):
            if closing.error is not None:
                reason = closing.error.name.encode("ascii", "replace")[:123]
                await socket.send_bytes(error_frame(closing.error.name, closing.error.message))
            await socket.close(code=closing.code, message=reason)
    except (TimeoutError, ConnectionError):
        return
