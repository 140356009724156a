"""Reading plays and the catalogue back: ids first, then joins for the rows of the page."""

from __future__ import annotations

from typing import NamedTuple

from tonearm.index.engine import Row, Work, select
from tonearm.index.queries.actors import INACTIVE


class PlayView(NamedTuple):
    """A play with its song, album and listener, as history shows it."""

    actor_id: int
    tid: int
    song_id: int
    artist_id: int
    album_id: int
    title: str
    artist: str
    album: str
    album_artist: str
    duration_ms: int | None
    track_number: int | None
    disc_number: int | None
    mbid: str | None
    isrc: str | None
    genres: str | None
    cover_url: str | None
    did: str
    handle: str
    display_name: str | None
    avatar_url: str | None


_VIEW = (
    "SELECT p.actor_id, p.tid, s.song_id, s.artist_id, s.album_id, s.title, s.artist, s.album, s.album_artist, "
    "s.duration_ms, s.track_number, s.disc_number, s.mbid, s.isrc, s.genres, b.cover_url, a.did, a.handle, "
    "a.display_name, a.avatar_url FROM play p JOIN song s ON s.song_id = p.song_id "
    "JOIN album b ON b.album_id = s.album_id JOIN actor a ON a.actor_id = p.actor_id "
)


def plays_of(actor_id: int, before_tid: int, limit: int, offset: int) -> Work[list[PlayView]]:
    """An actor's plays before `before_tid`, latest first."""
    keys = yield select(
        "SELECT tid FROM play WHERE actor_id = $1 AND tid < $2 ORDER BY tid DESC LIMIT $3 OFFSET $4",
        actor_id,
        before_tid,
        limit,
        offset,
    )
    if not keys:
        return []
    rows = yield select(
        _VIEW + "WHERE p.actor_id = $1 AND p.tid <= $2 AND p.tid >= $3 ORDER BY p.tid DESC",
        actor_id,
        keys[0][0],
        keys[-1][0],
    )
    return [PlayView(*row) for row in rows]


def plays_of_all(before: tuple[int, int], limit: int, offset: int) -> Work[list[PlayView]]:
    """The plays of all active accounts before (tid, actor_id), latest first; equal times by actor."""
    keys = yield select(
        "SELECT tid, actor_id FROM play WHERE tid <= $1 AND (tid < $1 OR actor_id < $2) "
        f"AND actor_id NOT IN ({INACTIVE}) "
        "ORDER BY tid DESC, actor_id DESC LIMIT $3 OFFSET $4",
        before[0],
        before[1],
        limit,
        offset,
    )
    if not keys:
        return []
    (high, first_actor), (low, last_actor) = keys[0], keys[-1]
    rows = yield select(
        _VIEW + "WHERE p.tid <= $1 AND p.tid >= $2 AND (p.tid < $1 OR p.actor_id <= $3) "
        f"AND (p.tid > $2 OR p.actor_id >= $4) AND p.actor_id NOT IN ({INACTIVE}) "
        "ORDER BY p.tid DESC, p.actor_id DESC",
        high,
        low,
        first_actor,
        last_actor,
    )
    return [PlayView(*row) for row in rows]


def play_view(actor_id: int, tid: int) -> Work[PlayView | None]:
    """One play."""
    rows = yield select(_VIEW + "WHERE p.actor_id = $1 AND p.tid = $2", actor_id, tid)
    return PlayView(*rows[0]) if rows else None


class Counts(NamedTuple):
    """How often, by how many, and who was first (actor_id, tid) of those whose accounts are active."""

    plays: int
    listeners: int
    first_actor_id: int | None
    first_tid: int | None


def counts_of(kind: str, entity_id: int) -> Work[Counts]:
    """Counts of a song, artist or album over all actors."""
    rows = yield select(
        f"SELECT coalesce(sum(plays), 0), count(*) FROM actor_{kind} WHERE {kind}_id = $1 AND plays > 0", entity_id
    )
    first = yield select(
        f"SELECT actor_id, first_tid FROM actor_{kind} WHERE {kind}_id = $1 AND plays > 0 "
        f"AND actor_id NOT IN ({INACTIVE}) ORDER BY first_tid, actor_id LIMIT 1",
        entity_id,
    )
    plays, listeners = rows[0]
    return Counts(int(plays), listeners, *(first[0] if first else (None, None)))


class SongView(NamedTuple):
    """A song with its album's cover."""

    song_id: int
    artist_id: int
    album_id: int
    title: str
    artist: str
    album: str
    album_artist: str
    duration_ms: int | None
    track_number: int | None
    disc_number: int | None
    mbid: str | None
    isrc: str | None
    genres: str | None
    artists: str | None
    cover_url: str | None


_SONG = (
    "SELECT s.song_id, s.artist_id, s.album_id, s.title, s.artist, s.album, s.album_artist, s.duration_ms, "
    "s.track_number, s.disc_number, s.mbid, s.isrc, s.genres, s.artists, b.cover_url "
    "FROM song s JOIN album b ON b.album_id = s.album_id "
)


def song_by(column: str, value: int | str) -> Work[SongView | None]:
    """The song with this `song_id`, `mbid`, `isrc` or `spotify_id`; of several the one with the lowest id."""
    if column not in {"song_id", "mbid", "isrc", "spotify_id"}:
        raise ValueError(f"songs are not looked up by {column}")
    rows = yield select(f"{_SONG} WHERE s.{column} = $1 ORDER BY s.song_id LIMIT 1", value)
    return SongView(*rows[0]) if rows else None


def songs_of_album(album_id: int, limit: int) -> Work[list[SongView]]:
    """An album's songs in the order of disc and track; those without a number last, by title."""
    rows = yield select(
        _SONG + "WHERE s.album_id = $1 ORDER BY coalesce(s.disc_number, 1), s.track_number IS NULL, s.track_number, "
        "s.title, s.song_id LIMIT $2",
        album_id,
        limit,
    )
    return [SongView(*row) for row in rows]


def song_counts(song_ids: list[int]) -> Work[dict[int, tuple[int, int]]]:
    """(plays, listeners) of each song, in one statement."""
    rows = yield select(
        "SELECT song_id, sum(plays), count(*) FROM actor_song WHERE song_id = ANY($1) AND plays > 0 GROUP BY song_id",
        song_ids,
    )
    return {song_id: (int(plays), listeners) for song_id, plays, listeners in rows}


def album_by_id(album_id: int) -> Work[Row | None]:
    """(album_id, artist_id, title, artist_name, year, release_date, cover_url)."""
    rows = yield select(
        "SELECT album_id, artist_id, title, artist_name, year, release_date, cover_url FROM album WHERE album_id = $1",
        album_id,
    )
    return rows[0] if rows else None


def artist_by_id(artist_id: int) -> Work[Row | None]:
    """(artist_id, name, mbid, picture_url)."""
    rows = yield select("SELECT artist_id, name, mbid, picture_url FROM artist WHERE artist_id = $1", artist_id)
    return rows[0] if rows else None


def genres_of(column: str, entity_id: int) -> Work[list[str]]:
    """The genre lists (JSON) of an artist's or album's songs, the lowest song ids first, at most 200."""
    if column not in {"artist_id", "album_id"}:
        raise ValueError(f"genres are not gathered by {column}")
    rows = yield select(
        f"SELECT genres FROM song WHERE {column} = $1 AND genres IS NOT NULL ORDER BY song_id LIMIT 200", entity_id
    )
    return [genres for (genres,) in rows]


def maker_did(kind: str, entity_id: int) -> Work[str]:
    """The DID of the actor who brought a song (artist, album) into the catalogue, and has its record."""
    if kind not in {"song", "artist", "album"}:
        raise ValueError(f"there is no {kind} in the catalogue")
    rows = yield select(
        f"SELECT a.did FROM {kind} e JOIN actor a ON a.actor_id = e.made_by WHERE e.{kind}_id = $1", entity_id
    )
    did: str = rows[0][0]
    return did
