"""The worker: takes each move through its states, one process at a time for each account (a lease).

A step that fails is tried again after a pause, with the reason where the owner sees it. Every step may be done twice,
and each transaction first looks whether the lease is still ours: a process that was held up for longer than its lease
changes nothing any more.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tonearm.index.queries import moves
from tonearm.pds.errors import PdsError
from tonearm.services.identity_hash import MICROS
from tonearm.services.moves.steps import Blocked, LeaseLostError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tonearm.index.engine import Database, Work
    from tonearm.index.queries.moves import MoveRow
    from tonearm.services.moves.steps import Steps

log = logging.getLogger(__name__)

LEASE_S = 120.0
SWEEP_S = 1.0
BACK_OFF_FIRST_S = 1.0
BACK_OFF_MOST_S = 300.0
AT_ONCE = 4
"""Accounts that one process moves at the same time."""


@dataclass(slots=True)
class MoveWorker:
    """Moves accounts. `run` goes on until it is cancelled; `serve` takes one account's move as far as it goes now."""

    database: Database
    steps: Steps
    now: Callable[[], float]
    holder: str = field(default_factory=lambda: secrets.token_hex(8))
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _busy: set[int] = field(default_factory=set)

    def wake(self) -> None:
        """There is something to do."""
        self._woken.set()

    async def run(self) -> None:
        """Serve all moves until cancelled. What is in hand then is found by the next start."""
        async with asyncio.TaskGroup() as group:
            while True:
                for actor_id in await self.database.read(moves.moves_to_do(self._micros(), AT_ONCE + len(self._busy))):
                    if actor_id not in self._busy and len(self._busy) < AT_ONCE:
                        self._busy.add(actor_id)
                        group.create_task(self._serve_and_release(actor_id))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(SWEEP_S):
                        await self._woken.wait()
                self._woken.clear()

    async def _serve_and_release(self, actor_id: int) -> None:
        try:
            await self.serve(actor_id)
        except Exception:
            log.exception("the move of actor %d could not go on", actor_id)
            await asyncio.sleep(SWEEP_S)
        finally:
            self._busy.discard(actor_id)
            self._woken.set()

    async def serve(self, actor_id: int) -> None:
        """Take a move as far as it goes now."""
        try:
            while await self._lease(actor_id) and await self._step(actor_id):
                pass
        finally:
            await self.database.write(moves.end_lease(actor_id, self.holder))

    async def _step(self, actor_id: int) -> bool:
        """Do one step; answers whether the next one may follow at once."""
        row = await self.database.read(moves.move_of(actor_id))
        if row is None or row.paused or row.due_at > self._micros():
            return False
        try:
            async with self._keeping(actor_id):
                return await self.steps.step(row, self.holder)
        except LeaseLostError:
            pass
        except Blocked as blocked:
            await self.database.write(self._rest(actor_id, blocked.for_s))
        except PdsError as error:
            log.info("the move of actor %d is held up: %s", actor_id, type(error).__name__)
            await self.database.write(self._put_off(actor_id, error))
        return False

    @contextlib.asynccontextmanager
    async def _keeping(self, actor_id: int) -> AsyncIterator[None]:
        """Renew the lease while a step takes long."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(LEASE_S / 3)
                await self._lease(actor_id)

        task = asyncio.create_task(renew())
        try:
            yield
        finally:
            task.cancel()

    async def _lease(self, actor_id: int) -> bool:
        until = int((self.now() + LEASE_S) * MICROS)
        return await self.database.write(moves.take_lease(actor_id, self.holder, self._micros(), until))

    def _rest(self, actor_id: int, for_s: float) -> Work[None]:
        """Look again after a moment; nothing is wrong."""
        row = yield from moves.move_of(actor_id)
        if row is not None:
            yield from moves.change_move(
                row._replace(due_at=self._micros() + int(for_s * MICROS), failures=0, reason=None, message=None)
            )

    def _put_off(self, actor_id: int, error: PdsError) -> Work[None]:
        row: MoveRow | None = yield from moves.move_of(actor_id)
        if row is not None:
            pause_s = min(BACK_OFF_MOST_S, BACK_OFF_FIRST_S * 2 ** min(row.failures, 20))
            yield from moves.change_move(
                row._replace(
                    due_at=self._micros() + int(pause_s * MICROS),
                    failures=row.failures + 1,
                    reason=type(error).__name__,
                    message=str(error),
                    updated_at=self._micros(),
                )
            )

    def _micros(self) -> int:
        return int(self.now() * MICROS)
