"""The shared catalogue: which songs, albums and artists the index has, and adding those that plays bring.

`Catalog` remembers what it has seen (bounded), so that a play of a known song costs no look-up. It is consulted and
changed by the writer only, inside its unit of work; what it learns in a transaction that fails must be forgotten
(`forget`). A row is made by the first actor who plays it; only that actor's later plays complete it (invariant 10).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

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
REMEMBERED = 4_000


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
    """A row that a play needs: its identity, the actor, the play's facts, which fields it knows."""

    identity: str
    actor_id: int
    facts: PlayFacts
    has: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """How one kind of row is read, made and completed."""

    kind: Kind
    among: Callable[[list[int]], Work[list[Row]]]
    insert: Callable[[Sequence[Sequence[object]]], Work[None]]
    complete: Callable[[int, PlayFacts], Work[None]]
    identity_of_row: Callable[[Row], str]
    values_of_row: Callable[[Row], tuple[object, ...]]
    row: Callable[[int, Wanted, Callable[[Kind, Entity], int]], Sequence[object]]


def _song_values(facts: PlayFacts) -> tuple[object, ...]:
    return (facts.duration_ms, facts.track_number, facts.disc_number, facts.mbid, facts.isrc, facts.spotify_id)


def _complete_song(song_id: int, facts: PlayFacts) -> Work[None]:
    yield from rows_of.complete_songs([(song_id, *_song_values(facts))])


def _complete_album(album_id: int, facts: PlayFacts) -> Work[None]:
    yield from rows_of.complete_albums([(album_id, facts.year, facts.release_date, facts.cover_url)])
    if facts.album_known:
        yield from rows_of.confirm_albums([(album_id,)])


def _complete_artist(artist_id: int, facts: PlayFacts) -> Work[None]:
    if facts.picture_url:
        yield from rows_of.complete_artists([(artist_id, facts.picture_url)])


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
        complete=_complete_artist,
        identity_of_row=lambda row: artist_identity(row[2]),
        values_of_row=lambda row: (row[3],),
        row=_artist_row,
    ),
    Shelf(
        kind="album",
        among=rows_of.albums_among,
        insert=rows_of.insert_albums,
        complete=_complete_album,
        identity_of_row=lambda row: album_identity(row[2], row[3]),
        values_of_row=lambda row: (row[4], row[5], row[6], None if row[7] else True),
        row=_album_row,
    ),
    Shelf(
        kind="song",
        among=rows_of.songs_among,
        insert=rows_of.insert_songs,
        complete=_complete_song,
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

    def place(self, plays: Sequence[tuple[int, PlayFacts]]) -> Work[None]:
        """Make sure of the artist, album and song of each (actor_id, facts), completing rows that the actor made."""
        for position, shelf in enumerate(SHELVES):
            wanted: dict[str, Wanted] = {}
            ids: dict[str, int] = {}
            rows = self._known[shelf.kind]
            for actor_id, facts in plays:
                entity = facts.entities[position]
                natural_id, identity, has = entity
                row = rows.get(self.id_of(shelf.kind, entity) if self._moved else natural_id)
                if row is not None and row.identity == identity:
                    fills = has & row.missing
                    if not fills or not _completes(row, actor_id, fills, shelf):
                        continue
                present = wanted.get(identity)
                if present is None or (present.actor_id == actor_id and present.has | has != present.has):
                    wanted[identity] = Wanted(identity, actor_id, facts, has)
                    ids[identity] = natural_id
            if wanted:
                yield from self._place(shelf, wanted, ids)

    def _place(self, shelf: Shelf, wanted: dict[str, Wanted], ids: dict[str, int]) -> Work[None]:
        known = self._known[shelf.kind]
        while ids:
            rows = yield from shelf.among(sorted(set(ids.values())))
            taken = {row[0]: (shelf.identity_of_row(row), row) for row in rows}
            makes: list[Sequence[object]] = []
            moved: dict[str, int] = {}
            for identity, entity_id in ids.items():
                want = wanted[identity]
                holder, row = taken.get(entity_id, (None, None))
                if holder is None:
                    makes.append(shelf.row(entity_id, want, self.id_of))
                    taken[entity_id] = (identity, (entity_id, want.actor_id))
                    known.keep([(entity_id, Known(identity, want.actor_id, ~want.has))])
                elif holder != identity:
                    moved[identity] = entity_id + 1
                    self._moved[shelf.kind, identity] = entity_id + 1
                elif row is not None and len(row) > 2:
                    entry = Known(identity, row[1], ~known_bits(shelf.values_of_row(row)))
                    if _completes(entry, want.actor_id, want.has & entry.missing, shelf):
                        yield from shelf.complete(entity_id, want.facts)
                        entry = entry._replace(missing=entry.missing & ~want.has)
                    known.keep([(entity_id, entry)])
            if makes:
                yield from shelf.insert(makes)
            ids = moved


_ALBUM_NAMED = 1 << 3


def _completes(known: Known, actor_id: int, fills: int, shelf: Shelf) -> bool:
    """Whether a play may fill the empty fields `fills`: its actor made the row, or it first names the album."""
    return fills != 0 and (known.made_by == actor_id or (shelf.kind == "album" and fills & _ALBUM_NAMED != 0))
