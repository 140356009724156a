"""How often one caller may call: a fixed window for each key, counted in memory.

A window starts with its key's first call and all windows have one length, so the order of insertion is the order in
which they end: dropping the ended ones from the front costs a constant for each call, and the number of keys is
bounded by dropping the front even when it has not ended. (An OrderedDict: a plain dict finds its front by walking over
all that was deleted there before.)

Rejected: a token bucket. It is as cheap, but `RateLimit-Reset` and `RateLimit-Remaining` then promise things that a
client cannot plan with. Also rejected: counting in the database, for a guard against haste and not a quota.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from functools import lru_cache
from typing import TYPE_CHECKING

from tonearm.xrpc.errors import XrpcError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web


class Window:
    """One key's window: calls made in it, and the epoch second at which it ends."""

    __slots__ = ("count", "reset_at")

    def __init__(self, reset_at: float) -> None:
        self.count = 0
        self.reset_at = reset_at


class RateLimiter:
    """Counts calls by key and refuses those beyond `limit` in `window_s` seconds; a limit of 0 counts nothing."""

    def __init__(self, limit: int, window_s: int, max_keys: int, now: Callable[[], float] = time.time) -> None:
        self.limit = limit
        self.window_s = window_s
        self._max_keys = max_keys
        self._now = now
        self._windows: OrderedDict[str, Window] = OrderedDict()
        self._policy = f"{limit};w={window_s}"
        self._line = (
            f"RateLimit-Limit: {limit}\r\nRateLimit-Remaining: %d\r\nRateLimit-Reset: %d\r\n"
            f"RateLimit-Policy: {self._policy}\r\n"
        ).encode("ascii")

    def __len__(self) -> int:
        return len(self._windows)

    def hit(self, key: str) -> Window | None:
        """Count one call of `key`; None when nothing is limited.

        Raises:
            XrpcError: RateLimitExceeded, with Retry-After and the rate headers.
        """
        if not self.limit:
            return None
        now = self._now()
        window = self._windows.get(key)
        if window is None or window.reset_at <= now:
            window = self._open(key, now)
        window.count += 1
        if window.count > self.limit:
            raise self._exceeded(window, now)
        return window

    def check(self, key: str) -> None:
        """Refuse `key` when its window is used up, without counting.

        Raises:
            XrpcError: RateLimitExceeded.
        """
        window = self._windows.get(key)
        if window is not None and window.count >= self.limit and window.reset_at > (now := self._now()):
            raise self._exceeded(window, now)

    def headers(self, window: Window | None) -> dict[str, str]:
        """The `RateLimit-*` headers of a window."""
        if window is None:
            return {}
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.limit - window.count)),
            "RateLimit-Reset": str(int(window.reset_at)),
            "RateLimit-Policy": self._policy,
        }

    def header_lines(self, window: Window | None) -> bytes:
        """The same headers as the bytes of a response head, each line ended."""
        if window is None:
            return b""
        return self._line % (self.limit - window.count, window.reset_at)

    def _open(self, key: str, now: float) -> Window:
        windows = self._windows
        windows.pop(key, None)  # an ended one: reinserting moves it to the end, where the youngest belong
        while windows:
            if len(windows) < self._max_keys and windows[next(iter(windows))].reset_at > now:
                break
            windows.popitem(last=False)
        window = windows[key] = Window(now + self.window_s)
        return window

    def _exceeded(self, window: Window, now: float) -> XrpcError:
        headers = self.headers(window)
        headers["Retry-After"] = str(max(1, int(window.reset_at - now) + 1))
        return XrpcError("RateLimitExceeded", "Rate limit exceeded", headers=headers)


def client_address(request: web.BaseRequest, trusted_proxies: int) -> str:
    """The client's address as a rate-limit key: IPv4 whole, IPv6 by its /64, which one household has.

    With `trusted_proxies` n, the n-th entry of X-Forwarded-For from its end is what the outermost trusted proxy saw.
    A header with fewer entries was not written by all of them: then the peer's own address counts.
    """
    peer = request.remote or "local"
    if trusted_proxies:
        entries = ",".join(request.headers.getall("X-Forwarded-For", ())).split(",")
        if len(entries) >= trusted_proxies and entries[-trusted_proxies].strip():
            peer = entries[-trusted_proxies].strip()[:64]
    return _network(peer)


@lru_cache(maxsize=4096)
def _network(text: str) -> str:
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]  # some proxies add the port, which would make every connection a stranger
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
    return text
