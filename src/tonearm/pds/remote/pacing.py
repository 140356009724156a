"""Keeping clear of a PDS's rate limits, by what its answers say about them.

A PDS counts points for each account: creating a record costs three, updating two, deleting one (the reference allows
5,000 an hour and 35,000 a day). The user's other programs draw from the same points, so large batches leave the last
tenth alone, and a play that just happened goes out while an import waits.

Source: the `RateLimit-*` and `Retry-After` headers as the reference PDS sends them.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tonearm.pds.writer import RepoWrite

POINTS = {"create": 3, "update": 2, "delete": 1}
SMALL_COST = 30
"""A request that costs no more than this may use the reserve."""
RESERVE = 0.1
LONGEST_WAIT_S = 86_400.0
DEFAULT_WAIT_S = 60.0
BUDGETS_LIMIT = 10_000
EPOCH_FLOOR = 1_000_000_000
"""Smaller values of `RateLimit-Reset` are seconds to wait, as some proxies send, and not a moment."""


def cost_of(writes: Sequence[RepoWrite]) -> int:
    """Answer the points that a batch costs."""
    return sum(POINTS[write.action] for write in writes)


def retry_moment(headers: Mapping[str, str], now: float) -> float:
    """Answer when a refused request may be sent again, seconds since the Unix epoch by our clock."""
    retry_after = headers.get("Retry-After", "")
    if retry_after.isascii() and retry_after.isdigit():
        return _bounded(now + int(retry_after[:9]), now)
    moment = _http_date(retry_after)
    if moment is not None:
        return _bounded(moment + _clock_offset(headers, now), now)
    reset = _reset_moment(headers, now)
    return _bounded(now + DEFAULT_WAIT_S if reset is None else reset, now)


@dataclass(frozen=True, slots=True)
class Budget:
    """What one answer said is left, until `reset_at`, of a limit."""

    limit: int
    remaining: int
    reset_at: float

    def allows(self, cost: int) -> bool:
        """Say whether a request may be sent, so that the points do not run out."""
        reserve = 0 if cost <= SMALL_COST else int(self.limit * RESERVE)
        # A limit that no batch of this size fits in is the PDS's own way of counting: a full budget always sends.
        return self.remaining >= min(cost, self.limit - reserve) + reserve


class Pacing:
    """The last known budget for each key: an account, or a host."""

    def __init__(self) -> None:
        """Know nothing; what is not known is allowed."""
        self._budgets: dict[str, Budget] = {}

    def note(self, key: str, headers: Mapping[str, str], now: float) -> None:
        """Remember what an answer says about the budget, if it says anything."""
        limit, remaining = _count(headers, "RateLimit-Limit"), _count(headers, "RateLimit-Remaining")
        reset_at = _reset_moment(headers, now)
        if limit is None or remaining is None or reset_at is None:
            return
        if len(self._budgets) >= BUDGETS_LIMIT:
            self._budgets = {k: b for k, b in self._budgets.items() if b.reset_at > now}
        if len(self._budgets) < BUDGETS_LIMIT or key in self._budgets:
            self._budgets[key] = Budget(limit, remaining, reset_at)

    def exhaust(self, key: str, until: float) -> None:
        """Remember a refusal: nothing goes out under this key before that moment."""
        self._budgets[key] = Budget(1, 0, until)

    def wait_until(self, key: str, cost: int, now: float) -> float | None:
        """Answer the moment to wait for before a request of this cost is sent, or None to send it now."""
        budget = self._budgets.get(key)
        if budget is None:
            return None
        if budget.reset_at <= now:
            del self._budgets[key]
            return None
        return None if budget.allows(cost) else budget.reset_at


def _count(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _reset_moment(headers: Mapping[str, str], now: float) -> float | None:
    reset = _count(headers, "RateLimit-Reset")
    if reset is None:
        return None
    moment = float(reset) + _clock_offset(headers, now) if reset >= EPOCH_FLOOR else now + reset
    return _bounded(moment, now)


def _clock_offset(headers: Mapping[str, str], now: float) -> float:
    """Answer what to add to a moment by the PDS's clock; its `Date` has a resolution of a second."""
    date = _http_date(headers.get("Date", ""))
    offset = 0.0 if date is None else now - date
    return offset if abs(offset) > 2 else 0.0


def _http_date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None


def _bounded(moment: float, now: float) -> float:
    return min(max(moment, now + 1), now + LONGEST_WAIT_S)
