"""Rebuilding the index from the repositories (invariant 3).

Each repository is read as a CAR; its scrobble records, and those that wait in the outbox, are compared with the plays
of the index. What the index lacks is put in by the one indexing path, what is nowhere is taken out.

Order. A shared row of the catalogue is made by whoever is put in first, so plays go in as they once arrived: those that
the journal knows in its order, across all repositories, then the others (another client's, or older than the journal)
by the time of the play. So a record with an early date does not come before a play that was seen to arrive. A row that
is there keeps its maker: neither a second run nor one of a few accounts gives anybody's row to another.

Beside a serving process no acknowledged play is lost: writes on their way count as there, and what is taken out is
looked for once more in the transaction that does it. Chunks are transactions of their own: a run that is stopped leaves
an index as good as before, and the next run goes on. What may not fit in memory is kept on disk (`index.scratch`).

Rejected: one repository after the other, each put in whole. It gives every row to the account that is read first.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeVar

from tonearm.atproto import dag_cbor
from tonearm.atproto.dag_cbor import DagCborError
from tonearm.atproto.tid import tid_int, tid_text
from tonearm.index import journal, outbox
from tonearm.index.queries import actors, moves, plays
from tonearm.index.scratch import Scratch
from tonearm.lexicons import nsids
from tonearm.services import archive, record_keys
from tonearm.services.identity_hash import CLOCK_MASK
from tonearm.services.indexing import IndexedPlay, Indexing
from tonearm.services.records import play_facts
from tonearm.services.submission import InvalidScrobbleError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

    from tonearm.index.engine import Database, Work
    from tonearm.index.outbox import WriteRow
    from tonearm.index.queries.actors import AccountRow
    from tonearm.index.scratch import FoundPlay
    from tonearm.services.records import RecordData

    Progress = Callable[[str, int], None]

T = TypeVar("T")

CHUNK = 1000
MOVING = "its records are being moved to another repository: run this again when that is done"
JOURNAL_PAGE = 10_000


class RepositoryExport(Protocol):
    """Where a whole repository comes from."""

    def export_car(self, did: str) -> AsyncIterator[bytes]:
        """The repository as a CAR, in pieces."""
        ...


@dataclass(slots=True)
class Outcome:
    """What a reindex of one account has come to. `failure` says why its repository could not be read."""

    account: AccountRow
    records: int = 0
    added: int = 0
    removed: int = 0
    unreadable: int = 0
    failure: str | None = None

    def __str__(self) -> str:
        if self.failure is not None:
            return f"the repository could not be read: {self.failure}; {self.added} added that wait for it"
        return (
            f"{self.records} scrobbles in the repository, {self.added} added to the index, {self.removed} removed, "
            f"{self.unreadable} not readable"
        )


@dataclass(frozen=True, slots=True)
class Reindex:
    """Rebuilds the plays of accounts."""

    database: Database
    indexing: Indexing
    builtin: RepositoryExport
    remote: RepositoryExport

    async def accounts(self) -> list[AccountRow]:
        """All accounts but those that are being deleted."""
        return [account for account in await self.database.read(actors.accounts()) if account.state != "deleting"]

    async def run(self, accounts: Sequence[AccountRow], *, progress: Progress) -> list[Outcome]:
        """Make the plays of accounts what their repositories, and their outboxes, say; answers what came of each.

        `progress` gets what is being done and how many records are. A repository that cannot be read stops nothing:
        what waits for it is put in all the same, and nothing of its account is taken out.
        """
        outcomes = [Outcome(account) for account in accounts]
        with Scratch() as scratch:
            for outcome in outcomes:
                await self._compare(outcome, scratch, progress)
            await self._put_in(outcomes, scratch, progress)
        return outcomes

    async def _compare(self, outcome: Outcome, scratch: Scratch, progress: Progress) -> None:
        """Find what the index lacks of an account, and take out what is nowhere."""
        seen = await self.database.read(outbox.last_seq())
        there = array("q")
        try:
            if await self.database.read(moves.is_moving(outcome.account.actor_id)):
                outcome.failure = MOVING
                return
            await self._read(outcome, there, scratch, progress)
        except Exception as error:  # noqa: BLE001 - whatever a repository elsewhere answers, the others are read
            outcome.failure = str(error) or type(error).__name__
        await self._read_writes(outcome.account.actor_id, seen, there, scratch)
        if outcome.failure is None:
            await self._take_out(outcome, array("q", sorted(there)), seen)

    async def _read(self, outcome: Outcome, there: array[int], scratch: Scratch, progress: Progress) -> None:
        account = outcome.account
        source = self.builtin if account.pds_url is None else self.remote
        root = await archive.load(source.export_car(account.did), scratch)
        for chunk in _chunks(archive.scrobbles(scratch, root)):
            lacking = await self._lacking(account.actor_id, [tid for tid, _ in chunk])
            scratch.add_plays(account.actor_id, ((tid, scratch.block(cid)) for tid, cid in chunk if tid in lacking))
            there.extend(tid for tid, _ in chunk)
            outcome.records += len(chunk)
            progress(account.handle, outcome.records)

    async def _read_writes(self, actor_id: int, seen: int, there: array[int], scratch: Scratch) -> None:
        """Count as there what waits for the repository, or was confirmed while that was being read."""
        after = 0
        while writes := await self.database.read(outbox.unconfirmed_writes_of(actor_id, after, CHUNK)):
            after = writes[-1].write_id
            await self._add_writes(actor_id, writes, there, scratch)
        while confirmed := await self.database.read(outbox.confirmed_after(actor_id, seen, CHUNK)):
            seen = confirmed[-1][0]
            await self._add_writes(actor_id, [write for _, write in confirmed], there, scratch)

    async def _add_writes(self, actor_id: int, writes: Iterable[WriteRow], there: array[int], scratch: Scratch) -> None:
        records = {
            tid_int(write.rkey): write.record
            for write in writes
            if write.collection == nsids.APP_ROCKSKY_SCROBBLE and write.action == "create"
        }
        lacking = await self._lacking(actor_id, list(records))
        scratch.add_plays(actor_id, ((tid, record) for tid, record in records.items() if tid in lacking))
        there.extend(records)

    async def _lacking(self, actor_id: int, tids: list[int]) -> set[int]:
        return set(tids) - await self.database.read(plays.plays_among(actor_id, tids))

    async def _take_out(self, outcome: Outcome, there: Sequence[int], seen: int) -> None:
        actor_id, after = outcome.account.actor_id, 0
        while rows := await self.database.read(plays.tids_from(actor_id, after, CHUNK)):
            after = rows[-1][0]
            if nowhere := [tid for (tid,) in rows if not _is_among(there, tid)]:
                outcome.removed += await self._write(self._remove(outcome.account, nowhere, seen))

    def _remove(self, account: AccountRow, tids: list[int], seen: int) -> Work[int]:
        actor_id = account.actor_id
        if not (yield from _is_still(account)):
            return 0
        rkeys = [tid_text(tid) for tid in tids]
        on_their_way = yield from outbox.created_among(actor_id, nsids.APP_ROCKSKY_SCROBBLE, rkeys, seen)
        removed = 0
        for tid, rkey in zip(tids, rkeys, strict=True):
            if rkey not in on_their_way:
                removed += yield from self.indexing.unindex_play(actor_id, tid)
        return removed

    async def _put_in(self, outcomes: Sequence[Outcome], scratch: Scratch, progress: Progress) -> None:
        by_actor = {outcome.account.actor_id: outcome for outcome in outcomes}
        accounts = {outcome.account.actor_id: outcome.account for outcome in outcomes}
        await self._read_journal(scratch)
        done = 0
        for chunk in scratch.plays_in_order(CHUNK):
            new = list(_indexed_plays(chunk, by_actor))
            for actor_id, added in (await self._write(self._index(new, accounts))).items():
                by_actor[actor_id].added += added
            done += len(chunk)
            progress("put in", done)

    async def _read_journal(self, scratch: Scratch) -> None:
        """Tell when plays arrived. One whose key was taken has another clock id in its repository."""
        after = 0
        while rows := await self.database.read(journal.stored_after(after, JOURNAL_PAGE)):
            after = rows[-1][0]
            scratch.mark_arrived(
                (number, actor_id, tid & ~CLOCK_MASK, tid | CLOCK_MASK) for number, actor_id, tid in rows
            )

    def _index(self, new: Sequence[IndexedPlay], accounts: Mapping[int, AccountRow]) -> Work[Counter[int]]:
        there: set[tuple[int, int]] = set()
        by_actor: dict[int, list[IndexedPlay]] = {}
        for play in new:
            by_actor.setdefault(play.actor_id, []).append(play)
        for actor_id, of_actor in by_actor.items():
            if not (yield from _is_still(accounts[actor_id])):
                there.update((actor_id, play.tid) for play in of_actor)
                continue
            present = yield from plays.plays_among(actor_id, [play.tid for play in of_actor])
            buried = yield from record_keys.buried_among(accounts[actor_id].did, actor_id, of_actor)
            there.update((actor_id, tid) for tid in present | buried)
        added = [play for play in new if (play.actor_id, play.tid) not in there]
        if added:
            yield from self.indexing.index_plays(added)
        return Counter(play.actor_id for play in added)

    async def _write(self, work: Work[T]) -> T:
        try:
            return await self.database.write(work)
        except Exception:
            self.indexing.forget()  # the plays to come must not build on what was rolled back
            raise


def _is_still(account: AccountRow) -> Work[bool]:
    """Whether an account's repository is the one that was read: it has not begun to move meanwhile."""
    if (yield from actors.did_of(account.actor_id)) != account.did:
        return False
    return not (yield from moves.is_moving(account.actor_id))


def _indexed_plays(found: Iterable[FoundPlay], outcomes: dict[int, Outcome]) -> Iterable[IndexedPlay]:
    for play in found:
        try:
            yield IndexedPlay(play.actor_id, play.tid, play_facts(_record(play.block)), play.arrived)
        except (DagCborError, InvalidScrobbleError):
            outcomes[play.actor_id].unreadable += 1


def _record(block: bytes) -> RecordData:
    record = dag_cbor.decode(block)
    if type(record) is not dict:
        raise InvalidScrobbleError("a record is a map")
    return record


def _is_among(tids: Sequence[int], tid: int) -> bool:
    at = bisect_left(tids, tid)
    return at < len(tids) and tids[at] == tid


def _chunks(items: Iterable[T]) -> Iterable[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
