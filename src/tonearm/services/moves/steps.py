"""The steps of a move: what is done in each state. `MoveWorker` decides when.

Each step answers whether the next one may follow at once. What it changes in the index is a transaction that begins
with `current`: the lease is ours, and the move is where the step believes it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tonearm.index.queries import actors, identity_change, moves
from tonearm.services.identity_hash import MICROS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tonearm.index.engine import Database, Work
    from tonearm.index.queries.moves import MoveRow
    from tonearm.pds.builtin.host import BuiltinPds
    from tonearm.services.indexing import Indexing

SOON_S = 1.0


class LeaseLostError(RuntimeError):
    """Another process moves the account now, or its owner has cancelled. Leave it alone."""


class Blocked(Exception):  # noqa: N818 - no error: there is nothing to do for a moment
    """Nothing can be done for so many seconds, and nothing is wrong."""

    def __init__(self, for_s: float = SOON_S) -> None:
        super().__init__()
        self.for_s = for_s


class Outside(Protocol):
    """What a move needs of the outside repository."""

    async def latest_rev(self, did: str) -> str:
        """The revision that the repository is at, by the account's session; raises `PdsError`."""
        ...

    def export_car(self, did: str) -> AsyncIterator[bytes]:
        """The repository as a CAR, in pieces; raises `PdsError`."""
        ...


def current(row: MoveRow, holder: str) -> Work[MoveRow]:
    """The move as it is now.

    Raises:
        LeaseLostError: it is not ours to change, or not where it was.
    """
    now: MoveRow | None = yield from moves.move_of(row.actor_id)
    held = yield from moves.holds_lease(row.actor_id, holder)
    if now is None or not held or (now.move_id, now.state) != (row.move_id, row.state):
        raise LeaseLostError
    return now


@dataclass(frozen=True, slots=True)
class Steps:
    """Does what a move's state asks for. `wake(actor_id)` tells the outbox that there are writes."""

    database: Database
    pds: BuiltinPds
    outside: Outside
    indexing: Indexing
    wake: Callable[[int], None]
    now: Callable[[], float]

    async def step(self, row: MoveRow, holder: str) -> bool:
        """Do one step; answers whether the next one may follow at once.

        Raises:
            PdsError: a repository cannot be asked now.
            LeaseLostError: somebody else does it.
            Blocked: there is something to wait for.
        """
        steps = {
            "checking": self._check,
            "switching": self._switch,
            "adopting": self._adopt,
            "copying": self._copy,
            "settling": self._settle,
        }
        step = steps.get(row.state)
        return False if step is None else await step(row, holder)

    async def _check(self, row: MoveRow, holder: str) -> bool:
        await self.outside.latest_rev(_did(row))
        total = await self.pds.leaving.count_records(row.from_did)
        await self.database.write(self._advance(row, holder, state="switching", total=total))
        return True

    async def _switch(self, row: MoveRow, holder: str) -> bool:
        await self.pds.accounts.set_status(row.from_did, "deactivated")
        total = await self.pds.leaving.count_records(row.from_did)
        await self.database.write(self._change_identity(row, holder, total))
        return True

    def _change_identity(self, row: MoveRow, holder: str, total: int) -> Work[None]:
        move, now = (yield from current(row, holder)), self._micros()
        if (yield from identity_change.publishing_until(row.actor_id)) > now:
            raise Blocked  # a process may still send what it took from the outbox before the state was `switching`
        did, pds_url = _did(row), row.pds_url or ""
        other_id = yield from actors.actor_id_of(did)
        if other_id is None:
            other_id = yield from actors.add_actor(did, row.to_handle or did, now)
        if (yield from identity_change.is_refreshing(other_id, now)):
            raise Blocked
        yield from identity_change.renumber_writes(row.actor_id, row.actor_id)
        yield from identity_change.hand_over(other_id, row.actor_id)
        yield from identity_change.change_places(row.actor_id, other_id, now)
        yield from identity_change.add_former(other_id, row.from_did, row.from_handle, row.actor_id, now)
        yield from identity_change.settle_elsewhere(row.actor_id, pds_url)
        yield from moves.change_move(move._replace(state="adopting", total=total, **self._well()))
        self.indexing.forget()  # who made the rows of the catalogue may have changed

    async def _adopt(self, row: MoveRow, holder: str) -> bool:
        from tonearm.services.moves.adopting import Adopting  # noqa: PLC0415 - only while an account moves

        await Adopting(self.database, self.indexing, self.outside).adopt(row, holder)
        await self.database.write(self._advance(row, holder, state="copying"))
        return True

    async def _copy(self, row: MoveRow, holder: str) -> bool:
        from tonearm.services.moves.copying import Copying  # noqa: PLC0415 - only while an account moves

        if not await Copying(self.database, self.pds.leaving, self.now, self.wake).copy_page(row, holder):
            await self.database.write(self._advance(row, holder, state="settling"))
        return True

    async def _settle(self, row: MoveRow, holder: str) -> bool:
        waiting, _ = await self.database.read(moves.writes_until(row.actor_id, row.last_write_id))
        if waiting:
            raise Blocked
        await self.database.write(self._advance(row, holder, state="done"))
        return False

    def _advance(self, row: MoveRow, holder: str, **changes: Any) -> Work[None]:
        move = yield from current(row, holder)
        yield from moves.change_move(move._replace(**changes, **self._well()))

    def _well(self) -> dict[str, Any]:
        """Nothing holds the move up."""
        return {"due_at": 0, "failures": 0, "reason": None, "message": None, "updated_at": self._micros()}

    def _micros(self) -> int:
        return int(self.now() * MICROS)


def _did(row: MoveRow) -> str:
    if row.to_did is None:
        raise LookupError(f"the move of actor {row.actor_id} leads nowhere")
    return row.to_did
