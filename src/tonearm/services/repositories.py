"""Where each listener's repository is: in the built-in PDS, or on a PDS elsewhere by a kept session."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from tonearm.index.queries import actors, moves
from tonearm.pds.errors import PdsSessionLostError
from tonearm.pds.remote.session import PdsSession
from tonearm.services.identity_hash import MICROS
from tonearm.services.signing_in.refresh_leases import RefreshLeases

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tonearm.index.engine import Database, Work
    from tonearm.index.queries.actors import AccountRow
    from tonearm.pds.writer import RepoWriter

LEASE_S = 60


class Sealer(Protocol):
    """Encrypts secrets at rest; `context` binds a sealed secret to its row."""

    def seal(self, plaintext: bytes, context: str) -> bytes:
        """Encrypt."""
        ...

    def open(self, sealed: bytes, context: str) -> bytes:
        """Decrypt, or raise when the key or the context is another."""
        ...


class SessionEnder(Protocol):
    """What can tell a PDS that a session is over."""

    async def end_session(self, did: str) -> None:
        """End the account's session at its PDS, if that answers, and forget it."""
        ...


@dataclass(frozen=True, slots=True)
class Repository:
    """The way to one listener's repository."""

    writer: RepoWriter
    host: str


@dataclass(frozen=True, slots=True)
class Repositories:
    """Finds the repository of a listener."""

    database: Database
    builtin: RepoWriter
    remote: RepoWriter
    remote_after_move: Callable[[tuple[str, ...]], RepoWriter]
    """The way to the repository of an account that had these DIDs here before."""

    async def route(self, actor_id: int, did: str) -> Repository:
        """Answer the way to a listener's repository.

        Raises:
            PdsSessionLostError: there is no account, so nobody whom the repository would let write; or it is
                deactivated, and what waits goes on waiting.
        """
        account, former_dids = await self.database.read(_account(actor_id))
        if account is None:
            raise PdsSessionLostError(f"{did} has no account here")
        if account.state in {"deactivated", "suspended"}:
            raise PdsSessionLostError(f"the account is {account.state}: its plays wait until it is active again")
        if account.pds_url is None:
            return Repository(self.builtin, "built-in")
        writer = self.remote_after_move(former_dids) if former_dids else self.remote
        return Repository(writer, urlsplit(account.pds_url).netloc)


def _account(actor_id: int) -> Work[tuple[AccountRow | None, tuple[str, ...]]]:
    account = yield from actors.account_of(actor_id)
    return account, tuple((yield from moves.former_dids(actor_id)))


@dataclass(slots=True)
class PdsSessions:
    """Sessions with PDSes elsewhere, sealed in the index's database (`tonearm.pds.remote.session.SessionStore`)."""

    database: Database
    sealer: Sealer
    now: Callable[[], float]
    _leases: RefreshLeases = field(init=False)

    def __post_init__(self) -> None:
        self._leases = RefreshLeases(
            self.database,
            self.now,
            LEASE_S,
            actors.take_remote_login_lease,
            actors.end_remote_login_lease,
            actors.has_remote_login,
        )

    async def load(self, did: str) -> PdsSession | None:
        """The account's session as it is stored now."""
        actor_id = await self.database.read(actors.actor_id_of(did))
        if actor_id is None:
            return None
        sealed = await self.database.read(actors.remote_login_of(actor_id))
        if sealed is None:
            return None
        return PdsSession(**json.loads(self.sealer.open(sealed, sealed_context(did))))

    async def save(self, did: str, session: PdsSession) -> None:
        """Store a session in place of the account's last one."""
        plain = json.dumps(
            {
                "did": session.did,
                "handle": session.handle,
                "pds_url": session.pds_url,
                "access_jwt": session.access_jwt,
                "refresh_jwt": session.refresh_jwt,
            }
        )
        sealed = self.sealer.seal(plain.encode(), sealed_context(did))
        await self.database.write(self._keep(did, sealed))

    def _keep(self, did: str, sealed: bytes) -> Work[None]:
        """Whose DID it is may have changed a moment ago, by a move."""
        yield from actors.keep_remote_login((yield from _actor_id(did)), sealed, self._micros())

    async def drop(self, did: str) -> None:
        """Forget the account's session."""
        await self.database.write(_drop(did))

    @asynccontextmanager
    async def locked(self, did: str) -> AsyncIterator[None]:
        """Hold off every other task and process that wants this account's lock."""
        async with self._leases.held(await self.database.read(_actor_id(did))):
            yield

    def _micros(self) -> int:
        return int(self.now() * MICROS)


@dataclass(frozen=True, slots=True)
class AppPasswordSessions:
    """Ends sessions that app passwords opened, at the PDS and here."""

    store: PdsSessions
    remote: SessionEnder

    async def has(self, did: str) -> bool:
        """Whether the account has such a session."""
        return await self.store.load(did) is not None

    async def end(self, did: str) -> None:
        """End it at the PDS, if that answers, and forget it; without one nothing happens."""
        await self.remote.end_session(did)


def _actor_id(did: str) -> Work[int]:
    actor_id = yield from actors.actor_id_of(did)
    if actor_id is None:
        raise LookupError(f"the index has no actor {did}")
    return actor_id


def _drop(did: str) -> Work[None]:
    yield from actors.drop_remote_login((yield from _actor_id(did)))


def sealed_context(did: str) -> str:
    """What binds a sealed session to its row."""
    return f"remote_login {did}"
