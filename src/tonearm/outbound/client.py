"""The one HTTP client."""

from __future__ import annotations

import json
import socket
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
from yarl import URL

from tonearm.outbound.destinations import Destinations, GuardedResolver, origin_of
from tonearm.outbound.errors import (
    OutboundAnswerError,
    OutboundError,
    OutboundRefusedError,
    OutboundUnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping
    from types import TracebackType
    from typing import Self

LIMIT_BYTES = 65_536
TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 10.0
IDLE_TIMEOUT_S = 60.0
CHUNK_BYTES = 65_536
CONNECTIONS = 256
CONNECTIONS_A_HOST = 32

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_UNSENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
"""A connection that never came to be carried no request. Anything else may have reached the server."""


@dataclass(frozen=True, slots=True)
class OutboundAnswer:
    """A whole answer, of any status.

    Attributes:
        status: the HTTP status.
        headers: by name, in any case.
        body: not compressed.
        url: where it came from, after redirects.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    url: str = field(repr=False)

    def json(self) -> Any:
        """Parse the body, whatever its content type.

        Raises:
            OutboundAnswerError: it is no JSON.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise OutboundAnswerError(f"{origin_of(URL(self.url))} answered with something that is no JSON") from None


@dataclass(frozen=True, slots=True)
class OutboundStream:
    """An answer whose body has not been read yet."""

    status: int
    headers: Mapping[str, str]
    url: str = field(repr=False)
    _response: aiohttp.ClientResponse = field(repr=False)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body.

        Raises:
            OutboundUnavailableError: it broke off.
        """
        try:
            async for chunk in self._response.content.iter_chunked(CHUNK_BYTES):
                yield chunk
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _unavailable(URL(self.url), error) from None

    async def read(self, limit_bytes: int = LIMIT_BYTES) -> OutboundAnswer:
        """Read the body to its end.

        Raises:
            OutboundAnswerError: it is larger than `limit_bytes`.
            OutboundUnavailableError: it broke off.
        """
        body = bytearray()
        async for chunk in self.chunks():
            body += chunk
            if len(body) > limit_bytes:
                raise OutboundAnswerError(f"{origin_of(URL(self.url))} answered with more than {limit_bytes} bytes")
        return OutboundAnswer(self.status, self.headers, bytes(body), self.url)


class OutboundClient:
    """Asks other servers. One for the process, an async context manager; shared by all accounts, so without cookies."""

    def __init__(
        self,
        *,
        user_agent: str,
        allowed_private_hosts: Iterable[str] = (),
        trusted_origins: Iterable[str] = (),
    ) -> None:
        """Say where requests may go beside public addresses. See `Destinations`."""
        self.destinations = Destinations(allowed_private_hosts=allowed_private_hosts, trusted_origins=trusted_origins)
        self._user_agent = user_agent
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        resolver = GuardedResolver(self.destinations)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=resolver, limit=CONNECTIONS, limit_per_host=CONNECTIONS_A_HOST),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._user_agent, "Accept-Encoding": "identity"},
            auto_decompress=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def fetch(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        limit_bytes: int = LIMIT_BYTES,
        timeout_s: float = TIMEOUT_S,
        redirects: int = 0,
    ) -> OutboundAnswer:
        """Send one request and read its answer, of any status.

        Args:
            method: `GET`, `POST`...
            url: absolute.
            headers: sent along; after a redirect to another origin only `Accept` is.
            body: sent as it is.
            limit_bytes: the largest body that is read.
            timeout_s: for all of it: lookup, connection, redirects, answer.
            redirects: how many are followed, of a `GET` only; 0 returns the redirect itself.

        Raises:
            OutboundRefusedError: the URL, its address or a redirect is not allowed.
            OutboundUnavailableError: no answer.
            OutboundAnswerError: an answer that is too large, or compressed.
        """
        given = _Request(method, headers or {}, body, redirects)
        async with self._open(given, url, timeout_s, None) as stream:
            return await stream.read(limit_bytes)

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        idle_timeout_s: float = IDLE_TIMEOUT_S,
        redirects: int = 0,
    ) -> AsyncIterator[OutboundStream]:
        """Send one request and leave a large answer's body to be read piece by piece.

        It may take any time as long as no pause is longer than `idle_timeout_s`; the caller bounds its size. The
        arguments and errors are else those of `fetch`.
        """
        given = _Request(method, headers or {}, body, redirects)
        async with self._open(given, url, None, idle_timeout_s) as stream:
            yield stream

    @asynccontextmanager
    async def _open(
        self, request: _Request, text: str, total_s: float | None, idle_s: float | None
    ) -> AsyncIterator[OutboundStream]:
        url, deadline = self.destinations.check(text), _Deadline(total_s, idle_s)
        while True:
            async with self._answered(request, url, deadline.left()) as response:
                target = _redirected(response) if request.redirects or request.followed else None
                if target is None:
                    yield _stream_of(response)
                    return
            target = self.destinations.check(target)
            url, request = target, request.after_redirect(url, target)

    @asynccontextmanager
    async def _answered(
        self, request: _Request, url: URL, limits: aiohttp.ClientTimeout
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        if self._session is None:
            raise RuntimeError("the outbound client is not open")
        try:
            response = await self._session.request(
                request.method,
                url,
                data=request.body,
                headers=request.headers,
                timeout=limits,
                allow_redirects=False,
            )
        except OutboundError:
            raise
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _unavailable(url, error) from None
        try:
            yield response
        finally:
            response.close()  # the connection goes with it, unless the body was read to its end


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    redirects: int
    followed: bool = False

    def __post_init__(self) -> None:
        if self.redirects and self.method != "GET":
            raise ValueError("only a GET follows redirects")

    def after_redirect(self, source: URL, target: URL) -> _Request:
        if not self.redirects:
            raise OutboundRefusedError(f"{origin_of(source)} sends from one place to the next too often")
        headers = self.headers
        if target.origin() != source.origin():
            headers = {name: value for name, value in headers.items() if name.lower() == "accept"}
        return _Request(self.method, headers, None, self.redirects - 1, followed=True)


class _Deadline:
    def __init__(self, total_s: float | None, idle_s: float | None) -> None:
        self._ends_at = None if total_s is None else time.monotonic() + total_s
        self._idle_s = idle_s

    def left(self) -> aiohttp.ClientTimeout:
        if self._ends_at is None:
            return aiohttp.ClientTimeout(total=None, connect=CONNECT_TIMEOUT_S, sock_read=self._idle_s)
        left = max(self._ends_at - time.monotonic(), 0.001)
        return aiohttp.ClientTimeout(total=left, connect=min(CONNECT_TIMEOUT_S, left / 2))


def _stream_of(response: aiohttp.ClientResponse) -> OutboundStream:
    if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise OutboundAnswerError(f"{origin_of(response.url)} answered with a compressed body, which was not asked for")
    return OutboundStream(response.status, response.headers, str(response.url), response)


def _redirected(response: aiohttp.ClientResponse) -> URL | None:
    location = response.headers.get("Location")
    if response.status not in _REDIRECTS or location is None:
        return None
    try:
        return response.url.join(URL(location))
    except ValueError:
        raise OutboundRefusedError(f"{origin_of(response.url)} redirects to something that is no URL") from None


def _unavailable(url: URL, error: BaseException) -> OutboundUnavailableError:
    # Only the class: the text and the repr of some of the client's exceptions quote the request's headers.
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorDNSError) else None
    unknown = isinstance(cause, socket.gaierror) and cause.errno in (socket.EAI_NONAME, socket.EAI_NODATA)
    return OutboundUnavailableError(
        f"{origin_of(url)}: {type(error).__name__}", sent=not isinstance(error, _UNSENT), unknown_host=unknown
    )
