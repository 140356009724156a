"""Passwords of local accounts: argon2id in a worker thread, and a limit on failures."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from argon2 import PasswordHasher

FREE_FAILURES = 10
SECONDS_PER_FAILURE = 12.0
REMEMBERED = 10_000
LONGEST = 1024
MEMORY_KIB = 19_456
"""argon2id: 19 MiB, two passes, the least that OWASP names for it; the default of the library takes 64 MiB a login."""


class TooManyFailuresError(Exception):
    """Too many wrong passwords for this account or from this address. Wait `retry_after_s`."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"too many wrong passwords: try again in {int(retry_after_s) + 1} seconds")
        self.retry_after_s = retry_after_s


def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher  # noqa: PLC0415 - off the path of the first answer

    return PasswordHasher(time_cost=2, memory_cost=MEMORY_KIB, parallelism=1)


async def hash_password(password: str) -> str:
    """The argon2id hash of a password, with its salt and parameters."""
    return await asyncio.to_thread(_hasher().hash, password)


async def password_matches(hashed: str | None, password: str) -> bool:
    """Whether the password is the one. It takes the same time when there is no hash to compare with."""
    from argon2.exceptions import VerificationError  # noqa: PLC0415 - off the path of the first answer

    hasher = _hasher()

    def check() -> bool:
        if hashed is None or len(password) > LONGEST:
            hasher.hash("no such account")
            return False
        try:
            return hasher.verify(hashed, password)
        except VerificationError:
            return False

    return await asyncio.to_thread(check)


@dataclass(slots=True)
class FailureLimit:
    """Ten failures for each account or address, then one in twelve seconds. Bounded memory: the oldest are dropped.

    A try counts from its beginning, and is taken back when the password was right: counted at its end, any number of
    tries at once would pass.
    """

    now: Callable[[], float]
    _levels: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def attempt(self, *keys: str) -> None:
        """Begin a try, unless a key has used up its failures.

        Raises:
            TooManyFailuresError: with the time to wait.
        """
        for key in keys:
            level = self._level(key)
            if level > FREE_FAILURES - 1:
                raise TooManyFailuresError((level - FREE_FAILURES + 1) * SECONDS_PER_FAILURE)
        for key in keys:
            self._count(key, 1)
        while len(self._levels) > REMEMBERED:
            self._levels.popitem(last=False)

    def succeeded(self, *keys: str) -> None:
        """The password was right: the try was no failure."""
        for key in keys:
            if key in self._levels:
                self._count(key, -1)

    def _count(self, key: str, change: int) -> None:
        self._levels[key] = (max(0.0, self._level(key) + change), self.now())
        self._levels.move_to_end(key)

    def _level(self, key: str) -> float:
        level, at = self._levels.get(key, (0.0, 0.0))
        return max(0.0, level - (self.now() - at) / SECONDS_PER_FAILURE)
