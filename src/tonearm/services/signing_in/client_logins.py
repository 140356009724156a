"""Tokens for Rocksky's clients, which log in in a browser and then fetch their token.

The client's page learns only the DID of the login, which is public. So the token goes to whoever holds the ticket, a
secret in a cookie that no page can read; it is good once, for a minute. The row is deleted where it is looked up, so
that of two who come at once, to whichever process, one gets the token.

A token is an API token that ends by itself: these clients cannot refresh, so the short tokens of our own sessions are
no use to them, and a named token is seen and revoked on the page of tokens. Rejected: keeping the token until it is
fetched, which would leave a secret in the database for a login that was never finished.
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
    from tonearm.services.credentials.api_tokens import ApiTokens

TICKET_LIVES_S = 60
DAY_S = 86_400.0
LABELS = {False: "Rocksky web client", True: "Rocksky command line"}
LIVES_S = {False: 7 * DAY_S, True: 365 * DAY_S}
MOST = 20
"""How many logins of one kind an account may have; a further one ends the oldest."""


@dataclass(frozen=True, slots=True)
class ClientLogins:
    """Tickets and tokens of clients. `cli` says that a command-line program asked, whose token lives longer."""

    database: Database
    api_tokens: ApiTokens
    now: Callable[[], float]

    async def ticket(self, actor_id: int, *, cli: bool) -> str:
        """Make a ticket for somebody who has just proven who they are; the answer is the only time it is seen."""
        ticket = secrets.token_urlsafe(32)
        now = self._micros()
        await self.database.write(
            login_tickets.add_ticket(_hash(ticket), actor_id, now, now + TICKET_LIVES_S * MICROS, cli=cli)
        )
        return ticket

    async def redeem(self, ticket: str, did: str) -> str | None:
        """Use a ticket up, and answer the token of its login; None when it is unknown, used, too old or another's."""
        taken = await self.database.write(self._take(_hash(ticket)))
        if taken is None or taken[0].did != did:
            return None
        return await self.token(taken[0].actor_id, cli=taken[1])

    async def token(self, actor_id: int, *, cli: bool) -> str:
        """Make a token for somebody who has just proven who they are."""
        logins = [token for token in await self.api_tokens.tokens(actor_id) if token.label == LABELS[cli]]
        for oldest in logins[MOST - 1 :]:
            await self.api_tokens.revoke(actor_id, oldest.token_id)
        return await self.api_tokens.create(actor_id, LABELS[cli], lives_s=LIVES_S[cli])

    def _take(self, ticket_hash: bytes) -> Work[tuple[AccountRow, bool] | None]:
        taken = yield from login_tickets.take_ticket(ticket_hash, self._micros())
        account = None if taken is None else (yield from actors.account_of(taken[0]))
        return None if taken is None or account is None else (account, taken[1])

    def _micros(self) -> int:
        return int(self.now() * MICROS)


def _hash(ticket: str) -> bytes:
    return sha256(ticket.encode()).digest()
