"""Deleting an account: asked once, done in stages, by whichever process has the lease.

| stage | what |
|---|---|
| outbox | writes on their way are delivered when the records are to be kept, else dropped |
| records | plays and counts leave the index; before that their records leave a repository elsewhere, if asked |
| journal | submissions, written records and their events, tombstones, clients' keys |
| sessions | sessions with the PDS are ended there |
| repository | a local account's repository, its blobs, its identity |
| account | what is left, then the account; the actor's row is emptied |
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from tonearm.atproto.tid import tid_text
from tonearm.index import outbox
from tonearm.index.queries import account_states, erasing, moves
from tonearm.lexicons import nsids
from tonearm.pds.errors import (
    PdsError,
    PdsRateLimitedError,
    PdsRefusedError,
    PdsSessionLostError,
    PdsUnclearError,
)
from tonearm.pds.writer import RepoWrite, RepoWriter
from tonearm.services.accounts import AccountError
from tonearm.services.identity_hash import MICROS
from tonearm.services.lifecycle.states import AccountStates, existing, keep_an_administrator

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tonearm.index.engine import Database, Work
    from tonearm.index.queries.actors import AccountRow
    from tonearm.index.queries.erasing import DeletionRow

log = logging.getLogger(__name__)

CHUNK = 500
RECORDS_A_BATCH = 100
"""A repository elsewhere may ask three points a record of its rate limit: half a batch leaves its owner some."""
LEASE_S = 60.0
SWEEP_S = 5.0
SETTLE_S = 2.0
"""So long after the request every process knows that the account is being deleted."""
DELIVER_S = 86_400.0
"""How long writes that are to be kept may take to reach their repository."""
GIVE_UP_S = 3 * 86_400.0
"""How long a repository elsewhere that does not answer holds a deletion up."""
BACK_OFF_MOST_S = 900.0
KEPT_S = 7 * 86_400.0
"""How long one can ask how a deletion went."""
RECORDS_STAYED = "some records are still in your repository: your PDS did not let us delete them"
COLLECTIONS = {
    "play": nsids.APP_ROCKSKY_SCROBBLE,
    "actor_song": nsids.APP_ROCKSKY_SONG,
    "actor_artist": nsids.APP_ROCKSKY_ARTIST,
    "actor_album": nsids.APP_ROCKSKY_ALBUM,
}
JOURNAL = ("outbox", "repo_write", "journal", "tombstone", "idempotency")


class DeletionError(AccountError):
    """The account cannot be deleted like this. `name` says what is wrong for programs, the message what to do."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True, slots=True)
class Deletion:
    """How far a deletion is. `done` and `total` count plays; `note` says in words what holds it up, or what stayed."""

    deletion_id: str
    records: str
    stage: str
    done: int
    total: int
    note: str | None
    asked_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, row: DeletionRow) -> Deletion:
        """What a row says."""
        finished_at = None if row.finished_at is None else _moment(row.finished_at)
        return cls(
            row.deletion_id, row.records, row.stage, row.done, row.total, row.note, _moment(row.asked_at), finished_at
        )


def _moment(micros: int) -> datetime:
    return datetime.fromtimestamp(micros / MICROS, UTC)


class Hosting(Protocol):
    """What a deletion needs of the built-in PDS."""

    async def remove_repository(self, did: str) -> None:
        """Remove a repository and its identity; nothing happens when there is none."""
        ...


class RemoteSessions(Protocol):
    """Sessions of one kind with PDSes elsewhere."""

    async def has(self, did: str) -> bool:
        """Whether the account has such a session."""
        ...

    async def end(self, did: str) -> None:
        """End it at the PDS and forget it; without one nothing happens."""
        ...


class _HeldUpError(Exception):
    """The deletion has to wait. `due_at` says until when, in seconds; None: for as long as failures suggest."""

    def __init__(self, note: str, due_at: float | None = None) -> None:
        super().__init__(note)
        self.due_at = due_at


@dataclass(slots=True)
class Deletions:
    """Deletes accounts. `run` goes on until cancelled; `finish` sees one through, for commands."""

    database: Database
    states: AccountStates
    hosting: Hosting
    remote: RepoWriter
    sessions: Sequence[RemoteSessions]
    deliver: Callable[[int], Awaitable[None]]
    forget: Callable[[], None]
    now: Callable[[], float]
    holder: str = field(default_factory=lambda: secrets.token_hex(8))
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def request(self, actor_id: int, records: str) -> Deletion:
        """Begin a deletion, or answer the one that was begun. All credentials of the account end with this.

        Args:
            actor_id: whose account.
            records: `keep` leaves the records in their repository elsewhere, `delete` removes them.

        Raises:
            AccountError: there is no such account.
            LastAdministratorError: nobody would be left who may give roles.
            DeletionError: `RecordsNotKept`: a local account's repository goes with it; `LoginNeeded`: there is no
                session with the PDS by which its records could be deleted.
        """
        begun = await self.database.read(erasing.deletion_of(actor_id))
        if begun is None:
            account = await self.database.read(existing(actor_id))
            await self._check(account, records)
            begun = await self.database.write(self._begin(actor_id, records))
            self.states.note(actor_id, "deleting")
        self._woken.set()
        return Deletion.of(begun)

    async def _check(self, account: AccountRow, records: str) -> None:
        if records not in {"keep", "delete"}:
            raise DeletionError("InvalidRequest", "say what becomes of the records: keep or delete")
        if account.pds_url is None:
            if records == "keep":
                raise DeletionError(
                    "RecordsNotKept",
                    "the records of a local account are in a repository here, which goes with the account: export them "
                    "first, or move the account elsewhere",
                )
        elif records == "delete" and not [kind for kind in self.sessions if await kind.has(account.did)]:
            raise DeletionError(
                "LoginNeeded",
                "the session with your PDS has ended, so your records cannot be deleted: log in once more, "
                "or let the records be kept",
            )

    def _begin(self, actor_id: int, records: str) -> Work[DeletionRow]:
        begun = yield from erasing.deletion_of(actor_id)
        if begun is not None:
            return begun  # by another call, a moment ago
        yield from existing(actor_id)
        yield from keep_an_administrator(actor_id)
        yield from account_states.set_state(actor_id, "deleting")
        yield from erasing.erase_credentials(actor_id)
        total = yield from erasing.count_plays(actor_id)
        deletion_id = secrets.token_urlsafe(16)
        yield from erasing.begin_deletion(actor_id, deletion_id, records, STAGES[0], total, self._micros())
        row = yield from erasing.deletion_of(actor_id)
        if row is None:
            raise LookupError("a deletion that was begun is not there")
        return row

    async def find(self, deletion_id: str) -> Deletion | None:
        """How far the deletion with this id is; None when there is none, or it was done long ago."""
        row = await self.database.read(erasing.deletion_with_id(deletion_id))
        return None if row is None else Deletion.of(row)

    async def run(self) -> None:
        """Work on deletions until cancelled."""
        while True:
            self._woken.clear()
            for actor_id in await self.database.read(erasing.deletions_to_do(self._micros(), 100)):
                await self.work(actor_id)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SWEEP_S):
                    await self._woken.wait()

    async def finish(self, actor_id: int, progress: Callable[[Deletion], None]) -> Deletion:
        """See a deletion through, here or by the server that works on it. Can be stopped and called again."""
        while True:
            await self.work(actor_id)
            row = await self.database.read(erasing.deletion_of(actor_id))
            if row is None:
                raise AccountError("there is no such account")
            deletion = Deletion.of(row)
            progress(deletion)
            if deletion.finished_at is not None:
                return deletion
            await asyncio.sleep(0.2)

    async def work(self, actor_id: int) -> None:
        """Take a deletion as far as it goes now; nothing happens while another process works on it."""
        row = await self.database.read(erasing.deletion_of(actor_id))
        if row is None or row.due_at > self._micros() or not await self._lease(actor_id):
            return
        failed, note, due_at = False, row.note, 0.0
        try:
            await self._go_on(row)
            return
        except _HeldUpError as error:
            note, due_at, failed = str(error), error.due_at or 0.0, error.due_at is None
        except Exception as error:
            log.exception("the deletion of account %d stands still", actor_id)
            note, failed = f"an error here ({type(error).__name__}); it is tried again", True
        finally:
            if failed:
                due_at = self.now() + min(BACK_OFF_MOST_S, 2.0 ** min(row.failures, 10))
            await self.database.write(
                erasing.release_deletion(actor_id, self.holder, int(due_at * MICROS), note, failed=failed)
            )

    async def _go_on(self, row: DeletionRow) -> None:
        self.states.note(row.actor_id, "deleting")
        account = await self.database.read(existing(row.actor_id))
        steps = {
            "outbox": self._outbox,
            "records": self._records,
            "journal": self._journal,
            "sessions": self._sessions,
            "repository": self._repository,
            "account": self._account,
        }
        for at, stage in enumerate(STAGES):
            if at < STAGES.index(row.stage):
                continue
            await steps[stage](account, row)
            following = STAGES[at + 1 : at + 2]
            if following:
                await self.database.write(erasing.enter_stage(row.actor_id, following[0]))

    async def _outbox(self, account: AccountRow, row: DeletionRow) -> None:
        actor_id = account.actor_id
        if row.records == "keep" and self.now() < row.asked_at / MICROS + DELIVER_S:
            await self.deliver(actor_id)
            state = await self.database.read(outbox.actor_state(actor_id))
            waiting = await self.database.read(outbox.pending_writes(actor_id, 1 << 62, 1))
            if waiting and not state.waiting_for_login:
                raise _HeldUpError("records that are to be kept are on their way to the repository", self.now() + 5)
        until = int((self.now() + LEASE_S) * MICROS)
        if not await self.database.write(outbox.take_lease(actor_id, self.holder, self._micros(), until)):
            raise _HeldUpError("records are being written at this moment", self.now() + 1)
        await self._erase("outbox", actor_id)
        await self.database.write(outbox.end_lease(actor_id, self.holder))

    async def _records(self, account: AccountRow, row: DeletionRow) -> None:
        there = account.pds_url is not None and row.records == "delete"
        for table in COLLECTIONS:
            if there:
                there = await self._remove_records(account, row, table)
            await self._erase(table, account.actor_id)
        self.forget()

    async def _remove_records(self, account: AccountRow, row: DeletionRow, table: str) -> bool:
        """Remove records from a repository elsewhere, then their rows here; False when the rest must stay."""
        while ids := await self.database.read(erasing.ids_of(table, account.actor_id, None, RECORDS_A_BATCH)):
            try:
                await self._delete_there(account.did, [(COLLECTIONS[table], tid_text(each)) for each in ids])
            except PdsRateLimitedError as error:
                raise _HeldUpError("your PDS limits the rate of deletions; it goes on later", error.retry_at) from None
            except PdsError as error:
                if not self._is_hopeless(error, row):
                    raise _HeldUpError("your PDS does not answer; it is asked again") from None
                await self.database.write(erasing.keep_records(account.actor_id))
                return False
            await self._erase_chunk(table, account.actor_id, ids)
        return True

    def _is_hopeless(self, error: PdsError, row: DeletionRow) -> bool:
        given_up = self.now() > row.asked_at / MICROS + GIVE_UP_S
        return given_up or isinstance(error, (PdsSessionLostError, PdsRefusedError))

    async def _delete_there(self, did: str, keys: list[tuple[str, str]]) -> None:
        """Delete records, of which some may be gone already: a PDS refuses the whole batch then, without saying so."""
        try:
            await self.remote.apply_writes(did, [_deletion(key) for key in keys])
        except (PdsUnclearError, PdsRefusedError):
            there = await self.remote.existing(did, keys)
            if there:
                await self.remote.apply_writes(did, [_deletion(key) for key in there])

    async def _journal(self, account: AccountRow, _row: DeletionRow) -> None:
        for table in JOURNAL:
            await self._erase(table, account.actor_id)

    async def _sessions(self, account: AccountRow, _row: DeletionRow) -> None:
        if account.pds_url is not None:
            for kind in self.sessions:
                await kind.end(account.did)

    async def _repository(self, account: AccountRow, _row: DeletionRow) -> None:
        if account.pds_url is None:
            await self.hosting.remove_repository(account.did)
        for did in await self.database.read(moves.former_dids(account.actor_id)):
            await self.hosting.remove_repository(did)

    async def _account(self, account: AccountRow, row: DeletionRow) -> None:
        settled_at = row.asked_at / MICROS + SETTLE_S
        if self.now() < settled_at:
            raise _HeldUpError("it ends in a moment", settled_at)
        for table in erasing.BULK:  # of calls that had begun before the request
            await self._erase(table, account.actor_id)
        await self.database.write(self._end(account.actor_id))
        self.forget()

    def _end(self, actor_id: int) -> Work[None]:
        yield from erasing.erase_account(actor_id)
        yield from erasing.finish_deletion(actor_id, self._micros(), RECORDS_STAYED)

    async def _erase(self, table: str, actor_id: int) -> None:
        after = None
        while ids := await self.database.read(erasing.ids_of(table, actor_id, after, CHUNK)):
            after = ids[-1]
            await self._erase_chunk(table, actor_id, ids)

    async def _erase_chunk(self, table: str, actor_id: int, ids: list[int]) -> None:
        if not await self._lease(actor_id):
            raise _HeldUpError("another process works on it", self.now())
        await self.database.write(self._erase_and_count(table, actor_id, ids))

    @staticmethod
    def _erase_and_count(table: str, actor_id: int, ids: list[int]) -> Work[None]:
        yield from erasing.erase_rows(table, actor_id, ids)
        if table == "play":
            yield from erasing.count_done(actor_id, len(ids))

    async def _lease(self, actor_id: int) -> bool:
        until = int((self.now() + LEASE_S) * MICROS)
        return await self.database.write(erasing.take_deletion(actor_id, self.holder, self._micros(), until))

    async def tidy(self) -> None:
        """Forget deletions that were done long ago, after a last look for rows that came in meanwhile."""
        before = int((self.now() - KEPT_S) * MICROS)
        for actor_id in await self.database.read(erasing.deletions_done_before(before)):
            for table in erasing.BULK:
                after = None
                while ids := await self.database.read(erasing.ids_of(table, actor_id, after, CHUNK)):
                    after = ids[-1]
                    await self.database.write(erasing.erase_rows(table, actor_id, ids))
            await self.database.write(erasing.forget_deletion(actor_id))

    def _micros(self) -> int:
        return int(self.now() * MICROS)


STAGES = ("outbox", "records", "journal", "sessions", "repository", "account")


def _deletion(key: tuple[str, str]) -> RepoWrite:
    return RepoWrite("delete", *key, b"", "")
