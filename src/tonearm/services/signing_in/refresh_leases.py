"""Leases on kept sessions: one task in one process refreshes a session at a time."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tonearm.pds.errors import PdsUnavailableError
from tonearm.services.identity_hash import MICROS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tonearm.index.engine import Database, Work

POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class RefreshLeases:
    """The leases on one table of sessions, by actor.

    Attributes:
        lives_s: longer than a refresh can take: whoever lost the lease must not be about to use a token.
        take: becomes the holder until a time; False when another one is, or there is no session.
        end: lets others become the holder.
        exists: whether there is a session.
    """

    database: Database
    now: Callable[[], float]
    lives_s: int
    take: Callable[[int, str, int, int], Work[bool]]
    end: Callable[[int, str], Work[None]]
    exists: Callable[[int], Work[bool]]
    holder: str = field(default_factory=lambda: secrets.token_hex(8))
    _locks: dict[int, asyncio.Lock] = field(default_factory=dict)

    @asynccontextmanager
    async def held(self, actor_id: int) -> AsyncIterator[None]:
        """Hold off every other task and process that wants this actor's lease. Without a session there is none.

        Raises:
            PdsUnavailableError: another process has held it for too long.
        """
        async with self._locks.setdefault(actor_id, asyncio.Lock()):
            deadline = self.now() + 2 * self.lives_s
            while not await self._take(actor_id) and await self.database.read(self.exists(actor_id)):
                if self.now() > deadline:
                    raise PdsUnavailableError("another process holds the session's lease and does not let go")
                await asyncio.sleep(POLL_S)
            try:
                yield
            finally:
                await self.database.write(self.end(actor_id, self.holder))

    async def _take(self, actor_id: int) -> bool:
        now = int(self.now() * MICROS)
        return await self.database.write(self.take(actor_id, self.holder, now, now + self.lives_s * MICROS))
