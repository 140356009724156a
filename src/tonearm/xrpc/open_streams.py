"""The event streams that are open now, and how one ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tonearm.xrpc.errors import XrpcError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

CLOSE_GRACE_S = 5.0
"""How long a subscriber may take for the last frames."""


@dataclass(frozen=True, slots=True)
class Closing:
    """How a stream ends: the close code, and the error that stands in its last frame."""

    code: int
    error: XrpcError | None = None


class OpenStreams:
    """The event streams that are open now: counted by address, and ended when the server stops."""

    def __init__(self, limit: int, limit_per_address: int) -> None:
        self._limit = limit
        self._limit_per_address = limit_per_address
        self._by_address: Counter[str] = Counter()
        self._pumps: set[asyncio.Task[Closing]] = set()
        self._stopping = False
        self._empty = asyncio.Event()
        self._empty.set()

    def __len__(self) -> int:
        return self._by_address.total()

    @contextlib.contextmanager
    def place(self, address: str) -> Iterator[None]:
        """Hold one place among the open streams.

        Raises:
            XrpcError: NotEnoughResources or RateLimitExceeded when there is none.
        """
        if self._stopping or len(self) >= self._limit:
            raise XrpcError("NotEnoughResources", "No more event streams can be opened now")
        if self._by_address[address] >= self._limit_per_address:
            raise XrpcError("RateLimitExceeded", "Too many event streams are open from this address")
        self._by_address[address] += 1
        self._empty.clear()
        try:
            yield
        finally:
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]
            if not self._by_address:
                self._empty.set()

    def start(self, pump: Coroutine[Any, Any, Closing]) -> asyncio.Task[Closing]:
        """Run a stream in a task of its own, which `stop` cancels."""
        task = asyncio.create_task(pump)
        self._pumps.add(task)
        task.add_done_callback(self._pumps.discard)
        return task

    async def stop(self) -> None:
        """Refuse new streams and end the open ones with 1001."""
        self._stopping = True
        for pump in list(self._pumps):
            pump.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2 * CLOSE_GRACE_S):
                await self._empty.wait()
