"""The outbox writer: what the index has acknowledged reaches each listener's repository.

One actor's writes go in batches, oldest first, by one process at a time (a lease). The record's bytes were final when
the play was acknowledged, so sending them twice is harmless: after any unclear outcome the writer asks which of the
batch's keys exist, marks those of the same content done, and sends the rest. A write that the repository refuses for
good stands in its owner's queue with the reason; nothing is dropped (invariant 5). Rejected: sending each write as it
comes, which costs a commit a record and loses the pacing that a PDS asks for.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from tonearm.atproto.tid import tid_int, tid_text
from tonearm.index import journal, outbox
from tonearm.index.outbox import ActorState, WriteRow
from tonearm.index.queries import actors
from tonearm.lexicons import nsids
from tonearm.pds.errors import (
    PdsError,
    PdsRateLimitedError,
    PdsRefusedError,
    PdsSessionLostError,
    PdsUnavailableError,
    PdsUnclearError,
)
from tonearm.pds.writer import RepoWrite, RepoWriter
from tonearm.services import record_keys
from tonearm.services.identity_hash import MICROS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tonearm.index.engine import Database, Work
    from tonearm.pds.writer import CommitResult
    from tonearm.services.repositories import Repository

log = logging.getLogger(__name__)

BATCH = 200
"""The most writes that `applyWrites` takes."""
LEASE_S = 120.0
BACK_OFF_FIRST_S = 1.0
BACK_OFF_MOST_S = 900.0
BREAKER_FAILURES = 5
BREAKER_OPEN_S = 30.0
STUCK_UNCLEAR = 3
"""After so many failures in a row an unclear outcome halves the batch, to find the write at fault."""
REST_SHARE = 29.0
"""While plays are coming in, the outbox rests so many times as long as it worked."""
REST_MOST_S = 2.0
BUSY_LINGER = 4
"""While plays are coming in, writes gather so many times longer still."""
SWEEP_S = 1.0
"""How often the outbox looks for writes that nobody woke it for: those of other processes, and those put off."""


_CATALOGUE = frozenset({nsids.APP_ROCKSKY_SONG, nsids.APP_ROCKSKY_ALBUM, nsids.APP_ROCKSKY_ARTIST})
_TAKEN = "the repository has another record under this key, which was left as it is"


class Routes(Protocol):
    """Finds the repository of an actor."""

    async def route(self, actor_id: int, did: str) -> Repository:
        """Answer the way to the repository.

        Raises:
            PdsSessionLostError: there is no login with the actor's PDS.
        """
        ...


@dataclass(slots=True)
class Breaker:
    """Stops asking a host that does not answer, for a while."""

    failures: int = 0
    open_until: float = 0.0


@dataclass(slots=True)
class _Progress:
    """What one turn at an actor's writes has come to."""

    batch: int = BATCH
    held: bool = False
    suspect: bool = False
    """A write was put off, and nothing has gone well since: the next failure is the host's, not one more write's."""
    sent_at: int = 0
    """When the batch under way was begun, in microseconds."""


@dataclass(slots=True)
class OutboxWriter:
    """Sends the outbox. `run` goes on until it is cancelled; `drain` serves once whoever has writes.

    `now` answers seconds since 1970, `jitter` a number in [0, 1): both are arguments so that tests can drive time and
    chance. While `busy()` says that plays are coming in, the outbox takes a thirtieth of the time, so that it delays no
    answer. `linger_s` lets the writes of a busy listener gather into larger commits.
    """

    database: Database
    routes: Routes
    now: Callable[[], float]
    jitter: Callable[[], float]
    linger_s: float = 0.2
    concurrency: int = 8
    holder: str = field(default_factory=lambda: secrets.token_hex(8))
    confirmed: Callable[[], None] = lambda: None
    busy: Callable[[], bool] = lambda: False
    _breakers: dict[str, Breaker] = field(default_factory=dict)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _busy: set[int] = field(default_factory=set)

    def wake(self, _actor_id: int) -> None:
        """There are writes."""
        self._woken.set()

    async def run(self) -> None:
        """Serve the outbox until cancelled. Work in hand is finished, or left to the next start, which finds it."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self._wait_for_work()
                free = self.concurrency - len(self._busy)
                if free <= 0:
                    continue
                for actor_id in await self._actors(free + len(self._busy)):
                    if actor_id not in self._busy and len(self._busy) < self.concurrency:
                        self._busy.add(actor_id)
                        group.create_task(self._serve_and_release(actor_id))

    async def _wait_for_work(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SWEEP_S):
                await self._woken.wait()
        self._woken.clear()
        await asyncio.sleep(self.linger_s)
        if self.busy():
            await asyncio.sleep(BUSY_LINGER * self.linger_s)

    async def _actors(self, limit: int) -> list[int]:
        return await self.database.read(outbox.actors_with_writes(self._micros(), limit))

    async def _serve_and_release(self, actor_id: int) -> None:
        try:
            await self.serve(actor_id)
        except Exception:
            log.exception("the outbox could not serve actor %d", actor_id)
            await asyncio.sleep(SWEEP_S)
        finally:
            self._busy.discard(actor_id)
            self._woken.set()

    async def drain(self) -> None:
        """Serve once every actor who has writes now. For commands and tests."""
        for actor_id in await self._actors(1_000_000):
            await self.serve(actor_id)

    async def serve(self, actor_id: int) -> None:
        """Send an actor's writes until none is left or something holds them up."""
        if not await self._lease(actor_id):
            return
        leased_at = self.now()
        try:
            did = await self.database.read(actors.did_of(actor_id))
            progress = _Progress()
            while not progress.held:
                writes = await self.database.read(outbox.pending_writes(actor_id, self._micros(), progress.batch))
                if not writes:
                    return
                if self.now() - leased_at > LEASE_S / 3:
                    if not await self._lease(actor_id):
                        return
                    leased_at = self.now()
                begun = time.perf_counter()
                await self._send(actor_id, did, writes, progress)
                if self.busy():
                    await asyncio.sleep(min(REST_MOST_S, REST_SHARE * (time.perf_counter() - begun)))
        finally:
            await self.database.write(outbox.end_lease(actor_id, self.holder))

    async def _lease(self, actor_id: int) -> bool:
        until = int((self.now() + LEASE_S) * MICROS)
        return await self.database.write(outbox.take_lease(actor_id, self.holder, self._micros(), until))

    async def _send(self, actor_id: int, did: str, writes: list[WriteRow], progress: _Progress) -> None:
        host = ""
        progress.sent_at = self._micros()
        try:
            route = await self.routes.route(actor_id, did)
            host = route.host
            self._check_breaker(host)
            result = await route.writer.apply_writes(did, [_repo_write(write) for write in writes])
        except PdsRefusedError as error:
            await self._refused(actor_id, did, route.writer, writes, error, progress)
        except PdsUnclearError as error:
            await self._unclear(actor_id, did, route.writer, writes, error, progress)
        except PdsError as error:
            self._count_failure(host, error)
            await self._hold(actor_id, did, error, progress)
        else:
            self._breakers.pop(host, None)
            await self._done(actor_id, [write.write_id for write in writes], result)
            progress.batch, progress.suspect = BATCH, False

    async def _done(self, actor_id: int, write_ids: list[int], result: CommitResult) -> None:
        await self.database.write(self._confirm(actor_id, write_ids, result.rev))
        self.confirmed()

    def _confirm(self, actor_id: int, write_ids: list[int], rev: str) -> Work[None]:
        yield from outbox.mark_done(actor_id, write_ids, rev, self._micros())
        state = yield from outbox.actor_state(actor_id)
        if state.failures:
            yield from outbox.set_actor_state(
                actor_id, ActorState(0, 0, waiting_for_login=False, reason=None, message=None)
            )

    async def _refused(
        self,
        actor_id: int,
        did: str,
        writer: RepoWriter,
        writes: Sequence[WriteRow],
        error: PdsRefusedError,
        progress: _Progress,
    ) -> None:
        """One write of the batch is at fault: halve until it stands alone, then put it into its owner's queue.

        What stands there may be discarded, so it must not be in the repository: an earlier attempt, whose outcome was
        unclear, may have put it there meanwhile. Some PDSes refuse a taken key so, which is then changed.
        """
        if len(writes) > 1:
            progress.batch = len(writes) // 2
            return
        (write,) = writes
        there: dict[tuple[str, str], str] = {}
        try:
            with contextlib.suppress(PdsRefusedError):
                there = await writer.existing(did, [_key(write)])
            done = there.get(_key(write)) == write.cid
            rev = await writer.latest_rev(did) if done else ""
        except PdsError as lost:
            await self._hold(actor_id, did, lost, progress)
            return
        if done:
            await self.database.write(self._confirm(actor_id, [write.write_id], rev))
            self.confirmed()
        elif write.action == "create" and _key(write) in there:
            await self.database.write(self._reconcile(actor_id, [], "", [write]))
        else:
            await self.database.write(
                outbox.refuse(actor_id, write.write_id, error.name, error.message, self._micros())
            )
            log.warning("the repository of actor %d refuses write %d: %s", actor_id, write.write_id, error.name)
        progress.batch = BATCH

    async def _unclear(
        self,
        actor_id: int,
        did: str,
        writer: RepoWriter,
        writes: Sequence[WriteRow],
        error: PdsUnclearError,
        progress: _Progress,
    ) -> None:
        """Ask which of the batch's keys exist; those of the same content are done, a taken key is changed.

        The revision is asked for after that, so that it is one of a commit that has those records.
        """
        try:
            there = await writer.existing(did, [_key(write) for write in writes])
            done = [w.write_id for w in writes if _is_done(w, there)]
            rev = await writer.latest_rev(did) if done else ""
        except PdsError as lost:
            await self._hold(actor_id, did, lost, progress)
            return
        taken = [w for w in writes if w.write_id not in set(done) and w.action == "create" and _key(w) in there]
        if done or taken:
            await self.database.write(self._reconcile(actor_id, done, rev, taken))
            self.confirmed()
            progress.suspect = False
            return
        state = await self.database.read(outbox.actor_state(actor_id))
        if state.failures < STUCK_UNCLEAR or progress.suspect:
            await self._hold(actor_id, did, error, progress)
        elif len(writes) > 1:
            progress.batch = len(writes) // 2
        else:
            await self._put_off(actor_id, writes[0], error)
            progress.batch, progress.suspect = BATCH, True

    def _reconcile(self, actor_id: int, done: list[int], rev: str, taken: list[WriteRow]) -> Work[None]:
        if done:
            yield from self._confirm(actor_id, done, rev)
        moved: dict[int, int] = {}
        for write in taken:
            queued = yield from outbox.queued_write(actor_id, write.write_id)
            if queued is None or queued.rkey != write.rkey:
                continue  # another process, after the lease had run out, was first
            if write.collection == nsids.APP_ROCKSKY_SCROBBLE:
                tid = tid_int(write.rkey)
                moved[tid] = yield from record_keys.move(actor_id, tid)
                yield from outbox.rekey(write.write_id, tid_text(moved[tid]))
            elif write.collection in _CATALOGUE:
                # A song, album or artist that has a record by another client needs none of ours: no event tells of one.
                yield from outbox.discard(actor_id, write.write_id)
            else:
                yield from outbox.refuse(actor_id, write.write_id, "RecordExists", _TAKEN, self._micros())
        if moved:
            yield from journal.lead_idempotency_keys_on(actor_id, moved)

    async def _put_off(self, actor_id: int, write: WriteRow, error: PdsError) -> None:
        now = self._micros()
        due_at = now + int(BACK_OFF_MOST_S * MICROS)
        await self.database.write(
            outbox.put_off(actor_id, [write.write_id], due_at, type(error).__name__, str(error), now)
        )

    async def _hold(self, actor_id: int, did: str, error: PdsError, progress: _Progress) -> None:
        """Stop sending for this actor, until a time or until the next login."""
        progress.held = True
        await self.database.write(self._hold_work(actor_id, did, error, progress.sent_at))
        log.info("publishing for actor %d is held up: %s", actor_id, type(error).__name__)

    def _hold_work(self, actor_id: int, did: str, error: PdsError, sent_at: int) -> Work[None]:
        if (yield from actors.did_of(actor_id)) != did:
            return  # the account has moved meanwhile: this says nothing about its new repository
        state = yield from outbox.actor_state(actor_id)
        failures = state.failures + 1
        now = self.now()
        if isinstance(error, PdsRateLimitedError):
            due = max(error.retry_at, now)
        else:
            most = min(BACK_OFF_MOST_S, BACK_OFF_FIRST_S * 2 ** min(failures - 1, 20))
            due = now + most * (0.5 + self.jitter() / 2)
        # A login while the batch was under way has a session that the batch did not know.
        resumed = state.failures == 0 and state.due_at > sent_at
        waiting = isinstance(error, PdsSessionLostError) and not resumed
        yield from outbox.set_actor_state(
            actor_id,
            ActorState(int(due * MICROS), failures, waiting, type(error).__name__, str(error)),
        )

    async def resume(self, actor_id: int) -> None:
        """The actor has logged in again, or asks for another try: go on at once."""
        clear = ActorState(self._micros(), 0, waiting_for_login=False, reason=None, message=None)
        await self.database.write(outbox.set_actor_state(actor_id, clear))
        self._woken.set()

    def _check_breaker(self, host: str) -> None:
        breaker = self._breakers.get(host)
        if breaker is not None and breaker.open_until > self.now():
            raise PdsUnavailableError(f"{host} has not answered lately and is not asked until its pause is over")

    def _count_failure(self, host: str, error: PdsError) -> None:
        if not isinstance(error, PdsUnavailableError) or not host:
            return
        breaker = self._breakers.setdefault(host, Breaker())
        if breaker.open_until > self.now():
            return  # nobody was asked: the pause must not prolong itself
        breaker.failures += 1
        if breaker.failures >= BREAKER_FAILURES:
            breaker.open_until = self.now() + BREAKER_OPEN_S
            breaker.failures = BREAKER_FAILURES - 1

    def _micros(self) -> int:
        return int(self.now() * MICROS)


def _key(write: WriteRow) -> tuple[str, str]:
    return (write.collection, write.rkey)


def _is_done(write: WriteRow, there: dict[tuple[str, str], str]) -> bool:
    if write.action == "delete":
        return _key(write) not in there
    return there.get(_key(write)) == write.cid


def _repo_write(write: WriteRow) -> RepoWrite:
    return RepoWrite(write.action, write.collection, write.rkey, write.record, write.cid)  # type: ignore[arg-type]
