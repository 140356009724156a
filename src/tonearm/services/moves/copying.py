"""The old repository's records go into the outbox, a page at a time, with the cursor in the same transaction.

The repository changes no more, so its order is a place to go on from. Pages are put in only as fast as they are
published: plays of the present never stand behind a whole history.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tonearm.atproto import dag_cbor
from tonearm.atproto.tid import tid_int, tid_text
from tonearm.index import journal, outbox
from tonearm.index.outbox import WriteRow
from tonearm.index.queries import moves, plays
from tonearm.lexicons import nsids
from tonearm.services import record_keys
from tonearm.services.identity_hash import MICROS
from tonearm.services.indexing import IndexedPlay
from tonearm.services.moves import steps
from tonearm.services.preparing import encoded
from tonearm.services.records import play_facts
from tonearm.services.submission import InvalidScrobbleError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tonearm.index.engine import Database, Work
    from tonearm.index.queries.moves import MoveRow
    from tonearm.pds.builtin.repository.leaving import LeavingRepositories, OldRecord

PAGE = 200
WAITING_MOST = 200
"""With so many writes to be sent, the next page is not put in yet."""
WAIT_S = 0.2


@dataclass(frozen=True, slots=True)
class Copying:
    """Copies records. `wake(actor_id)` tells the outbox that there are writes."""

    database: Database
    old: LeavingRepositories
    now: Callable[[], float]
    wake: Callable[[int], None]

    async def copy_page(self, row: MoveRow, holder: str) -> bool:
        """Put the next page into the outbox; False when there is none.

        Raises:
            Blocked: enough is waiting there already.
        """
        now = int(self.now() * MICROS)
        if await self.database.read(moves.sendable_writes(row.actor_id, now, WAITING_MOST)) >= WAITING_MOST:
            raise steps.Blocked(WAIT_S)
        page = await self.old.records_after(row.from_did, (row.after_collection, row.after_rkey), PAGE)
        if not page:
            return False
        await self.database.write(self._enqueue(row, holder, [_renamed(record, row) for record in page]))
        self.wake(row.actor_id)
        return True

    def _enqueue(self, row: MoveRow, holder: str, page: Sequence[OldRecord]) -> Work[None]:
        move = yield from steps.current(row, holder)
        if (move.after_collection, move.after_rkey) != (row.after_collection, row.after_rkey):
            raise steps.LeaseLostError
        last = yield from journal.last_ids()
        writes: list[WriteRow] = []
        for collection in dict.fromkeys(record.collection for record in page):
            of_collection = [record for record in page if record.collection == collection]
            there = yield from moves.creates_waiting(
                row.actor_id, collection, [record.rkey for record in of_collection]
            )
            wanted = [record for record in of_collection if record.rkey not in there]
            if collection == nsids.APP_ROCKSKY_SCROBBLE:
                copies = yield from _scrobbles(move, wanted)
            else:
                copies = [(record, None) for record in wanted]
            for record, journal_id in copies:
                write_id = last.write_id + len(writes) + 1
                what = ("create", collection, record.rkey, record.cid, record.block)
                writes.append(WriteRow(write_id, row.actor_id, *what, journal_id))
        if writes:
            yield from outbox.enqueue(writes)
        yield from moves.change_move(
            move._replace(
                after_collection=page[-1].collection,
                after_rkey=page[-1].rkey,
                looked_at=move.looked_at + len(page),
                copied=move.copied + len(writes),
                last_write_id=writes[-1].write_id if writes else move.last_write_id,
                updated_at=int(self.now() * MICROS),
            )
        )


def _scrobbles(move: MoveRow, records: Sequence[OldRecord]) -> Work[list[tuple[OldRecord, int | None]]]:
    """Which scrobbles are copied, under which key, and the submission behind each.

    Not those that the outside repository has, and not those that their owner deleted.
    """
    tids = {record.rkey: tid for record in records if (tid := _tid(record.rkey)) is not None}
    led = yield from moves.moved_plays_among(move.actor_id, list(tids.values()))
    found = [play for record in records if (play := _play(move.actor_id, tids.get(record.rkey), record)) is not None]
    buried = yield from record_keys.buried_among(move.to_did or "", move.actor_id, found)
    behind = yield from plays.submissions_of(move.actor_id, [*tids.values(), *(to.tid for to in led.values())])
    copies: list[tuple[OldRecord, int | None]] = []
    for record in records:
        tid = tids.get(record.rkey)
        if tid is None:
            copies.append((record, None))
        elif tid in led and led[tid].rekeyed:
            copies.append((record._replace(rkey=tid_text(led[tid].tid)), behind.get(led[tid].tid)))
        elif tid not in led and tid not in buried:
            copies.append((record, behind.get(tid)))
    return copies


def _tid(rkey: str) -> int | None:
    try:
        return tid_int(rkey)
    except ValueError:
        return None


def _play(actor_id: int, tid: int | None, record: OldRecord) -> IndexedPlay | None:
    """The play of a scrobble record; None when it is none that the index could have."""
    if tid is None:
        return None
    try:
        return IndexedPlay(actor_id, tid, play_facts(dag_cbor.decode(record.block)))
    except (InvalidScrobbleError, AttributeError):
        return None


def _renamed(record: OldRecord, row: MoveRow) -> OldRecord:
    """The record with what it says of its own repository said of the new one."""
    if row.to_did is None or f"at://{row.from_did}/".encode() not in record.block:
        return record
    block, cid = encoded(_led_on(dag_cbor.decode(record.block), f"at://{row.from_did}/", f"at://{row.to_did}/"))
    return record._replace(block=block, cid=cid)


def _led_on(value: Any, old: str, new: str) -> Any:
    if type(value) is str:
        return new + value.removeprefix(old) if value.startswith(old) else value
    if type(value) is list:
        return [_led_on(item, old, new) for item in value]
    if type(value) is dict:
        return {name: _led_on(item, old, new) for name, item in value.items()}
    return value
