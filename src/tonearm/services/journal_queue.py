"""The queue of what is not in a listener's repository yet, and what its owner can do about it (invariant 5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tonearm.atproto import dag_cbor
from tonearm.atproto.at_uri import at_uri
from tonearm.atproto.tid import tid_int, tid_text
from tonearm.index import journal, outbox
from tonearm.index.journal import JournalRow
from tonearm.lexicons import nsids
from tonearm.pds.errors import PdsRateLimitedError
from tonearm.services import record_keys, records
from tonearm.services.history import MOST, InvalidCursorError
from tonearm.services.identity_hash import MICROS
from tonearm.services.indexing import IndexedPlay
from tonearm.services.preparing import Listener, PreparedPlay, prepare, writes_of
from tonearm.services.submission import InvalidScrobbleError, Submission

if TYPE_CHECKING:
    from collections.abc import Callable

    from tonearm.index.engine import Database, Row, Work
    from tonearm.index.outbox import ActorState, WriteRow
    from tonearm.services.indexing import Indexing
    from tonearm.services.outbox import OutboxWriter
    from tonearm.services.records import PlayFacts

EDITED = "edited by its owner"
STATES = ("waiting", "retrying", "refused", "waitingForLogin")

_ID = re.compile(r"[1-9a-f][0-9a-f]{0,14}")
"""An entry's id, and a cursor: the write's number in hexadecimal, in its one spelling."""


class EntryNotFoundError(LookupError):
    """The caller's queue has no such entry: it was written meanwhile, was discarded, or is another's."""


class EntryNotRetryableError(ValueError):
    """The entry waits for its owner's next login with their PDS: trying again would not help."""


class EntryNotDiscardableError(ValueError):
    """The entry may have reached the repository, so it is left alone. It can be given up once it is refused."""


class EntryNotEditableError(ValueError):
    """The entry may have reached the repository, or is no play."""


class DuplicateScrobbleError(ValueError):
    """The change would make the play one that is there already. Discard the entry instead."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One unconfirmed write. Times are microseconds; `record` is None for a deletion."""

    write_id: int
    uri: str
    collection: str
    state: str
    reason: str
    message: str
    attempts: int
    submitted_at: int
    tried_at: int | None
    source: str
    record: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class JournalQueue:
    """The queue of each listener."""

    database: Database
    indexing: Indexing
    outbox_writer: OutboxWriter
    now: Callable[[], float]

    async def entries(
        self, listener: Listener, *, state: str | None, limit: int, cursor: str | None
    ) -> tuple[list[Entry], str | None]:
        """Unconfirmed writes, oldest first, and the cursor of the next page.

        Raises:
            InvalidCursorError: the cursor is not one of ours.
        """
        after = _read_cursor(cursor)
        return await self.database.read(self._entries(listener, state, min(limit, MOST), after))

    async def retry(self, listener: Listener, entry_id: str) -> Entry:
        """Try an entry again at once, whatever pause the outbox had put in; a rate limit of the PDS is waited for.

        Raises:
            EntryNotFoundError: there is no such entry.
            EntryNotRetryableError: it waits for a login.
        """
        entry = await self.database.write(self._retry(listener, _write_id(entry_id)))
        self.outbox_writer.wake(listener.actor_id)
        return entry

    async def discard(self, listener: Listener, entry_id: str) -> None:
        """Give an entry up: its play leaves history, and a tombstone keeps it from coming back.

        Raises:
            EntryNotFoundError: there is no such entry.
            EntryNotDiscardableError: it may have reached the repository.
        """
        await self.database.write(self._discard(listener, _write_id(entry_id)))

    async def edit(self, listener: Listener, entry_id: str, changes: dict[str, Any], raw: bytes) -> Entry:
        """Correct a play that was refused, and try it again. `changes` are fields of `Submission`; None removes one.

        The first submission stays in the journal as it came; `raw`, the request for the change, joins it there.

        Raises:
            EntryNotFoundError: there is no such entry.
            EntryNotEditableError: it may have reached the repository, or is no play.
            DuplicateScrobbleError: it would become a play that is there.
            InvalidScrobbleError: the changed play is not one.
        """
        entry = await self.database.write(self._edit(listener, _write_id(entry_id), changes, raw))
        self.outbox_writer.wake(listener.actor_id)
        return entry

    def _entries(
        self, listener: Listener, state: str | None, limit: int, after: int
    ) -> Work[tuple[list[Entry], str | None]]:
        actor_state = yield from outbox.actor_state(listener.actor_id)
        found: list[Entry] = []
        while True:
            rows = yield from outbox.queue_of(listener.actor_id, after, limit + 1)
            for row in rows:
                entry = _entry(listener, row, actor_state)
                if state is None or entry.state == state:
                    found.append(entry)
            if len(rows) <= limit or len(found) > limit:
                break
            after = rows[-1][0]
        return found[:limit], f"{found[limit - 1].write_id:x}" if len(found) > limit else None

    def _one(self, listener: Listener, write_id: int) -> Work[Entry]:
        actor_state = yield from outbox.actor_state(listener.actor_id)
        rows = yield from outbox.queue_of(listener.actor_id, write_id - 1, 1)
        if not rows or rows[0][0] != write_id:
            raise EntryNotFoundError("your queue has no such entry: it may have been written meanwhile")
        return _entry(listener, rows[0], actor_state)

    def _retry(self, listener: Listener, write_id: int) -> Work[Entry]:
        entry = yield from self._one(listener, write_id)
        if entry.state == "waitingForLogin":
            raise EntryNotRetryableError(
                "log in again: the session with your PDS has ended, and the entry waits for it"
            )
        yield from outbox.retry_now(listener.actor_id, write_id)
        held_up = yield from outbox.actor_state(listener.actor_id)
        if held_up.due_at and held_up.reason != PdsRateLimitedError.__name__:
            yield from outbox.set_actor_state(listener.actor_id, held_up._replace(due_at=0))
        return (yield from self._one(listener, write_id))

    def _refused(self, listener: Listener, write_id: int, otherwise: type[ValueError]) -> Work[WriteRow]:
        entry = yield from self._one(listener, write_id)
        if entry.state != "refused":
            raise otherwise(
                f"the entry is {entry.state}: it may reach the repository at any moment. "
                "Only one that the repository has refused can be changed or given up"
            )
        write = yield from outbox.queued_write(listener.actor_id, write_id)
        if write is None:
            raise EntryNotFoundError("your queue has no such entry")
        return write

    def _discard(self, listener: Listener, write_id: int) -> Work[None]:
        write = yield from self._refused(listener, write_id, EntryNotDiscardableError)
        yield from outbox.discard(listener.actor_id, write_id)
        if write.collection == nsids.APP_ROCKSKY_SCROBBLE and write.action == "create":
            tid, facts = _play_of(write)
            yield from self.indexing.unindex_play(listener.actor_id, tid)
            yield from record_keys.bury(listener, facts, tid, int(self.now() * MICROS))

    def _edit(self, listener: Listener, write_id: int, changes: dict[str, Any], raw: bytes) -> Work[Entry]:
        write = yield from self._refused(listener, write_id, EntryNotEditableError)
        if write.collection != nsids.APP_ROCKSKY_SCROBBLE or write.action != "create":
            raise EntryNotEditableError("only plays can be edited")
        changed = _changed(listener, write, changes, self.now())
        yield from self._replace_play(listener, write, changed)
        last = yield from journal.last_ids()
        changed.journal_id = last.journal_id + 1
        entry = (listener.actor_id, changed.received_at, "edit", raw, "stored", EDITED, changed.tid)
        yield from journal.append([JournalRow(changed.journal_id, *entry)])
        first = yield from self.indexing.index_plays(
            [IndexedPlay(listener.actor_id, changed.tid, changed.facts, changed.journal_id)]
        )
        yield from outbox.replace(write_id, tid_text(changed.tid), changed.cid, changed.record)
        rows = writes_of([changed], first, last.write_id, self.indexing.catalog)[:-1]
        if rows:
            yield from outbox.enqueue(rows)
        yield from outbox.retry_now(listener.actor_id, write_id)
        return (yield from self._one(listener, write_id))

    def _replace_play(self, listener: Listener, write: WriteRow, changed: PreparedPlay) -> Work[None]:
        """Take the play of a write out, and give the changed one, which is yet to be indexed, its record key.

        The play that it was is a deleted one from now on, the one that it becomes is none; a play that stays what it
        was stays where it is, also when it had to move from its natural key.
        """
        tid, facts = _play_of(write)
        yield from self.indexing.unindex_play(listener.actor_id, tid)
        known = yield from record_keys.plays_of_second(listener.actor_id, changed.second)
        new = changed.facts
        if known.same_as(changed.second, new.song_id, new.mbid, new.isrc, new.duration_ms, timed=True) is not None:
            raise DuplicateScrobbleError("a play of that song at that time is there already; discard this one")
        if changed.natural_tid == record_keys.natural_tid(listener.did, facts, tid):
            changed.tid = tid
            return
        yield from record_keys.bury(listener, facts, tid, int(self.now() * MICROS))
        yield from record_keys.unbury(listener, changed.facts, changed.second)
        changed.tid = record_keys.free_tid(changed.natural_tid, known.taken)
        if changed.tid != tid:
            yield from journal.lead_idempotency_keys_on(listener.actor_id, {tid: changed.tid})


def _play_of(write: WriteRow) -> tuple[int, PlayFacts]:
    """The record key and the facts of the play that a write tells of."""
    return tid_int(write.rkey), records.play_facts(dag_cbor.decode(write.record))


def _changed(listener: Listener, write: WriteRow, changes: dict[str, Any], now: float) -> PreparedPlay:
    """What the play of a write leads to with some fields changed."""
    if "played_at_s" in changes and not changes["played_at_s"]:
        raise InvalidScrobbleError("timestamp cannot be made unknown")
    values = {**records.submission_values(dag_cbor.decode(write.record)), **changes}
    return prepare(listener, Submission.of(now_s=now, **values), "edit", now)


def _entry(listener: Listener, row: Row, actor: ActorState) -> Entry:
    (write_id, action, collection, rkey, record, refused, attempts, tried_at, due_at, reason, message) = row[:11]
    submitted_at, source = row[11] or tried_at or 0, row[12] or "index"
    if refused:
        state = "refused"
    elif actor.waiting_for_login:
        state = "waitingForLogin"
    elif attempts or due_at or actor.failures:
        state = "retrying"
    else:
        state = "waiting"
    held_up = state in {"waitingForLogin", "retrying"} and not reason
    return Entry(
        write_id=write_id,
        uri=at_uri(listener.did, collection, rkey),
        collection=collection,
        state=state,
        reason=_reason_name((actor.reason if held_up else reason) or ""),
        message=(actor.message if held_up else message) or "",
        attempts=attempts,
        submitted_at=submitted_at,
        tried_at=tried_at,
        source=source,
        record=None if action == "delete" else dag_cbor.decode(record),
    )


def _reason_name(reason: str) -> str:
    return reason.removesuffix("Error")


def _write_id(entry_id: str) -> int:
    if not _ID.fullmatch(entry_id):
        raise EntryNotFoundError("your queue has no such entry: that is not an entry's id")
    return int(entry_id, 16)


def _read_cursor(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not _ID.fullmatch(cursor):
        raise InvalidCursorError("the cursor is not one that this method gave; begin again without it")
    return int(cursor, 16)
