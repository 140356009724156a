"""A limit on wrong passwords, kept in memory: ten at once for each account, then one every half minute."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from tonearm.pds.builtin.errors import TooManyAttemptsError

if TYPE_CHECKING:
    from collections.abc import Callable

FREE_ATTEMPTS = 10
SECONDS_AN_ATTEMPT = 30.0
REMEMBERED = 10_000


class Attempts:
    """Counts failures by account; the count falls with time."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def check(self, key: str) -> None:
        """Refuse another attempt while there are too many failures.

        Raises:
            TooManyAttemptsError: says how long to wait.
        """
        count = self._count(key)
        if count >= FREE_ATTEMPTS:
            raise TooManyAttemptsError((count - FREE_ATTEMPTS + 1) * SECONDS_AN_ATTEMPT)

    def failed(self, key: str) -> None:
        """Count a wrong password."""
        self._failures[key] = (self._count(key) + 1, self._clock())
        self._failures.move_to_end(key)
        while len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)

    def _count(self, key: str) -> float:
        count, at = self._failures.get(key, (0.0, 0.0))
        return max(0.0, count - (self._clock() - at) / SECONDS_AN_ATTEMPT)
