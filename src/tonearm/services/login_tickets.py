"""Tickets: what the browser that logged a client in exchanges for the client's token.

The client's page learns only the DID, which is public. So the token goes to whoever holds the ticket, a secret in a
cookie that no page can read; it is good once, for a minute. The row is deleted where it is looked up, so that of two
who come at once, to whichever process, one gets it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from tonearm.index.queries import actors, login_tickets
from tonearm.services.identity_hash import MICROS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tonearm.index.engine import Database, Work
    from tonearm.index.queries.actors import AccountRow

LIVES_S = 60


@dataclass(frozen=True, slots=True)
class ClientLogin:
    """Who has logged in, and whether for a command-line program."""

    account: AccountRow
    cli: bool


@dataclass(frozen=True, slots=True)
class LoginTickets:
    """Issues tickets and takes them back."""

    database: Database
    now: Callable[[], float]

    async def issue(self, actor_id: int, *, cli: bool) -> str:
        """Make a ticket for somebody who has just proven who they are; the answer is the only time it is seen."""
        ticket = secrets.token_urlsafe(32)
        now = int(self.now() * MICROS)
        await self.database.write(
            login_tickets.add_ticket(_hash(ticket), actor_id, now, now + LIVES_S * MICROS, cli=cli)
        )
        return ticket

    async def take(self, ticket: str) -> ClientLogin | None:
        """Use a ticket up; None when it is unknown, used or too old."""
        return await self.database.write(self._take(_hash(ticket)))

    def _take(self, ticket_hash: bytes) -> Work[ClientLogin | None]:
        taken = yield from login_tickets.take_ticket(ticket_hash, int(self.now() * MICROS))
        if taken is None:
            return None
        account = yield from actors.account_of(taken[0])
        return None if account is None else ClientLogin(account, taken[1])


def _hash(ticket: str) -> bytes:
    return sha256(ticket.encode()).digest()
