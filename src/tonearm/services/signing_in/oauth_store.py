"""OAuth sessions as they are kept: sealed, one for each account, refreshed by one holder of a lease at a time."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from tonearm.index.queries import actors, oauth
from tonearm.index.queries.oauth import SessionRow
from tonearm.services.identity_hash import MICROS
from tonearm.services.signing_in.refresh_leases import RefreshLeases

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tonearm.index.engine import Database
    from tonearm.services.repositories import Sealer

LEASE_S = 180
"""Longer than all requests of a refresh may take together: whoever lost the lease must not be about to use a token."""


@dataclass(frozen=True, slots=True)
class KeptSession:
    """A session with a PDS elsewhere, with all that it takes to go on with it.

    Attributes:
        session_id: another one for each login.
        pds_url: an origin.
        client_id: the client that we were when it began.
        client_key_id: the client's key that it is bound to; None for the development client.
        scope: what was granted.
        refresh_token: None when the session ends with its access token.
        expires_at: when the access token ends, seconds since 1970; None when that is not known.
        dpop_key: the private key that its tokens are bound to, as a JWK.
    """

    actor_id: int
    session_id: str
    did: str
    pds_url: str
    issuer: str
    client_id: str
    client_key_id: str | None
    scope: str
    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: float | None
    dpop_key: dict[str, Any] = field(repr=False)


@dataclass(slots=True)
class OAuthStore:
    """The sessions in the index's database."""

    database: Database
    sealer: Sealer
    now: Callable[[], float]
    _leases: RefreshLeases = field(init=False)

    def __post_init__(self) -> None:
        self._leases = RefreshLeases(
            self.database, self.now, LEASE_S, oauth.take_lease, oauth.end_lease, oauth.has_session
        )

    async def of_did(self, did: str) -> KeptSession | None:
        """The session of an account as it is stored now."""
        actor_id = await self.database.read(actors.actor_id_of(did))
        session = None if actor_id is None else await self.of_actor(actor_id)
        if session is not None and session.did != did:
            raise LookupError(f"what is kept as the session of {did} is another account's")
        return session

    async def of_actor(self, actor_id: int) -> KeptSession | None:
        """The session of an actor as it is stored now."""
        row = await self.database.read(oauth.session_of(actor_id))
        return None if row is None else self._open(row)

    async def replace(self, session: KeptSession) -> KeptSession | None:
        """Store a new session; answers the one that it takes the place of."""
        old = await self.database.write(oauth.replace_session(self._row(session), self._micros()))
        return None if old is None else self._open(old)

    async def update(self, session: KeptSession) -> bool:
        """Store what a refresh has brought; False when the session has ended or was replaced meanwhile."""
        return await self.database.write(oauth.update_session(self._row(session), self._micros()))

    async def drop(self, session: KeptSession) -> bool:
        """Forget this very session; False when it is not there any more."""
        return await self.database.write(oauth.drop_session(session.actor_id, session.session_id))

    def locked(self, actor_id: int) -> AbstractAsyncContextManager[None]:
        """Hold off every other task and process that would refresh this actor's session."""
        return self._leases.held(actor_id)

    def _row(self, session: KeptSession) -> SessionRow:
        sealed = self.sealer.seal(json.dumps(asdict(session)).encode(), session_context(session.session_id))
        return SessionRow(session.actor_id, session.session_id, session.client_key_id, sealed)

    def _open(self, row: SessionRow) -> KeptSession:
        kept = json.loads(self.sealer.open(row.sealed, session_context(row.session_id)))
        return KeptSession(**{**kept, "actor_id": row.actor_id})

    def _micros(self) -> int:
        return int(self.now() * MICROS)


def session_context(session_id: str) -> str:
    """What a session is sealed for: itself, since an account that moves takes over the outside identity's session."""
    return f"oauth_session {session_id}"
