"""The one indexing path: a scrobble record becomes a play.

Our own writes and the records of a repository that is read back both end here (invariant 4). Everything is derived from
the record's URI and content, so that a rebuilt index equals the one that grew (invariant 3).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tonearm.atproto.at_uri import parse_at_uri
from tonearm.atproto.tid import tid_int
from tonearm.index.queries import actors, plays
from tonearm.index.queries.plays import PlayRow
from tonearm.lexicons import nsids
from tonearm.services import record_keys
from tonearm.services.catalog import Bounded, Catalog, Kind
from tonearm.services.records import PlayFacts, RecordData, play_facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tonearm.index.engine import Work

OWNED_REMEMBERED = 5_000
POSITIONS: tuple[tuple[Kind, int], ...] = (("artist", 1), ("album", 2), ("song", 0))
"""Where each kind's id stands in the answer of `Catalog.ids_of`."""


class IndexedPlay(NamedTuple):
    """A play on its way into the index."""

    actor_id: int
    tid: int
    facts: PlayFacts
    journal_id: int | None = None


@dataclass(slots=True)
class Indexing:
    """The index's writer: the catalogue, and what each actor has of it."""

    catalog: Catalog = field(default_factory=Catalog)
    _owned: Bounded[tuple[Kind, int, int], None] = field(default_factory=lambda: Bounded(OWNED_REMEMBERED))

    def forget(self) -> None:
        """Drop what is remembered, after a transaction that failed."""
        self.catalog.forget()
        self._owned.clear()

    def index_plays(self, new: Sequence[IndexedPlay]) -> Work[set[tuple[Kind, int, int]]]:
        """Put plays in that the index does not have, with all that hangs on them.

        Answers the (kind, actor_id, id) that an actor had not before: they have no record in the repository yet.
        """
        made = yield from self.catalog.place([(play.actor_id, play.facts) for play in new])
        ids = [self.catalog.ids_of(play.facts) for play in new]
        yield from plays.insert_plays(
            [
                PlayRow(play.actor_id, play.tid, song_id, play.facts.mbid, play.facts.isrc, play.journal_id)
                for play, (song_id, _, _) in zip(new, ids, strict=True)
            ]
        )
        latest_first = sorted(zip(new, ids, strict=True), key=lambda play: play[0].tid, reverse=True)
        tids = [play.tid for play, _ in latest_first]
        first: set[tuple[Kind, int, int]] = set()
        for kind, position in POSITIONS:
            keys = [(play.actor_id, entity_ids[position]) for play, entity_ids in latest_first]
            first |= yield from self._count(kind, keys, tids, made)
        return first

    def _count(
        self, kind: Kind, keys: list[tuple[int, int]], tids: list[int], made: set[tuple[Kind, int]]
    ) -> Work[set[tuple[Kind, int, int]]]:
        """Count plays, latest first: the (actor_id, id) of each and its TID."""
        totals = Counter(keys)
        firsts = dict(zip(keys, tids, strict=True))  # the last of each key, which is its earliest
        unseen: dict[int, list[int]] = {}
        for actor_id, entity_id in totals:
            if (kind, actor_id, entity_id) not in self._owned:
                unseen.setdefault(actor_id, []).append(entity_id)
        new: set[tuple[Kind, int, int]] = set()
        for actor_id, ids in unseen.items():
            old = [entity_id for entity_id in ids if (kind, entity_id) not in made]
            owned = (yield from plays.owned_among(kind, actor_id, old)) if old else set()
            new.update((kind, actor_id, entity_id) for entity_id in ids if entity_id not in owned)
            self._owned.keep(((kind, actor_id, entity_id), None) for entity_id in ids)
        yield from plays.count_plays(kind, [(*key, total, firsts[key]) for key, total in totals.items()])
        return new

    def unindex_play(self, actor_id: int, tid: int) -> Work[bool]:
        """Take a play out; False when there was none."""
        row = yield from plays.song_of_play(actor_id, tid)
        if row is None:
            return False
        yield from plays.delete_play(actor_id, tid)
        for kind, entity_id in zip(("song", "artist", "album"), row, strict=True):
            yield from plays.uncount_play(kind, actor_id, entity_id, tid)  # type: ignore[arg-type]
        return True

    def index_record(self, uri: str, _cid: str, record: RecordData) -> Work[bool]:
        """Index one scrobble record; idempotent on its URI. False when it changes nothing, or its play was deleted.

        Raises:
            InvalidScrobbleError: the record is no scrobble.
            LookupError: the repository's owner is unknown to the index.
        """
        where = parse_at_uri(uri)
        if where.collection != nsids.APP_ROCKSKY_SCROBBLE or where.rkey is None:
            return False
        actor_id = yield from actors.actor_id_of(where.authority)
        if actor_id is None:
            raise LookupError(f"the index has no actor {where.authority}")
        tid = tid_int(where.rkey)
        if (yield from plays.song_of_play(actor_id, tid)) is not None:
            return False
        play = IndexedPlay(actor_id, tid, play_facts(record))
        if (yield from record_keys.buried_among(where.authority, actor_id, [play])):
            return False
        yield from self.index_plays([play])
        return True
