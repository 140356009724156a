"""What all methods of a router share: admission, the rate limiter, the error table, the parse slots."""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import TYPE_CHECKING

from aiohttp import web

from tonearm.xrpc.errors import PROTOCOL_ERRORS, STATUS_OF_ERROR, ErrorTable, XrpcError
from tonearm.xrpc.http import responses
from tonearm.xrpc.http.rate_limit import RateLimiter, Window, client_address
from tonearm.xrpc.open_streams import OpenStreams

if TYPE_CHECKING:
    from tonearm.xrpc.auth import Access, Authenticator, Principal
    from tonearm.xrpc.options import XrpcOptions

log = logging.getLogger(__name__)

_PARSES_AT_ONCE = 2
_CHALLENGE = "Bearer"
_NAME_OF_STATUS = {status: name for name, status in STATUS_OF_ERROR.items()}


class Runtime:
    """Everything that an endpoint needs beside its method."""

    def __init__(self, authenticator: Authenticator, options: XrpcOptions, errors: ErrorTable) -> None:
        self.options = options
        self.errors = errors
        self.limiter = RateLimiter(options.rate_limit, options.rate_window_s, options.rate_keys)
        self.streams = OpenStreams(options.subscriptions, options.subscriptions_per_address)
        self.parse_slots = asyncio.Semaphore(_PARSES_AT_ONCE)
        self._authenticator = authenticator
        # Failed authentications are counted apart: neighbours behind one address must not lock out those whose
        # credentials are good before their credentials could be looked at.
        self._failures = RateLimiter(options.rate_limit, options.rate_window_s, options.rate_keys)

    async def admit(self, request: web.BaseRequest, nsid: str) -> tuple[Principal | None, Window | None]:
        """Find out who calls, and count the call.

        Raises:
            XrpcError: what the authenticator raised, or RateLimitExceeded.
        """
        options = self.options
        failures = self._failures
        address = ""
        if failures and options.rate_limit:
            address = client_address(request, options.trusted_proxies)
            failures.check(address)
        try:
            principal = await self._authenticator(request, nsid)
        except XrpcError as error:
            window = failures.hit(address or client_address(request, options.trusted_proxies))
            headers = {**_challenge(error.status), **failures.headers(window), **error.headers}
            raise XrpcError(error.name, error.message, status=error.status, headers=headers) from error
        if principal is not None:
            return principal, self.limiter.hit(principal.did)
        return None, self.limiter.hit(address or client_address(request, options.trusted_proxies))

    @staticmethod
    def authorize(access: Access, principal: Principal | None) -> None:
        """Hold a caller to what the method demands; an `Access` that allows nothing admits nobody.

        Raises:
            XrpcError: AuthenticationRequired, or Forbidden naming the scope or the role that is missing.
        """
        scope = access.scope
        if principal is None:
            if access.anonymous:
                return
            headers = _challenge(401)
            raise XrpcError("AuthenticationRequired", "Authentication Required", headers=headers)
        if scope is not None:
            if scope in principal.scopes:
                if access.role not in (None, principal.role):
                    raise XrpcError("Forbidden", f"This is for the role '{access.role}' alone")
                return
            challenge = {"WWW-Authenticate": f'{_CHALLENGE} error="insufficient_scope", scope="{scope}"'}
            raise XrpcError("Forbidden", f"The credential lacks the scope '{scope}'", headers=challenge)
        if not access.anonymous:
            raise XrpcError("Forbidden", "Nobody may call this method")
        if "refresh" in principal.scopes:
            raise XrpcError("InvalidToken", "A refresh token is good for refreshing alone", status=401)

    def refuse(
        self, request: web.BaseRequest, error: Exception, declared: tuple[str, ...], window: Window | None
    ) -> web.Response:
        """Answer an error raised anywhere in a call, by the error table."""
        if isinstance(error, ConnectionError) and (request.transport is None or request.transport.is_closing()):
            raise error  # the caller has gone; there is nobody to answer
        if request.writer.output_size:
            # A streamed answer broke off: only a connection that ends early can tell the caller so.
            self.log_unexpected(request, error)
            raise ConnectionAbortedError("a streamed answer broke off")
        wire = self.wire_error(request, error, declared) or self._unexpected(request, error)
        return responses.refusal(wire, self.limiter.headers(window), close=not request.content.is_eof())

    def turn_away(self, request: web.BaseRequest, error: XrpcError) -> web.Response:
        """Answer a request that names no method, or names it wrongly; it counts against its address."""
        window = None
        try:
            window = self.limiter.hit(client_address(request, self.options.trusted_proxies))
        except XrpcError as exceeded:
            error = exceeded
        return responses.refusal(error, self.limiter.headers(window), close=not request.content.is_eof())

    def wire_error(self, request: web.BaseRequest, error: Exception, declared: tuple[str, ...]) -> XrpcError | None:
        """What an error is on the wire; None when it is not expected, or not declared where that is an error."""
        while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
            error = error.exceptions[0]  # what one task of a handler's TaskGroup raised
        wire = self.errors.translate(error)
        if wire is None and isinstance(error, web.HTTPException) and 400 <= error.status < 500:
            wire = XrpcError(_NAME_OF_STATUS.get(error.status, "InvalidRequest"), error.reason)
        if wire is None or wire.name in PROTOCOL_ERRORS or wire.name in declared:
            return wire
        log.error("undeclared error %s from %s", wire.name, responses.place_of(request))
        return None if self.options.strict_errors else wire

    def log_unexpected(self, request: web.BaseRequest, error: Exception) -> str:
        """Log an unexpected error under a new request id."""
        request_id = secrets.token_hex(8)
        log.error("request %s to %s failed", request_id, responses.place_of(request), exc_info=error)
        return request_id

    def _unexpected(self, request: web.BaseRequest, error: Exception) -> XrpcError:
        request_id = self.log_unexpected(request, error)
        return XrpcError("InternalServerError", "Internal Server Error", headers={"X-Request-Id": request_id})


def _challenge(status: int) -> dict[str, str]:
    return {"WWW-Authenticate": _CHALLENGE} if status == 401 else {}
