"""A lean HTTP/1.1 client for load: keep-alive, one request at a time on a connection, requests made beforehand.

The client shares the machine with the server, so what it costs is taken from the server. This one spends about 25 us
a request, and it is the same for every side of a comparison. It takes bodies with a length, and chunked ones that end
where the data ends; anything else fails loudly.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from tests.benchmarks.rounds import percentile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LENGTH = b"\r\ncontent-length:"
_CHUNKED = b"\r\ntransfer-encoding: chunked"
_LAST_CHUNK = b"\r\n0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """The status and the body of one answer."""

    status: int
    body: bytes

    def json(self) -> Any:
        """Parse the body."""
        return json.loads(self.body)


@dataclass(slots=True)
class Load:
    """What a timed window saw: latencies in seconds, its length, and how many answers were not 200."""

    latencies: list[float] = field(default_factory=list)
    elapsed_s: float = 0.0
    refused: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Answers of status 200 a second."""
        return len(self.latencies) / self.elapsed_s

    def latency_ms(self, share: float) -> float:
        """Return a percentile of the latencies in milliseconds."""
        return percentile(self.latencies, share) * 1000


class Connection(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._waiting: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 or self._waiting is None:
            return
        body = self._body(self._buffer[:end].lower(), end + 4)
        if body is not None:
            answer = Answer(int(self._buffer[9:12]), body)
            self._buffer = b""
            waiting, self._waiting = self._waiting, None
            waiting.set_result(answer)

    def _body(self, head: bytes, start: int) -> bytes | None:
        """Return the body once it is complete."""
        at = head.find(_LENGTH)
        if at >= 0:
            stop = head.find(b"\r\n", at + 2)
            size = int(head[at + len(_LENGTH) : stop if stop >= 0 else len(head)])
            return self._buffer[start:] if len(self._buffer) >= start + size else None
        if _CHUNKED in head:
            return _joined(self._buffer[start:]) if self._buffer.endswith(_LAST_CHUNK) else None
        self._fail(ValueError(f"an answer of unknown length: {head[:200]!r}"))
        return None

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or EOFError("the server closed the connection"))

    def ask(self, request: bytes) -> asyncio.Future[Answer]:
        """Send one request; the answer comes with the future."""
        if self._transport is None or self._transport.is_closing():
            raise EOFError("the connection is closed")
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._waiting

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    def _fail(self, error: Exception) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)
        self._waiting = None


def request(
    method: str, target: str, port: int, *, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> bytes:
    """Build a request once, to be sent any number of times."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


async def connect(host: str, port: int) -> Connection:
    """Open one connection."""
    return (await asyncio.get_running_loop().create_connection(Connection, host, port))[1]


async def fetch(host: str, port: int, target: str, headers: Mapping[str, str] | None = None) -> Answer:
    """GET once on a connection of its own."""
    connection = await connect(host, port)
    try:
        return await connection.ask(request("GET", target, port, headers=headers))
    finally:
        connection.close()


async def drive(
    host: str, port: int, requests: Iterator[bytes], concurrency: int, *, limit_s: float | None = None
) -> Load:
    """Send requests over `concurrency` connections until they run out or `limit_s` has passed."""
    connections = [await connect(host, port) for _ in range(concurrency)]
    load = Load()
    started = time.perf_counter()
    until = started + (limit_s if limit_s is not None else float("inf"))

    async def worker(connection: Connection) -> None:
        for message in requests:
            sent = time.perf_counter()
            answer = await connection.ask(message)
            now = time.perf_counter()
            if answer.status == 200:
                load.latencies.append(now - sent)
            else:
                load.refused[answer.status] = load.refused.get(answer.status, 0) + 1
            if now > until:
                return

    try:
        await asyncio.gather(*[worker(connection) for connection in connections])
    finally:
        load.elapsed_s = time.perf_counter() - started
        for connection in connections:
            connection.close()
    return load


def _joined(chunked: bytes) -> bytes:
    parts: list[bytes] = []
    at = 0
    while True:
        line_end = chunked.index(b"\r\n", at)
        size = int(chunked[at:line_end], 16)
        if not size:
            return b"".join(parts)
        parts.append(chunked[line_end + 2 : line_end + 2 + size])
        at = line_end + 2 + size + 2
