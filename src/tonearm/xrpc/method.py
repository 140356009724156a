"""What a method is (generated code makes these) and what its handler gets.

`Query`, `Procedure` and `Subscription` describe a method of a lexicon with the classes generated for its parameters,
input, output or message. A handler is `async def handler(call, *dependencies) -> Output`; a subscription's handler is
an async generator of messages.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web

    from tonearm.xrpc.auth import Principal

P = TypeVar("P")
I = TypeVar("I")  # noqa: E741 - the conventional letter for an input
O = TypeVar("O")  # noqa: E741 - the conventional letter for an output
M = TypeVar("M")

JSON = "application/json"

Kind = Literal["query", "procedure", "subscription"]


@dataclass(frozen=True, slots=True)
class Query(Generic[P, O]):
    """A query: HTTP GET. `output` is None when the lexicon declares no output schema (none, or a binary encoding)."""

    nsid: str
    params: type[P]
    output: type[O] | None
    output_encoding: str | None = JSON
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Procedure(Generic[P, I, O]):
    """A procedure: HTTP POST. `input_encoding` None means that a body is refused."""

    nsid: str
    params: type[P]
    input: type[I] | None
    output: type[O] | None
    input_encoding: str | None = JSON
    output_encoding: str | None = JSON
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subscription(Generic[P, M]):
    """An event stream over a WebSocket; `messages` maps a frame's `t` ("#commit") to its class."""

    nsid: str
    params: type[P]
    messages: dict[str, type]
    errors: tuple[str, ...] = ()


@dataclass(slots=True)
class QueryCall(Generic[P]):
    """One call of a query: validated parameters, the caller, the raw request.

    Nobody changes one; it is not frozen because that takes three times as long to make, once a request.
    """

    params: P
    principal: Principal | None
    request: web.BaseRequest

    @property
    def caller(self) -> Principal:
        """The caller of a method whose `Access` demands one."""
        if self.principal is None:
            raise LookupError("this method was registered for anonymous callers")
        return self.principal


@dataclass(slots=True)
class ProcedureCall(QueryCall[P], Generic[P, I]):
    """One call of a procedure: also its validated input, and the body as it came, decoded (`b""` when streamed).

    `idempotency_key` is the caller's `Idempotency-Key` header: 1 to 255 visible ASCII characters, the same on a retry.
    """

    input: I
    raw: bytes = b""
    idempotency_key: str | None = None


@dataclass(slots=True)
class SubscriptionCall(QueryCall[P]):
    """One subscriber."""


@dataclass(frozen=True, slots=True)
class BinaryInput:
    """The input of a method whose encoding is not JSON: the media type and the body as a bounded stream."""

    content_type: str
    content_length: int | None
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class BinaryOutput:
    """The output of a method whose encoding is not JSON. `headers` are added to the answer."""

    content_type: str
    chunks: AsyncIterator[bytes] | bytes
    headers: dict[str, str] = field(default_factory=dict)
