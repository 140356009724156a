"""`Lifecycle`: what pages, methods and commands call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tonearm.index.queries import actors
from tonearm.services.lifecycle import states as account_states

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tonearm.index.engine import Database
    from tonearm.index.queries.actors import AccountRow
    from tonearm.services.lifecycle.deletion import Deletion, Deletions
    from tonearm.services.lifecycle.export import Exports
    from tonearm.services.lifecycle.states import AccountStates

PAGE = 500
STATUS_OF = {"active": "active", "deactivated": "deactivated", "suspended": "suspended", "deleting": "deactivated"}
"""What the repository of a local account is in, by what its account is in."""


class HostedAccounts(Protocol):
    """What the life of a local account needs of the built-in PDS."""

    async def set_status(self, did: str, status: str) -> None:
        """Set the hosting status and announce it."""
        ...


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Deactivates, reactivates, deletes and exports accounts."""

    database: Database
    states: AccountStates
    hosting: HostedAccounts
    deletions: Deletions
    exports: Exports
    resume: Callable[[int], Awaitable[None]]

    async def deactivate(self, actor_id: int, *, by_administrator: bool = False) -> None:
        """Deactivate an account: its credentials are refused, others do not see it, what waits goes on waiting.

        Its owner can undo what they did themselves; what an administrator did, only an administrator can.

        Raises:
            AccountError: there is no such account.
            LastAdministratorError: nobody would be left who may give roles.
            AccountDeactivatedError: it is suspended, or being deleted.
        """
        state = "suspended" if by_administrator else "deactivated"
        account = await self.database.write(account_states.deactivate(actor_id, state))
        self.states.note(actor_id, state)
        await self._show(account, state)

    async def reactivate(self, actor_id: int, *, by_administrator: bool = False) -> None:
        """Make an account active again; what waited for its repository is sent.

        Raises:
            AccountError: there is no such account.
            AccountDeactivatedError: it is suspended and no administrator asks, or it is being deleted.
        """
        account = await self.database.write(account_states.reactivate(actor_id, by_administrator=by_administrator))
        self.states.note(actor_id, "active")
        await self._show(account, "active")
        await self.resume(actor_id)

    async def delete(self, actor_id: int, records: str) -> Deletion:
        """Begin to delete an account, or answer the deletion that was begun. See `Deletions.request`."""
        deletion = await self.deletions.request(actor_id, records)
        account = await self.database.read(actors.account_of(actor_id))
        if account is not None:
            await self._show(account, "deleting")
        return deletion

    async def deletion(self, deletion_id: str) -> Deletion | None:
        """How far a deletion is; None when there is none with this id."""
        return await self.deletions.find(deletion_id)

    def export(self, actor_id: int) -> AsyncIterator[bytes]:
        """Everything that we hold of somebody, as a ZIP archive in pieces. See `Exports`.

        Raises:
            AccountError: there is no such account.
        """
        return self.exports.archive(actor_id)

    async def run(self) -> None:
        """Work on deletions until cancelled, after putting right what a process that was killed left half done."""
        after = 0
        while accounts := await self.database.read(actors.accounts(after=after, limit=PAGE)):
            after = accounts[-1].actor_id
            for account in accounts:
                if account.state != "active":
                    await self._show(account, account.state)
        await self.deletions.run()

    async def _show(self, account: AccountRow, state: str) -> None:
        if account.pds_url is None:
            await self.hosting.set_status(account.did, STATUS_OF[state])
