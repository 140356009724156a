"""Times as the protocol writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def micros_of_clock(clock: Callable[[], float]) -> int:
    """Return the clock's time as microseconds since 1970."""
    return int(clock() * 1_000_000)


def rfc3339(seconds: float) -> str:
    """Return a time as `2026-11-21T01:02:03.456Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
