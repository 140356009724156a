"""Taking into the index what the outside repository has, right after the identity has changed.

Nothing is published for the account meanwhile (`index.outbox`), so the outside repository holds none of the account's
own records. Its scrobbles are read as a CAR, in the order of their keys, a chunk a transaction; doing a chunk again
changes nothing.

A record of the outside repository stands for its play. If the account has the same play (the rule of
`services.dedup`), that one yields: it leaves the index, what clients know it by leads to the outside record, and
`moved_play` keeps its own record from being copied. If a play of something else has the record's key, it moves to the
next free one.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeVar

from tonearm.atproto import dag_cbor
from tonearm.atproto.car import CarError
from tonearm.atproto.dag_cbor import DagCborError
from tonearm.atproto.mst import MstError
from tonearm.atproto.tid import tid_int, tid_text
from tonearm.index import journal, outbox
from tonearm.index.queries import moves, plays
from tonearm.index.queries.moves import LedOn
from tonearm.index.scratch import Scratch
from tonearm.lexicons import nsids
from tonearm.pds.errors import PdsUnavailableError
from tonearm.services import archive, record_keys
from tonearm.services.identity_hash import second_of
from tonearm.services.indexing import IndexedPlay
from tonearm.services.moves import steps
from tonearm.services.records import play_facts
from tonearm.services.submission import InvalidScrobbleError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

    from tonearm.index.engine import Database, Work
    from tonearm.index.outbox import WriteRow
    from tonearm.index.queries.moves import MoveRow
    from tonearm.services.dedup import KnownPlay, PlaysOfActor
    from tonearm.services.indexing import Indexing

T = TypeVar("T")

CHUNK = 500


class RepositoryExport(Protocol):
    """Where the outside repository comes from."""

    def export_car(self, did: str) -> AsyncIterator[bytes]:
        """The repository as a CAR, in pieces."""
        ...


@dataclass(frozen=True, slots=True)
class Adopting:
    """Reads the outside repository into the index."""

    database: Database
    indexing: Indexing
    outside: RepositoryExport

    async def adopt(self, row: MoveRow, holder: str) -> None:
        """Index the outside repository's plays, and those of the outside identity that are on their way.

        Raises:
            PdsError: the repository cannot be read now.
            LeaseLostError: somebody else does it.
        """
        did = row.to_did or ""
        with Scratch() as scratch:
            try:
                root = await archive.load(self.outside.export_car(did), scratch)
                there = array("q", (tid for tid, _ in archive.scrobbles(scratch, root)))
            except (CarError, MstError, LookupError) as error:
                raise PdsUnavailableError(f"the repository of {did} cannot be read: {error}") from error
            for chunk in _chunks(archive.scrobbles(scratch, root)):
                found = _plays(row.actor_id, ((tid, scratch.block(cid)) for tid, cid in chunk))
                await self._write(self._adopt(row, holder, found, there))
        await self._adopt_waiting(row, holder)

    async def _adopt_waiting(self, row: MoveRow, holder: str) -> None:
        """Index the plays that were on their way for the outside identity as it was here before."""
        after = 0
        while writes := await self.database.read(outbox.unconfirmed_writes_of(row.actor_id, after, CHUNK)):
            after = writes[-1].write_id
            ours = [w for w in writes if w.collection == nsids.APP_ROCKSKY_SCROBBLE and w.action == "create"]
            await self._write(self._index_waiting(row, holder, ours))

    async def _write(self, work: Work[T]) -> T:
        try:
            return await self.database.write(work)
        except Exception:
            self.indexing.forget()
            raise

    def _adopt(self, row: MoveRow, holder: str, found: Sequence[IndexedPlay], there: Sequence[int]) -> Work[None]:
        yield from steps.current(row, holder)
        actor_id = row.actor_id
        buried = yield from record_keys.buried_among(row.to_did or "", actor_id, found)
        led: dict[int, LedOn] = {}
        for play in found:
            if play.tid not in buried:
                yield from self._adopt_one(actor_id, play, there, led)
        if led:
            yield from moves.lead_plays_on(actor_id, led)
            changed = {tid: to.tid for tid, to in led.items() if to.tid != tid}
            if changed:
                yield from journal.lead_idempotency_keys_on(actor_id, changed)

    def _adopt_one(self, actor_id: int, play: IndexedPlay, there: Sequence[int], led: dict[int, LedOn]) -> Work[None]:
        facts = play.facts
        known = yield from record_keys.plays_of_second(actor_id, second_of(play.tid))
        holder = known.at(play.tid)
        if holder is not None and _is_record_of(holder, play):
            led[play.tid] = LedOn(play.tid, rekeyed=False)
            yield from _discard_waiting(actor_id, play.tid)
            return
        own = holder if holder is not None and holder.is_same_as(facts.song_id, facts.mbid, facts.isrc) else None
        if holder is not None and own is None:
            new_tid = yield from record_keys.move(actor_id, play.tid)
            yield from _rekey_waiting(actor_id, play.tid, new_tid)
            led[play.tid] = LedOn(new_tid, rekeyed=True)
        if own is None:
            repeated = _repeated(known, play)
            own = None if repeated is None or _is_among(there, repeated.tid) else repeated
        journal_id = None if own is None else (yield from self._yield(actor_id, own.tid, play.tid, led))
        yield from self.indexing.index_plays([play._replace(journal_id=journal_id)])

    def _yield(self, actor_id: int, own: int, tid: int, led: dict[int, LedOn]) -> Work[int | None]:
        """Let the outside record at `tid` stand for the account's own play; answers the submission behind that."""
        journal_id = (yield from plays.submissions_of(actor_id, [own])).get(own)
        yield from self.indexing.unindex_play(actor_id, own)
        yield from _discard_waiting(actor_id, own)
        led[own] = LedOn(tid, rekeyed=False)
        if journal_id is not None:
            yield from journal.lead_submission_on(journal_id, tid)
        return journal_id

    def _index_waiting(self, row: MoveRow, holder: str, writes: Sequence[WriteRow]) -> Work[None]:
        yield from steps.current(row, holder)
        by_tid = {tid_int(write.rkey): write for write in writes}
        here = yield from plays.plays_among(row.actor_id, list(by_tid))
        lacking = {tid: write for tid, write in by_tid.items() if tid not in here}
        for play in _plays(row.actor_id, ((tid, write.record) for tid, write in lacking.items())):
            write = lacking[play.tid]
            repeated = _repeated((yield from record_keys.plays_of_second(row.actor_id, second_of(play.tid))), play)
            if repeated is None:
                yield from self.indexing.index_plays([play._replace(journal_id=write.journal_id)])
                continue
            yield from outbox.discard(row.actor_id, write.write_id)
            yield from moves.lead_plays_on(row.actor_id, {play.tid: LedOn(repeated.tid, rekeyed=False)})
            yield from journal.lead_idempotency_keys_on(row.actor_id, {play.tid: repeated.tid})
            if write.journal_id is not None:
                yield from journal.lead_submission_on(write.journal_id, repeated.tid)


def _repeated(known: PlaysOfActor, play: IndexedPlay) -> KnownPlay | None:
    """The account's play of the same second that this one repeats."""
    facts = play.facts
    same = known.same_as(second_of(play.tid), facts.song_id, facts.mbid, facts.isrc, facts.duration_ms, timed=True)
    return None if same is None else same[0]


def _is_record_of(known: KnownPlay, play: IndexedPlay) -> bool:
    """Whether this very record's play is the one that the index has."""
    facts = play.facts
    return (known.song_id, known.mbid, known.isrc) == (facts.song_id, facts.mbid, facts.isrc)


def _discard_waiting(actor_id: int, tid: int) -> Work[None]:
    for write_id in (yield from moves.creates_waiting(actor_id, nsids.APP_ROCKSKY_SCROBBLE, [tid_text(tid)])).values():
        yield from outbox.discard(actor_id, write_id)


def _rekey_waiting(actor_id: int, tid: int, new_tid: int) -> Work[None]:
    for write_id in (yield from moves.creates_waiting(actor_id, nsids.APP_ROCKSKY_SCROBBLE, [tid_text(tid)])).values():
        yield from outbox.rekey(write_id, tid_text(new_tid))


def _plays(actor_id: int, records: Iterable[tuple[int, bytes]]) -> list[IndexedPlay]:
    """The plays of records; those that are no scrobbles are left alone, as a reindex leaves them."""
    found = []
    for tid, block in records:
        try:
            record = dag_cbor.decode(block)
            if type(record) is dict:
                found.append(IndexedPlay(actor_id, tid, play_facts(record)))
        except (DagCborError, InvalidScrobbleError):
            continue
    return found


def _is_among(tids: Sequence[int], tid: int) -> bool:
    at = bisect_left(tids, tid)
    return at < len(tids) and tids[at] == tid


def _chunks(items: Iterator[T]) -> Iterator[list[T]]:
    while chunk := list(islice(items, CHUNK)):
        yield chunk
