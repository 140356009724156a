"""Answers that are believed for a while, and one question for all who ask at once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from tonearm.identity.resolution.errors import IdentityError, ResolutionUnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

ENTRY_BYTES = 500
"""What an entry costs beside its value, roughly."""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long answers are believed, in seconds.

    Attributes:
        good_s: a value, without asking again.
        stale_s: a value, while whoever would know does not answer.
        missing_s: that there is none.
        unavailable_s: that there was no answer.
    """

    good_s: float
    stale_s: float
    missing_s: float
    unavailable_s: float


@dataclass(slots=True)
class _Entry(Generic[T]):
    value: T
    fetched_at: float
    good_until: float
    cost: int


class AnswerCache(Generic[T]):
    """Answers by name. Bounded: values by their size, failures by their number; the one unused longest goes first."""

    def __init__(
        self,
        fetch: Callable[[str], Awaitable[tuple[T, float | None]]],
        *,
        lifetimes: Lifetimes,
        budget_bytes: int,
        failures: int,
        at_once: int,
        kind_of: Callable[[str], str],
        size_of: Callable[[T], int],
        clock: Callable[[], float],
    ) -> None:
        """Take the way to find an answer.

        Args:
            fetch: finds an answer and says how many seconds it is good for, None for as long as usual.
            lifetimes: how long answers are believed.
            budget_bytes: for all values.
            failures: how many failures are remembered.
            at_once: questions of one kind under way; above that, those who ask are told to come back.
            kind_of: the kind of a name. What is slow of one kind holds up no other.
            size_of: the size of a value in bytes.
            clock: seconds, never going back.
        """
        self._fetch = fetch
        self._lifetimes = lifetimes
        self._budget_bytes = budget_bytes
        self._failure_limit = failures
        self._at_once = at_once
        self._kind_of = kind_of
        self._size_of = size_of
        self._clock = clock
        self._values: OrderedDict[str, _Entry[T]] = OrderedDict()
        self._failures: OrderedDict[str, tuple[float, IdentityError]] = OrderedDict()
        self._flights: dict[str, asyncio.Task[T]] = {}
        self._bytes = 0

    def peek(self, name: str) -> T | None:
        """The value, when it is still good."""
        entry = self._values.get(name)
        return entry.value if entry is not None and entry.good_until > self._clock() else None

    async def get(self, name: str, *, max_age_s: float | None = None) -> T:
        """Return the answer.

        Args:
            name: what is asked for.
            max_age_s: how old it may be; None for the usual lifetime.

        Raises:
            IdentityError: there is none. Within their lifetimes failures are remembered, unless `max_age_s` is given.
        """
        now = self._clock()
        entry = self._values.get(name)
        if entry is not None and (
            entry.good_until > now if max_age_s is None else max_age_s and now - entry.fetched_at < max_age_s
        ):
            self._values.move_to_end(name)
            return entry.value
        failure = self._failures.get(name)
        try:
            if failure is not None and failure[0] > now and max_age_s is None:
                raise type(failure[1])(*failure[1].args)
            return await asyncio.shield(self._flight(name))
        except ResolutionUnavailableError:
            if entry is None or max_age_s is not None or self._values.get(name) is not entry:
                raise
            if now - entry.fetched_at >= self._lifetimes.stale_s:
                raise
            return entry.value

    def forget(self, name: str) -> None:
        """Ask again the next time; what is being asked now is not kept."""
        self._drop(name)
        self._failures.pop(name, None)
        self._flights.pop(name, None)

    def forget_values(self, value: T) -> None:
        """Forget every name that has this value."""
        for name in [name for name, entry in self._values.items() if entry.value == value]:
            self.forget(name)

    async def close(self) -> None:
        """Give up the questions under way."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)

    def _flight(self, name: str) -> asyncio.Task[T]:
        flight = self._flights.get(name)
        if flight is None:
            kind = self._kind_of(name)
            if sum(self._kind_of(other) == kind for other in self._flights) >= self._at_once:
                raise ResolutionUnavailableError("too many identities are being looked up: try again in a moment")
            flight = asyncio.get_running_loop().create_task(self._ask(name), name=f"resolve {name}")
            flight.add_done_callback(_noticed)
            self._flights[name] = flight
        return flight

    async def _ask(self, name: str) -> T:
        task = asyncio.current_task()
        try:
            value, good_s = await self._fetch(name)
        except BaseException as error:
            if self._landed(name, task) and isinstance(error, IdentityError):
                self._note_failure(name, error)
            raise
        if self._landed(name, task):
            self._keep(name, value, self._lifetimes.good_s if good_s is None else good_s)
        return value

    def _landed(self, name: str, task: asyncio.Task[Any] | None) -> bool:
        """Whether this is the question under way about the name; one that was forgotten is not kept."""
        if self._flights.get(name) is not task:
            return False
        del self._flights[name]
        return True

    def _note_failure(self, name: str, error: IdentityError) -> None:
        unavailable = isinstance(error, ResolutionUnavailableError)
        if not unavailable:
            self._drop(name)
        lasts_s = self._lifetimes.unavailable_s if unavailable else self._lifetimes.missing_s
        self._failures[name] = (self._clock() + lasts_s, error)
        self._failures.move_to_end(name)
        if len(self._failures) > self._failure_limit:
            self._failures.popitem(last=False)

    def _keep(self, name: str, value: T, good_s: float) -> None:
        self._drop(name)
        self._failures.pop(name, None)
        now = self._clock()
        cost = self._size_of(value) + len(name) + ENTRY_BYTES
        self._values[name] = _Entry(value, now, now + good_s, cost)
        self._bytes += cost
        while self._bytes > self._budget_bytes:
            self._drop(next(iter(self._values)))

    def _drop(self, name: str) -> None:
        entry = self._values.pop(name, None)
        if entry is not None:
            self._bytes -= entry.cost


def _noticed(task: asyncio.Task[T]) -> None:
    if not task.cancelled():
        task.exception()  # it is the askers' to raise; when all of them gave up it must not count as unnoticed
