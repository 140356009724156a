"""The table from NSID to method, and the way of a request to it."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote

from aiohttp import web

from tonearm.xrpc.errors import ErrorTable, XrpcError
from tonearm.xrpc.http import responses
from tonearm.xrpc.options import XrpcOptions
from tonearm.xrpc.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tonearm.xrpc.auth import Access, Authenticator
    from tonearm.xrpc.http.well_known import Health
    from tonearm.xrpc.method import Kind

    Serve = Callable[[web.BaseRequest, str], Awaitable[web.StreamResponse]]

_PREFIX = "/xrpc/"
_HEALTH = "/xrpc/_health"
_VERB: dict[str, str] = {"query": "GET", "procedure": "POST", "subscription": "GET"}
_HEADER_NAMES = re.compile(r"[A-Za-z0-9_, -]{1,1000}")
_ALLOWED_HEADERS = "Authorization, Content-Type, DPoP, Idempotency-Key, Atproto-Accept-Labelers, Atproto-Proxy"


@dataclass(slots=True)
class _Slot:
    """A bound method; `serve` is made on its first call."""

    kind: Kind
    nsid: str
    module: str
    access: Access
    handler: Callable[..., Any]
    deps: tuple[Any, ...]
    verb: str
    serve: Serve | None = None


class MethodRouter:
    """Serves XRPC methods by NSID. The generated `Router` adds `METHODS` and a typed slot for each of them."""

    METHODS: ClassVar[Mapping[str, tuple[Kind, str]]] = {}

    def __init__(
        self,
        authenticator: Authenticator,
        *,
        options: XrpcOptions | None = None,
        errors: ErrorTable | None = None,
    ) -> None:
        self._runtime = Runtime(authenticator, options or XrpcOptions(), errors or ErrorTable())
        self._slots: dict[str, _Slot] = {}
        self._health: Health | None = None

    def bind(
        self,
        kind: Kind,
        nsid: str,
        module: str,
        access: Access,
        handler: Callable[..., Any],
        deps: tuple[Any, ...],
    ) -> None:
        """Serve a method. `module` is the dotted name of its lexicon module, imported on the first call.

        Raises:
            ValueError: the method has a handler already.
        """
        path = _PREFIX + nsid
        if path in self._slots:
            raise ValueError(f"{nsid} has a handler already")
        self._slots[path] = _Slot(kind, nsid, module, access, handler, deps, _VERB[kind])

    def bound(self) -> frozenset[str]:
        """The NSIDs that have a handler."""
        return frozenset(slot.nsid for slot in self._slots.values())

    def unbound(self) -> frozenset[str]:
        """The callable NSIDs of the lexicons that have none and answer 501."""
        return frozenset(self.METHODS) - self.bound()

    def attach(self, app: web.Application, health: Health | None = None) -> None:
        """Serve `/xrpc/` of an aiohttp application, with `health` as its `_health`."""
        self._health = health
        app.router.add_route("*", _PREFIX + "{nsid:.*}", self.handle, expect_handler=_defer_expectation)
        app.on_shutdown.append(self.stop_streams)

    async def stop_streams(self, _app: web.Application | None = None) -> None:
        """End the open event streams with 1001 and take no new ones. The application's shutdown does it too."""
        await self._runtime.streams.stop()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request under `/xrpc/`."""
        path, _, query = request.raw_path.partition("?")
        slot = self._slots.get(path)
        if slot is not None and request.method == slot.verb:
            serve = slot.serve
            return await (self._first_call(slot, request, query) if serve is None else serve(request, query))
        return await self._unusual(request, path, query)

    async def _unusual(self, request: web.BaseRequest, path: str, query: str) -> web.StreamResponse:
        """HEAD, preflights, percent-encoded and absolute targets, and what must be refused."""
        if request.method == "OPTIONS":
            return _preflight(request)
        if path == _HEALTH and self._health is not None and request.method in ("GET", "HEAD"):
            return await self._health.serve(request, query)
        if not path.startswith(_PREFIX):
            path, query = request.rel_url.raw_path, request.rel_url.raw_query_string
        nsid = unquote(path.removeprefix(_PREFIX))
        slot = self._slots.get(_PREFIX + nsid)
        if slot is None:
            return self._runtime.turn_away(request, self._no_method(nsid))
        if request.method != slot.verb and not (request.method == "HEAD" and slot.kind == "query"):
            message = f"Incorrect HTTP method ({request.method}) expected {slot.verb}"
            return self._runtime.turn_away(request, XrpcError("InvalidRequest", message))
        if slot.serve is None:
            return await self._first_call(slot, request, query)
        return await slot.serve(request, query)

    @staticmethod
    def _no_method(nsid: str) -> XrpcError:
        from tonearm.atproto.formats import is_nsid  # noqa: PLC0415 - only strangers ask

        if not is_nsid(nsid):
            return XrpcError("InvalidRequest", "Invalid XRPC path: it must be /xrpc/ and an NSID")
        return XrpcError("MethodNotImplemented", "Method Not Implemented")

    async def _first_call(self, slot: _Slot, request: web.BaseRequest, query: str) -> web.StreamResponse:
        """Import the method's classes, make its endpoint, and answer by it."""
        from tonearm.xrpc.endpoint import endpoint_of  # noqa: PLC0415 - brings pydantic, which start-up does without

        runtime = self._runtime
        try:
            method = importlib.import_module(slot.module).METHOD
            slot.serve = endpoint_of(runtime, method, slot.access, slot.handler, slot.deps)
        except Exception as error:  # noqa: BLE001 - a broken module must answer like a broken handler
            return runtime.refuse(request, error, (), None)
        return await slot.serve(request, query)


async def _defer_expectation(_request: web.Request) -> None:
    """Leave `Expect: 100-continue` unanswered until the caller is admitted and the body wanted."""


def _preflight(request: web.BaseRequest) -> web.Response:
    asked = request.headers.get("Access-Control-Request-Headers", "")
    headers = {
        **responses.COMMON_HEADERS,
        "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
        "Access-Control-Allow-Headers": asked if _HEADER_NAMES.fullmatch(asked) else _ALLOWED_HEADERS,
        "Access-Control-Max-Age": "86400",
    }
    return web.Response(status=204, headers=headers)
