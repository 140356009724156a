"""When tokens, keys and sessions were last used: written in the background, at most once a minute for each."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tonearm.index.engine import Database, Work

log = logging.getLogger(__name__)

EVERY_S = 60.0
GATHER_S = 1.0
REMEMBERED = 10_000


@dataclass(slots=True)
class LastUsed:
    """Collects uses. `note` costs a look in a dictionary; `run` writes what has gathered, in one transaction."""

    database: Database
    now: Callable[[], float]
    _noted: OrderedDict[object, float] = field(default_factory=OrderedDict)
    _waiting: dict[object, Work[None]] = field(default_factory=dict)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, what: object, mark: Callable[[], Work[None]]) -> None:
        """Note a use of `what`; `mark` makes the work that writes it."""
        now = self.now()
        if now - self._noted.get(what, 0.0) < EVERY_S:
            return
        self._noted[what] = now
        self._noted.move_to_end(what)
        if len(self._noted) > REMEMBERED:
            self._noted.popitem(last=False)
        self._waiting[what] = mark()
        self._wake.set()

    async def run(self) -> None:
        """Write what gathers, for ever. What cannot be written is dropped: nothing hangs on it."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHER_S)
            try:
                await self.flush()
            except Exception:
                log.exception("when tokens and sessions were last used could not be written")

    async def flush(self) -> None:
        """Write what has gathered."""
        self._wake.clear()
        waiting, self._waiting = list(self._waiting.values()), {}
        if waiting:
            await self.database.write(_all(waiting))


def _all(works: list[Work[None]]) -> Work[None]:
    for work in works:
        yield from work
