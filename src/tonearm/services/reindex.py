"""Rebuilding the index from the repositories (invariant 3).

A repository is read as a CAR; its scrobble records are compared with the plays of the index. What the index lacks is
put in by the one indexing path, what neither the repository nor the outbox has is taken out. Writes that wait in the
outbox count as there, so that a run beside a serving process loses no acknowledged play. Chunks are transactions of
their own: a run that is stopped leaves an index as good as before, and the next run goes on.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tonearm.atproto import dag_cbor
from tonearm.atproto.car import read_car
from tonearm.atproto.dag_cbor import DagCborError
from tonearm.atproto.mst import Nodes, walk_records
from tonearm.atproto.tid import tid_int
from tonearm.index import outbox
from tonearm.index.queries import actors, plays
from tonearm.lexicons import nsids
from tonearm.services import record_keys
from tonearm.services.indexing import IndexedPlay, Indexing
from tonearm.services.records import play_facts
from tonearm.services.submission import InvalidScrobbleError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from collections.abc import Set as AbstractSet

    from tonearm.index.engine import Database, Work
    from tonearm.index.queries.actors import AccountRow
    from tonearm.services.records import RecordData

CHUNK = 1000


class RepositoryExport(Protocol):
    """Where a whole repository comes from."""

    def export_car(self, did: str) -> AsyncIterator[bytes]:
        """The repository as a CAR, in pieces."""
        ...


@dataclass(slots=True)
class Outcome:
    """What a reindex of one account has come to."""

    records: int = 0
    added: int = 0
    removed: int = 0
    unreadable: int = 0
    took_s: float = 0.0

    def __str__(self) -> str:
        return (
            f"{self.records} scrobbles in the repository, {self.added} added to the index, {self.removed} removed, "
            f"{self.unreadable} not readable, {self.took_s:.1f} s"
        )


@dataclass(frozen=True, slots=True)
class Reindex:
    """Rebuilds the plays of accounts."""

    database: Database
    indexing: Indexing
    builtin: RepositoryExport
    remote: RepositoryExport

    async def accounts(self) -> list[AccountRow]:
        """All accounts."""
        return await self.database.read(actors.accounts())

    async def account(self, account: AccountRow, *, progress: Callable[[int], None]) -> Outcome:
        """Make the plays of one account what its repository, and its outbox, say. `progress` gets records done."""
        begun = time.monotonic()
        source = self.builtin if account.pds_url is None else self.remote
        outcome = Outcome()
        seen = await self.database.read(outbox.last_seq())
        records = await _scrobbles(source, account.did)
        outcome.records = len(records)
        tids = sorted(records)
        for start in range(0, len(tids), CHUNK):
            chunk = {tid: records[tid] for tid in tids[start : start + CHUNK]}
            await self._write(self._put_in(account, chunk, outcome))
            progress(start + len(chunk))
        await self._write(self._take_out(account.actor_id, records.keys(), seen, outcome))
        outcome.took_s = time.monotonic() - begun
        return outcome

    async def _write(self, work: Work[None]) -> None:
        try:
            await self.database.write(work)
        except Exception:
            self.indexing.forget()  # the next account's plays must not build on what was rolled back
            raise

    def _put_in(self, account: AccountRow, records: dict[int, bytes], outcome: Outcome) -> Work[None]:
        present = yield from plays.plays_among(account.actor_id, list(records))
        absent = []
        for tid, block in records.items():
            if tid in present:
                continue
            try:
                absent.append(IndexedPlay(account.actor_id, tid, play_facts(_record(block))))
            except (DagCborError, InvalidScrobbleError):
                outcome.unreadable += 1
        buried = yield from record_keys.buried_among(account.did, account.actor_id, absent)
        new = [play for play in absent if play.tid not in buried]
        if new:
            yield from self.indexing.index_plays(new)
            outcome.added += len(new)

    def _take_out(self, actor_id: int, records: AbstractSet[int], seen: int, outcome: Outcome) -> Work[None]:
        """Remove what is nowhere. A write that was confirmed after the repository was read is somewhere."""
        pending = yield from outbox.unconfirmed_writes_of(actor_id)
        confirmed = yield from outbox.confirmed_since(actor_id, seen)
        elsewhere = {
            tid_int(write.rkey)
            for write in [*pending, *confirmed]
            if write.collection == nsids.APP_ROCKSKY_SCROBBLE and write.action == "create"
        }
        after = 0
        while rows := (yield from plays.tids_from(actor_id, after, CHUNK)):
            after = rows[-1][0]
            for (tid,) in rows:
                if tid not in records and tid not in elsewhere:
                    yield from self.indexing.unindex_play(actor_id, tid)
                    outcome.removed += 1


def _record(block: bytes) -> RecordData:
    record = dag_cbor.decode(block)
    if type(record) is not dict:
        raise InvalidScrobbleError("a record is a map")
    return record


async def _scrobbles(source: RepositoryExport, did: str) -> dict[int, bytes]:
    """The blocks of a repository's scrobble records, by record key."""
    car = b"".join([piece async for piece in source.export_car(did)])
    roots, pairs = read_car(car)
    blocks = {bytes(cid): block for cid, block in pairs}
    root = bytes(dag_cbor.decode(blocks[bytes(roots[0])])["data"])
    found: dict[int, bytes] = {}
    for path, cid in walk_records(_nodes(blocks, root), root):
        collection, _, rkey = path.decode().partition("/")
        if collection == nsids.APP_ROCKSKY_SCROBBLE:
            with contextlib.suppress(ValueError):
                found[tid_int(rkey)] = blocks[cid]
    return found


def _nodes(blocks: dict[bytes, bytes], root: bytes) -> Nodes:
    nodes = Nodes()
    wanted = [root]
    while wanted:
        cid = wanted.pop()
        nodes.add(cid, blocks[cid], trusted=False)
        wanted += [kid for kid in nodes.open(cid).kids if isinstance(kid, bytes)]
    return nodes
