"""A small XRPC server on a port of its own, with methods that a test makes up."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any

import aiohttp
from aiohttp import web
from pydantic import Field
from yarl import URL

from tonearm.xrpc.auth import ANYONE, Access, Principal
from tonearm.xrpc.errors import ErrorTable, XrpcError
from tonearm.xrpc.http.server import EdgeRunner
from tonearm.xrpc.http.well_known import serve_did_document
from tonearm.xrpc.method import Procedure, Query, Subscription
from tonearm.xrpc.models import Input, Object, Output, Params
from tonearm.xrpc.options import XrpcOptions
from tonearm.xrpc.router import MethodRouter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from multidict import CIMultiDictProxy

    from tonearm.xrpc.http.well_known import Health

ALICE = "did:plc:alice234567alice234567al"
BOB = "did:plc:bob2345672bob2345672bob2"

_serial = itertools.count()


class NoParams(Params):
    """No parameters."""


class EchoParams(Params):
    """One of each kind of parameter."""

    text: str
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    tags: list[str] | None = None
    loud: bool | None = None


class EchoOutput(Output):
    """The parameters as they were understood."""

    text: str
    limit: int
    tags: list[str] | None = None
    loud: bool | None = None


class NoteInput(Input):
    """A JSON body."""

    title: Annotated[str, Field(max_length=100)]
    count: int | None = None


class NoteOutput(Output):
    """What was understood of it."""

    title: str
    key: str | None = None


class Tick(Object):
    """A stream's message."""

    TYPE = "app.test.ticks#tick"
    seq: int
    payload: bytes | None = None


def lexicon_module(method: Any) -> str:
    """Make `method` importable, as a generated module would be."""
    name = f"made_up_lexicon_{next(_serial)}"
    module = ModuleType(name)
    module.METHOD = method  # type: ignore[attr-defined]
    sys.modules[name] = module
    return name


async def authenticator(request: web.BaseRequest, _nsid: str) -> Principal | None:
    """`Bearer <did> <scope> ...` is a caller; `Bearer bad` a credential that is no good."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    did, *scopes = header.removeprefix("Bearer ").split()
    if did == "bad":
        raise XrpcError("InvalidToken", "Token could not be verified", status=401)
    if did == "expired":
        raise XrpcError("ExpiredToken", "Token has expired")
    return Principal(did, 1, frozenset(scopes))


@dataclass
class Methods:
    """What a server of `serving` serves; each adder returns self."""

    bound: list[tuple[Any, ...]] = field(default_factory=list)

    def query(self, handler: Callable[..., Any], nsid: str = "app.test.echo", **parts: Any) -> Methods:
        access, deps = parts.pop("access", ANYONE), parts.pop("deps", ())
        parts = {"params": EchoParams, "output": EchoOutput, **parts}
        return self._add("query", Query(nsid, **parts), access, handler, deps)

    def procedure(self, handler: Callable[..., Any], nsid: str = "app.test.note", **parts: Any) -> Methods:
        access, deps = parts.pop("access", ANYONE), parts.pop("deps", ())
        parts = {"params": NoParams, "input": NoteInput, "output": NoteOutput, **parts}
        return self._add("procedure", Procedure(nsid, **parts), access, handler, deps)

    def subscription(self, handler: Callable[..., Any], nsid: str = "app.test.ticks", **parts: Any) -> Methods:
        access, deps = parts.pop("access", ANYONE), parts.pop("deps", ())
        parts = {"params": NoParams, "messages": {"#tick": Tick}, **parts}
        return self._add("subscription", Subscription(nsid, **parts), access, handler, deps)

    def _add(
        self, kind: str, method: Any, access: Access, handler: Callable[..., Any], deps: tuple[Any, ...]
    ) -> Methods:
        self.bound.append((kind, method.nsid, lexicon_module(method), access, handler, deps))
        return self


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        return str(self.json["error"])


@dataclass
class World:
    """A running server and a client of it."""

    router: MethodRouter
    runner: web.AppRunner
    port: int
    client: aiohttp.ClientSession

    def url(self, nsid: str) -> str:
        return f"http://127.0.0.1:{self.port}/xrpc/{nsid}"

    async def get(self, nsid: str = "app.test.echo", query: str = "", **options: Any) -> Answer:
        return await self._whole("GET", nsid, query, **options)

    async def post(self, nsid: str = "app.test.note", query: str = "", **options: Any) -> Answer:
        return await self._whole("POST", nsid, query, **options)

    async def request(self, verb: str, nsid: str, query: str = "", **options: Any) -> Answer:
        return await self._whole(verb, nsid, query, **options)

    async def _whole(self, verb: str, nsid: str, query: str, **options: Any) -> Answer:
        url = URL(self.url(nsid) + (f"?{query}" if query else ""), encoded=True)
        async with self.client.request(verb, url, **options) as response:
            return Answer(response.status, response.headers, await response.read())

    async def raw(self, data: bytes, *, until_closed: bool = True) -> bytes:
        """Send bytes and return what comes back until the server closes, or until the first answer has a head."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(data)
            async with asyncio.timeout(10):
                return await reader.read() if until_closed else await reader.readuntil(b"\r\n\r\n")
        finally:
            writer.close()


@asynccontextmanager
async def serving(
    methods: Methods,
    *,
    options: XrpcOptions | None = None,
    errors: ErrorTable | None = None,
    health: Health | None = None,
    edge: bool = True,
    public_url: str | None = None,
    authenticate: Any = authenticator,
    router_class: type[MethodRouter] = MethodRouter,
    **server_options: Any,
) -> AsyncIterator[World]:
    """Serve `methods` on a free port; with `edge` off through a plain aiohttp runner."""
    router = router_class(authenticate, options=options or XrpcOptions(strict_errors=True), errors=errors)
    for row in methods.bound:
        router.bind(*row)
    app = web.Application()
    router.attach(app, health)
    if public_url is not None:
        app.router.add_get("/.well-known/did.json", serve_did_document(public_url))
    runner = (
        EdgeRunner(app, router, **server_options)
        if edge
        else web.AppRunner(app, access_log=None, auto_decompress=False, **server_options)
    )
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    try:
        async with aiohttp.ClientSession() as client:
            yield World(router, runner, port, client)
    finally:
        await runner.cleanup()
