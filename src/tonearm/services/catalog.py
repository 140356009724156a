"""The shared catalogue: which songs, albums and artists the index has, and adding those that plays bring.

`Catalog` remembers what it has seen (bounded), so that a play of a known song costs no look-up. It is consulted and
changed by the writer only, inside its unit of work; what it learns in a transaction that fails must be forgotten
(`forget`). A row is made by the first actor who plays it; only that actor's later plays complete it (invariant 10), and
of several values for one field the first stays. Anybody may confirm that an assumed album is one, and no more.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar, cast

from tonearm.index.queries import catalog as rows_of
from tonearm.services.identity_hash import album_identity, artist_identity, song_identity
from tonearm.services.records import known_bits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tonearm.index.engine import Row, Work
    from tonearm.services.records import Entity, PlayFacts

K = TypeVar("K")
V = TypeVar("V")

Kind = Literal["song", "artist", "album"]
REMEMBERED = 1_500


class Bounded(dict[K, V]):
    """A dictionary that drops its oldest entries when it grows past `limit`."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def keep(self, items: Iterable[tuple[K, V]]) -> None:
        """Add items, then drop the oldest tenth if there are too many."""
        self.update(items)
        if len(self) > self._limit:
            for key in list(self)[: len(self) - self._limit + self._limit // 10]:
                del self[key]


class Known(NamedTuple):
    """What is remembered of a row: whose identity it has, who made it, which of its fields are empty."""

    identity: str
    made_by: int
    missing: int


class Wanted(NamedTuple):
    """A play that makes or completes a row: the row's identity, the actor, the play's facts, which fields it knows."""

    identity: str
    actor_id: int
    facts: PlayFacts
    has: int


class Fill(NamedTuple):
    """What a play adds to a row that is there: the row's id, the play's facts, which empty fields they fill."""

    entity_id: int
    facts: PlayFacts
    fields: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """How one kind of row is read, made and completed. `open_fields` are those that anybody may fill."""

    kind: Kind
    among: Callable[[list[int]], Work[list[Row]]]
    insert: Callable[[Sequence[Sequence[object]]], Work[None]]
    complete: Callable[[Sequence[Fill]], Work[None]]
    identity_of_row: Callable[[Row], str]
    values_of_row: Callable[[Row], tuple[object, ...]]
    row: Callable[[int, Wanted, Callable[[Kind, Entity], int]], Sequence[object]]
    open_fields: int = 0


_ALBUM_NAMED = 1 << 3


def _song_values(facts: PlayFacts) -> tuple[object, ...]:
    return (facts.duration_ms, facts.track_number, facts.disc_number, facts.mbid, facts.isrc, facts.spotify_id)


def _complete_songs(fills: Sequence[Fill]) -> Work[None]:
    yield from rows_of.complete_songs([(fill.entity_id, *_song_values(fill.facts)) for fill in fills])


def _complete_albums(fills: Sequence[Fill]) -> Work[None]:
    known = [(fill.entity_id, fill.facts) for fill in fills if fill.fields & ~_ALBUM_NAMED]
    named = [(fill.entity_id,) for fill in fills if fill.fields & _ALBUM_NAMED]
    if known:
        rows = [(album_id, facts.year, facts.release_date, facts.cover_url) for album_id, facts in known]
        yield from rows_of.complete_albums(rows)
    if named:
        yield from rows_of.confirm_albums(named)


def _complete_artists(fills: Sequence[Fill]) -> Work[None]:
    pictures = [(fill.entity_id, url) for fill in fills if (url := fill.facts.picture_url)]
    yield from rows_of.complete_artists(pictures)


def _song_row(song_id: int, wanted: Wanted, id_of: Callable[[Kind, Entity], int]) -> Sequence[object]:
    facts = wanted.facts
    return (
        song_id,
        id_of("artist", facts.entities.artist),
        id_of("album", facts.entities.album),
        facts.title,
        facts.artist,
        facts.album,
        facts.album_artist,
        *_song_values(facts),
        json.dumps(facts.genres, ensure_ascii=False) if facts.genres else None,
        json.dumps([[a.name, a.mbid] for a in facts.artists], ensure_ascii=False) if facts.artists else None,
        wanted.actor_id,
    )


def _album_row(album_id: int, wanted: Wanted, id_of: Callable[[Kind, Entity], int]) -> Sequence[object]:
    facts = wanted.facts
    return (
        album_id,
        id_of("artist", facts.entities.artist),
        facts.album,
        facts.album_artist,
        facts.year,
        facts.release_date,
        facts.cover_url,
        0 if facts.album_known else 1,
        wanted.actor_id,
    )


def _artist_row(artist_id: int, wanted: Wanted, _id_of: Callable[[Kind, Entity], int]) -> Sequence[object]:
    facts = wanted.facts
    return (artist_id, facts.album_artist, None, facts.picture_url, wanted.actor_id)


SHELVES: tuple[Shelf, ...] = (
    Shelf(
        kind="artist",
        among=rows_of.artists_among,
        insert=rows_of.insert_artists,
        complete=_complete_artists,
        identity_of_row=lambda row: artist_identity(row[2]),
        values_of_row=lambda row: (row[3],),
        row=_artist_row,
    ),
    Shelf(
        kind="album",
        among=rows_of.albums_among,
        insert=rows_of.insert_albums,
        complete=_complete_albums,
        identity_of_row=lambda row: album_identity(row[2], row[3]),
        values_of_row=lambda row: (row[4], row[5], row[6], None if row[7] else True),
        row=_album_row,
        open_fields=_ALBUM_NAMED,
    ),
    Shelf(
        kind="song",
        among=rows_of.songs_among,
        insert=rows_of.insert_songs,
        complete=_complete_songs,
        identity_of_row=lambda row: song_identity(row[2], row[3], row[4]),
        values_of_row=lambda row: tuple(row[5:11]),
        row=_song_row,
    ),
)


class Catalog:
    """The catalogue as the writer sees it."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._known: dict[Kind, Bounded[int, Known]] = {shelf.kind: Bounded(remembered) for shelf in SHELVES}
        self._moved: dict[tuple[Kind, str], int] = {}

    def forget(self) -> None:
        """Drop all that is remembered: a transaction failed, or another process changed the rows."""
        for known in self._known.values():
            known.clear()
        self._moved.clear()

    def id_of(self, kind: Kind, entity: Entity) -> int:
        """The id of an identity: its natural one, unless another identity has taken that."""
        return self._moved.get((kind, entity.identity), entity.natural_id) if self._moved else entity.natural_id

    def ids_of(self, facts: PlayFacts) -> tuple[int, int, int]:
        """(song_id, artist_id, album_id) of a play that `place` has seen."""
        artist, album, song = facts.entities
        if not self._moved:
            return song.natural_id, artist.natural_id, album.natural_id
        return self.id_of("song", song), self.id_of("artist", artist), self.id_of("album", album)

    def place(self, plays: Sequence[tuple[int, PlayFacts]]) -> Work[set[tuple[Kind, int]]]:
        """Make sure of the artist, album and song of each (actor_id, facts), completing rows that the actor made.

        Answers the (kind, id) of the rows that were made: nobody has had these before.
        Plays that are placed together come to the same as one after the other.
        """
        made: set[tuple[Kind, int]] = set()
        for position, shelf in enumerate(SHELVES):
            wanted: dict[str, list[Wanted]] = {}
            ids: dict[str, int] = {}
            rows = self._known[shelf.kind]
            for actor_id, facts in plays:
                entity = facts.entities[position]
                natural_id, identity, has = entity
                row = rows.get(self.id_of(shelf.kind, entity) if self._moved else natural_id)
                if row is not None and row.identity == identity:
                    fields = has & row.missing
                    if not fields or (row.made_by != actor_id and not fields & shelf.open_fields):
                        continue
                before = wanted.get(identity)
                if before is None:
                    wanted[identity] = [Wanted(identity, actor_id, facts, has)]
                    ids[identity] = natural_id
                elif has & ~_brought(before, actor_id):
                    before.append(Wanted(identity, actor_id, facts, has))
            if wanted:
                made.update((shelf.kind, made_id) for made_id in (yield from self._place(shelf, wanted, ids)))
        return made

    def _place(self, shelf: Shelf, wanted: dict[str, list[Wanted]], ids: dict[str, int]) -> Work[list[int]]:
        made: list[int] = []
        while ids:
            rows = yield from shelf.among(sorted(set(ids.values())))
            taken = {row[0]: (shelf.identity_of_row(row), row) for row in rows}
            makes: list[Sequence[object]] = []
            fills: list[Fill] = []
            entries: list[tuple[int, Known]] = []
            moved: dict[str, int] = {}
            for identity, entity_id in ids.items():
                wants = wanted[identity]
                holder, row = taken.get(entity_id, (None, ()))
                if holder is None:
                    first, *wants = wants
                    makes.append(shelf.row(entity_id, first, self.id_of))
                    taken[entity_id] = (identity, ())
                    entry = Known(identity, first.actor_id, ~first.has)
                elif holder == identity:
                    entry = Known(identity, row[1], ~known_bits(shelf.values_of_row(row)))
                else:
                    moved[identity] = entity_id + 1
                    self._moved[shelf.kind, identity] = entity_id + 1
                    continue
                for want in wants:
                    if fields := _fills(entry, want, shelf):
                        fills.append(Fill(entity_id, want.facts, fields))
                        entry = entry._replace(missing=entry.missing & ~fields)
                entries.append((entity_id, entry))
            self._known[shelf.kind].keep(entries)
            if makes:
                yield from shelf.insert(makes)
                made += [cast("int", row[0]) for row in makes]
            if fills:
                yield from shelf.complete(fills)
            ids = moved
        return made


def _fills(known: Known, want: Wanted, shelf: Shelf) -> int:
    """Which empty fields of a row a play fills: all that it knows if its actor made the row, else the open ones."""
    fields = want.has & known.missing
    return fields if known.made_by == want.actor_id else fields & shelf.open_fields


def _brought(wanted: list[Wanted], actor_id: int) -> int:
    """Which fields an actor's plays have brought already."""
    fields = 0
    for want in wanted:
        if want.actor_id == actor_id:
            fields |= want.has
    return fields
