"""What Rocksky's routes share: reading bodies, who may read answers across origins, and how often they may be asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tonearm.xrpc.errors import XrpcError
from tonearm.xrpc.http.body import read_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp.typedefs import Handler, Middleware

    from tonearm.xrpc.http.rate_limit import RateLimiter

BODY_LIMIT_BYTES = 16_384
BODY_TIMEOUT_S = 20.0
MOST_ROWS = 200


async def json_body(request: web.Request) -> dict[str, Any]:
    """The JSON object that the request carries.

    Raises:
        XrpcError: it is no JSON object, too large, or does not arrive.
    """
    if request.content_type != "application/json":
        raise XrpcError("InvalidRequest", "Send a JSON object, with Content-Type: application/json.")
    try:
        value = json.loads(await read_body(request, BODY_LIMIT_BYTES, BODY_TIMEOUT_S))
    except (ValueError, RecursionError):
        raise XrpcError("InvalidRequest", "The body is no JSON.") from None
    if not isinstance(value, dict):
        raise XrpcError("InvalidRequest", "The body must be a JSON object.")
    return value


def text_in(body: dict[str, Any], name: str, longest: int) -> str | None:
    """A text of the body; None when it is absent or null.

    Raises:
        XrpcError: it is no text, or too long.
    """
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or "\0" in value:
        raise XrpcError("InvalidRequest", f"{name} must be a text.")
    if len(value) > longest:
        raise XrpcError("InvalidRequest", f"{name} has at most {longest} characters.")
    return value


def flag_in(body: dict[str, Any], name: str) -> bool | None:
    """A flag of the body; None when it is absent or null.

    Raises:
        XrpcError: it is neither true nor false.
    """
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise XrpcError("InvalidRequest", f"{name} must be true or false.")
    return value


def page_of(request: web.Request, default: int) -> tuple[int, int]:
    """`size` and `offset` of the query. What is missing or no number counts as not given; both are bounded."""
    size, offset = (_number(request.query.get(name, "")) for name in ("size", "offset"))
    return min(size or default, MOST_ROWS), min(offset, 1_000_000)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """The one other origin whose pages may read our answers, with cookies; empty: none."""

    origin: str
    paths: frozenset[str]

    def allows(self, origin: str) -> bool:
        """Whether this is the configured front end."""
        return bool(self.origin) and origin == self.origin

    async def add_headers(self, request: web.Request, response: web.StreamResponse) -> None:
        """Let the front end read the answer, on our paths; every error too."""
        if not self.origin or route_path(request) not in self.paths:
            return
        response.headers.add("Vary", "Origin")
        if self.allows(request.headers.get("Origin", "")):
            response.headers["Access-Control-Allow-Origin"] = self.origin
            response.headers["Access-Control-Allow-Credentials"] = "true"
            response.headers["Access-Control-Expose-Headers"] = "Retry-After, WWW-Authenticate"

    async def preflight(self, request: web.Request) -> web.Response:
        """Say what the front end may send."""
        headers = {}
        if self.allows(request.headers.get("Origin", "")):
            headers = {
                "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
                "Access-Control-Allow-Headers": "authorization, content-type, session-did",
                "Access-Control-Max-Age": "600",
            }
        return web.Response(status=204, headers=headers)


def rate_limited(limiter_of: dict[str, RateLimiter], address_of: Callable[[web.BaseRequest], str]) -> Middleware:
    """The middleware that counts the requests to our paths by address, before anything is looked up."""

    @web.middleware
    async def limit(request: web.Request, handler: Handler) -> web.StreamResponse:
        limiter = limiter_of.get(route_path(request))
        if limiter is not None and request.method != "OPTIONS":
            limiter.hit(address_of(request))
        return await handler(request)

    return limit


def route_path(request: web.Request) -> str:
    """The path of the request's row in the table of routes; empty when there is none."""
    resource = request.match_info.route.resource
    return "" if resource is None else resource.canonical
