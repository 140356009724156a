"""Submitting plays: journal, deduplication, index and outbox in one transaction, answered after its commit.

Submissions that wait when the writer becomes free are one unit of work (`_store_taken`): they share statements and a
disk flush. The writer takes them itself; asking the event loop for them would let it idle while requests are parsed.
What a play leads to is computed before the writer is asked: its record's final bytes, its identity, its record key.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tonearm.index import journal, outbox
from tonearm.index.journal import JournalRow
from tonearm.index.queries import plays
from tonearm.services import dedup, former_identities
from tonearm.services.dedup import KnownPlay, PlaysOfActor
from tonearm.services.identity_hash import first_tid_of, second_of
from tonearm.services.indexing import IndexedPlay, Indexing
from tonearm.services.preparing import Listener, PreparedPlay, prepare, writes_of
from tonearm.services.record_keys import free_tid

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tonearm.index.engine import Database, Row, Work
    from tonearm.services.records import PlayFacts
    from tonearm.services.submission import Submission

BUSY_S = 0.1
LARGE = 100
LARGE_AT_ONCE = 1
"""Batches of more than `LARGE` plays are held in memory one at a time; more of them would not be faster."""
PLAYS_IN_A_GROUP = 2000
"""About as many plays as one transaction takes; a larger import is a transaction of its own."""


class Receipt(NamedTuple):
    """What became of a submission. `outcome` is `stored`, `duplicate` or `deleted`; `reason` says why."""

    outcome: str
    reason: str
    tid: int
    facts: PlayFacts
    song_id: int
    artist_id: int
    album_id: int


@dataclass(slots=True)
class _Waiting:
    prepared: list[PreparedPlay]
    future: asyncio.Future[list[Receipt]]


class Scrobbles:
    """Plays, from the edges to the index and the outbox."""

    def __init__(
        self, database: Database, indexing: Indexing, *, now: Callable[[], float], wake: Callable[[int], None]
    ) -> None:
        """`now` answers seconds since 1970; `wake(actor_id)` tells the outbox that there are writes."""
        self._database = database
        self._indexing = indexing
        self.now = now
        self._wake = wake
        self._waiting: deque[_Waiting] = deque()
        self._asked = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._submitted_at = 0.0
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)

    async def submit(self, listener: Listener, submissions: Sequence[Submission], source: str) -> list[Receipt]:
        """Keep plays durably and answer what became of each, in their order.

        When this returns, the plays are committed (invariant 1). An exception means that none of them was stored.
        """
        now = self.now()
        self._submitted_at = time.monotonic()
        if len(submissions) > LARGE:
            async with self._large:
                return await self._submit(listener, submissions, source, now)
        return await self._submit(listener, submissions, source, now)

    async def _submit(
        self, listener: Listener, submissions: Sequence[Submission], source: str, now: float
    ) -> list[Receipt]:
        prepared = [prepare(listener, submission, source, now) for submission in submissions]
        if not prepared:
            return []
        waiting = _Waiting(prepared, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._ask_writer()
        return await waiting.future

    def busy(self) -> bool:
        """Whether plays are coming in now: the last came less than `BUSY_S` ago."""
        return time.monotonic() - self._submitted_at < BUSY_S

    def _ask_writer(self) -> None:
        """Queue one work that will store all that waits when the writer gets to it."""
        if not self._asked:
            self._asked = True
            task = asyncio.create_task(self._store_waiting())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _store_waiting(self) -> None:
        group: list[_Waiting] = []
        try:
            receipts = await self._database.write(self._store_taken(group))
        except Exception as error:  # noqa: BLE001 - raised to those who wait, or narrowed down to whose it is
            await self._settle_apart(group or self._take(), error)
        else:
            self._settle(group, receipts)
        if self._waiting:
            self._ask_writer()

    def _store_taken(self, group: list[_Waiting]) -> Work[list[Receipt]]:
        """Take what waits at the moment when the writer begins, so that the writer never idles beside a full queue."""
        group[:] = self._take()
        return (yield from self._store([prepared for waiting in group for prepared in waiting.prepared]))

    def _take(self) -> list[_Waiting]:
        """Take what waits, as much as one transaction holds. Called by the writer, in whatever thread it has."""
        self._asked = False
        group: list[_Waiting] = []
        size = 0
        while self._waiting and (not group or size + len(self._waiting[0].prepared) <= PLAYS_IN_A_GROUP):
            group.append(self._waiting.popleft())
            size += len(group[-1].prepared)
        return group

    async def _settle_apart(self, group: list[_Waiting], error: Exception) -> None:
        if len(group) == 1:
            if not group[0].future.done():
                group[0].future.set_exception(error)
            return
        for waiting in group:
            try:
                receipts = await self._database.write(self._store(waiting.prepared))
            except Exception as own_error:  # noqa: BLE001 - raised to the one whose submission it is
                if not waiting.future.done():
                    waiting.future.set_exception(own_error)
            else:
                self._settle([waiting], receipts)

    def _settle(self, group: list[_Waiting], receipts: list[Receipt]) -> None:
        start = 0
        for waiting in group:
            end = start + len(waiting.prepared)
            if not waiting.future.done():
                waiting.future.set_result(receipts[start:end])
            start = end
        for actor_id in {p.listener.actor_id for w in group for p in w.prepared if p.outcome == "stored"}:
            self._wake(actor_id)

    def _store(self, group: list[PreparedPlay]) -> Work[list[Receipt]]:
        for prepared in group:
            prepared.undecide()
        last = yield from journal.last_ids()
        former = (yield from former_identities.follow(group)) if last.any_moved else {}
        by_actor: dict[int, list[PreparedPlay]] = {}
        for journal_id, prepared in enumerate(group, last.journal_id + 1):
            prepared.journal_id = journal_id
            by_actor.setdefault(prepared.listener.actor_id, []).append(prepared)
        keys: list[tuple[int, str, int]] = []
        for actor_id, of_actor in by_actor.items():
            keys += yield from _decide(actor_id, of_actor, former.get(actor_id, ()))
        new = [prepared for prepared in group if prepared.outcome == "stored"]
        if new:
            first = yield from self._indexing.index_plays(
                [IndexedPlay(p.listener.actor_id, p.tid, p.facts, p.journal_id) for p in new]
            )
            yield from outbox.enqueue(writes_of(new, first, last.write_id, self._indexing.catalog))
        if keys:
            yield from journal.remember_idempotency_keys(keys)
        yield from journal.append([_journal_row(prepared) for prepared in group])
        return [self._receipt(prepared) for prepared in group]

    def _receipt(self, prepared: PreparedPlay) -> Receipt:
        ids = self._indexing.catalog.ids_of(prepared.facts)
        return Receipt(prepared.outcome, prepared.reason, prepared.tid, prepared.facts, *ids)


def _decide(
    actor_id: int, of_actor: list[PreparedPlay], former_dids: Sequence[str]
) -> Work[list[tuple[int, str, int]]]:
    """Judge an actor's submissions in their order; answers the idempotency keys to be remembered."""
    known = yield from _known_plays(actor_id, of_actor)
    tombstones = yield from plays.tombstones_among(actor_id, [prepared.tid for prepared in of_actor])
    if former_dids:
        tombstones |= yield from former_identities.buried(actor_id, of_actor, former_dids)
    used: dict[str, int] = {}
    wanted = [p.submission.idempotency_key for p in of_actor if p.submission.idempotency_key]
    if wanted:
        used = yield from journal.tids_of_idempotency_keys(actor_id, wanted)
    keys: list[tuple[int, str, int]] = []
    for prepared in of_actor:
        key = prepared.submission.idempotency_key
        facts = prepared.facts
        same = known.same_as(
            prepared.second,
            facts.song_id,
            facts.mbid,
            facts.isrc,
            facts.duration_ms,
            timed=prepared.submission.played_at_s is not None,
        )
        if key is not None and key in used:
            prepared.tid, prepared.outcome, prepared.reason = used[key], "duplicate", dedup.IDEMPOTENCY_KEY
            continue
        if same is not None:
            prepared.tid, prepared.outcome, prepared.reason = same[0].tid, "duplicate", same[1]
        elif prepared.tid in tombstones:
            prepared.outcome, prepared.reason = "deleted", dedup.TOMBSTONE
        else:
            if prepared.tid in known.taken:
                prepared.tid = free_tid(prepared.tid, known.taken)
            known.add(
                KnownPlay(prepared.tid, prepared.second, facts.song_id, facts.mbid, facts.isrc, facts.duration_ms)
            )
        if key is not None:
            used[key] = prepared.tid
            keys.append((actor_id, key, prepared.tid))
    return keys


def _known_plays(actor_id: int, of_actor: list[PreparedPlay]) -> Work[PlaysOfActor]:
    known = PlaysOfActor()
    seconds = sorted({prepared.second for prepared in of_actor})
    rows = yield from plays.plays_within_seconds(actor_id, [first_tid_of(second) for second in seconds])
    untimed = [prepared for prepared in of_actor if prepared.submission.played_at_s is None]
    if untimed:
        rows = (yield from _near_plays(actor_id, untimed)) + rows
    for tid, song_id, mbid, isrc, duration_ms in rows:
        known.add(KnownPlay(tid, second_of(tid), song_id, mbid, isrc, duration_ms))
    return known


def _near_plays(actor_id: int, untimed: list[PreparedPlay]) -> Work[list[Row]]:
    seconds = [prepared.second for prepared in untimed]
    return (
        yield from plays.plays_like(
            actor_id,
            first_tid_of(min(seconds) - dedup.WIDEST_WINDOW_S),
            first_tid_of(max(seconds) + dedup.WIDEST_WINDOW_S),
            [prepared.facts.song_id for prepared in untimed],
            [prepared.facts.mbid for prepared in untimed if prepared.facts.mbid],
            [prepared.facts.isrc for prepared in untimed if prepared.facts.isrc],
        )
    )


def _journal_row(prepared: PreparedPlay) -> JournalRow:
    return JournalRow(
        prepared.journal_id,
        prepared.listener.actor_id,
        prepared.received_at,
        prepared.source,
        prepared.submission.raw,
        prepared.outcome,
        prepared.reason,
        prepared.tid,
    )
