"""What accounts are in, asked on every call and answered from memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tonearm.index.queries import account_states, actors
from tonearm.services.accounts import AccountDeactivatedError, AccountNotFoundError, LastAdministratorError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tonearm.index.engine import Database, Work
    from tonearm.index.queries.actors import AccountRow

BELIEVED_S = 1.0
"""How long what the database said is believed: what another process changes is seen within this time."""


@dataclass(slots=True)
class AccountStates:
    """Knows the accounts that are not active. They are few, so all of them are read at once."""

    database: Database
    now: Callable[[], float]
    _inactive: dict[int, str] = field(default_factory=dict)
    _believed_until: float = 0.0
    _changes: int = 0

    async def state(self, actor_id: int) -> str:
        """`active`, `deactivated`, `suspended` or `deleting`; whoever has no account is active."""
        while self._believed_until <= self.now():
            changes = self._changes
            found = await self.database.read(account_states.inactive_accounts())
            if changes == self._changes:
                gone = {who: state for who, state in self._inactive.items() if state == "deleting"}
                self._inactive = gone | found  # a deleted account's id is never given out again
                self._believed_until = self.now() + BELIEVED_S
        return self._inactive.get(actor_id, "active")

    def note(self, actor_id: int, state: str) -> None:
        """An account is in another state now, and every call in this process is to know."""
        self._changes += 1
        if state == "active":
            self._inactive.pop(actor_id, None)
        else:
            self._inactive[actor_id] = state


def deactivate(actor_id: int, state: str) -> Work[AccountRow]:
    """Put an active account into another state; one that is deactivated already may become suspended.

    Raises:
        AccountNotFoundError: there is none.
        LastAdministratorError: nobody would be left who may give roles.
        AccountDeactivatedError: the account is suspended, or being deleted.
    """
    account = yield from existing(actor_id)
    if account.state == "deleting" or (account.state == "suspended" and state == "deactivated"):
        raise AccountDeactivatedError(account.state)
    yield from keep_an_administrator(actor_id)
    yield from account_states.set_state(actor_id, state)
    return account


def reactivate(actor_id: int, *, by_administrator: bool) -> Work[AccountRow]:
    """Make an account active again.

    Raises:
        AccountNotFoundError: there is none.
        AccountDeactivatedError: it is suspended and no administrator asks, or it is being deleted.
    """
    account = yield from existing(actor_id)
    if account.state == "deleting" or (account.state == "suspended" and not by_administrator):
        raise AccountDeactivatedError(account.state)
    yield from account_states.set_state(actor_id, "active")
    return account


def existing(actor_id: int) -> Work[AccountRow]:
    """The account of an actor.

    Raises:
        AccountNotFoundError: there is none.
    """
    account = yield from actors.account_of(actor_id)
    if account is None:
        raise AccountNotFoundError("there is no such account")
    return account


def keep_an_administrator(actor_id: int) -> Work[None]:
    """Refuse to lose the last administrator.

    Raises:
        LastAdministratorError: this is the one.
    """
    if (yield from account_states.is_last_administrator(actor_id)):
        raise LastAdministratorError
