"""`BuiltinPds`: the parts of the repository host, put together."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tonearm.pds.builtin.account.accounts import HostAccounts
from tonearm.pds.builtin.account.holdings import Holdings
from tonearm.pds.builtin.account.keys import KeyRing
from tonearm.pds.builtin.account.recovery import Recovery
from tonearm.pds.builtin.account.removal import Removal
from tonearm.pds.builtin.account.service_auth import ServiceAuth
from tonearm.pds.builtin.account.sessions import Sessions
from tonearm.pds.builtin.ports import PasswordCheck, Sealer, no_password
from tonearm.pds.builtin.repository.blobs import Blobs
from tonearm.pds.builtin.repository.export import Exporter
from tonearm.pds.builtin.repository.leaving import LeavingRepositories
from tonearm.pds.builtin.repository.reader import Reader
from tonearm.pds.builtin.repository.repositories import Repositories
from tonearm.pds.builtin.stream.events import EventLog
from tonearm.pds.builtin.writer import InProcessWriter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from tonearm.index.engine import Database
    from tonearm.pds.builtin.account.sessions import PdsSession
    from tonearm.pds.writer import CommitResult, RepoWrite

EVENTS_KEPT_S = 3 * 86_400.0


def service_did_of(public_url: str) -> str:
    """Return the did:web of an origin; a port is part of it, with its colon escaped."""
    return "did:web:" + urlsplit(public_url).netloc.replace(":", "%3A")


class BuiltinPds:
    """The repository host. It implements `tonearm.pds.writer.RepoWriter`.

    Attributes:
        accounts: identities and handles.
        holdings: what is held beside repositories, for export.
        recovery: recovery keys of identities.
        repos: commits.
        reader: reads of repositories and records.
        blobs: uploads.
        events: the event stream.
        exporter: whole repositories as CAR.
        leaving: whole repositories, record by record, for accounts that move away.
        sessions: logins, tokens, app passwords.
        service_auth: tokens for other services.
    """

    def __init__(
        self,
        db: Database,
        sealer: Sealer,
        *,
        public_url: str,
        jwt_key: bytes,
        check_password: PasswordCheck = no_password,
        clock: Callable[[], float] = time.time,
        handle_domains: tuple[str, ...] = ("test",),
        service_did: str | None = None,
        node_cache_bytes: int = 1 << 20,
        blob_limit_bytes: int = 5 << 20,
    ) -> None:
        """Put the parts together; nothing is read yet.

        Args:
            db: holds the `pds_` tables (see `schema`).
            sealer: encrypts the repositories' keys.
            public_url: the origin under which this host is reached.
            jwt_key: signs session tokens; at least 32 bytes, the same after a restart.
            check_password: checks the accounts' own passwords, and limits guesses.
            clock: seconds since 1970.
            handle_domains: where handles are given, the first by default.
            service_did: this host's DID; None makes the did:web of `public_url`.
            node_cache_bytes: memory for tree nodes.
            blob_limit_bytes: largest upload.
        """
        self.public_url = public_url.rstrip("/")
        self.service_did = service_did or service_did_of(self.public_url)
        self._db = db
        self._clock = clock
        self._keys = KeyRing(db, sealer)
        self.events = EventLog(db)
        self.repos = Repositories(
            db,
            self._keys,
            self.events,
            clock=clock,
            clock_id=secrets.randbelow(1024),
            cache_bytes=node_cache_bytes,
        )
        self.accounts = HostAccounts(
            db,
            sealer,
            self._keys,
            self.events,
            clock=clock,
            tids=self.repos.tids,
            public_url=self.public_url,
            handle_domains=handle_domains,
        )
        self._removal = Removal(db, self._keys, self.events, clock=clock)
        self.recovery = Recovery(db, self._keys, clock=clock, announced=self.accounts.announced)
        self.holdings = Holdings(db)
        self.reader = Reader(db, self.repos.cache)
        self.exporter = Exporter(db)
        self.leaving = LeavingRepositories(db)
        self.blobs = Blobs(db, clock=clock, limit_bytes=blob_limit_bytes)
        self.sessions = Sessions(
            db,
            check_password,
            jwt_key=jwt_key,
            service_did=self.service_did,
            clock=clock,
            handle_domains=handle_domains,
        )
        self.service_auth = ServiceAuth(self._keys, clock=clock)
        self._writer = InProcessWriter(db, self.repos)

    async def start(self) -> None:
        """Confirm that every stored key opens, and tell the identities where they live now.

        Raises:
            KeysMissingError: a key or a head is missing or can't be opened. The server must not start.
        """
        await self._keys.check()
        await self.accounts.move_home()

    async def close(self) -> None:
        """End the worker thread. The database is closed by its owner."""
        self.repos.close()

    async def create_repository(self, handle: str) -> str:
        """Make an identity with an empty repository and return its DID.

        Raises:
            HandleError: malformed, outside the handle domains, or taken.
        """
        return await self.accounts.create(handle)

    async def remove_repository(self, did: str) -> None:
        """Remove a repository and its identity for good, or go on with that; nothing happens when there is none."""
        await self._removal.remove(did)
        self.accounts.announced(did)

    async def apply_writes(self, did: str, writes: Sequence[RepoWrite]) -> CommitResult:
        """Store all writes in one commit, or none of them. See `tonearm.pds.writer.RepoWriter`."""
        return await self._writer.apply_writes(did, writes)

    async def existing(self, did: str, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Say which records exist. See `tonearm.pds.writer.RepoWriter`."""
        return await self._writer.existing(did, keys)

    async def latest_rev(self, did: str) -> str:
        """Say which revision a repository is at. See `tonearm.pds.writer.RepoWriter`."""
        return await self._writer.latest_rev(did)

    async def session_principal(self, token: str) -> PdsSession:
        """Return whose session token this is.

        Raises:
            SessionError: the token is malformed, expired or revoked.
        """
        return await self.sessions.principal(token)

    def export_car(self, did: str) -> AsyncIterator[bytes]:
        """Yield a repository as a CAR: its newest commit and all that it reaches.

        Raises:
            RepoNotFoundError: there is no such repository.
        """
        return self.exporter.car(did, any_status=True)

    async def tidy(self) -> None:
        """Drop what is no longer needed: old events, ended sessions, blobs that no record references.

        Call it about once an hour, in one process at a time.
        """
        await self.events.prune(self._clock() - EVENTS_KEPT_S)
        await self.sessions.prune()
        await self.blobs.prune()
