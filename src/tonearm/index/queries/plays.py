"""Plays: those around a time (for deduplication), and putting them in and taking them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from tonearm.index.engine import Row, Work, execute, execute_many, select

if TYPE_CHECKING:
    from collections.abc import Sequence

SECOND_OF_TIDS = 1_000_000 << 10


class PlayRow(NamedTuple):
    """One row of `play`, in the order of its columns."""

    actor_id: int
    tid: int
    song_id: int
    mbid: str | None
    isrc: str | None
    journal_id: int | None


_KNOWN = "p.tid, p.song_id, p.mbid, p.isrc, s.duration_ms"


def plays_within_seconds(actor_id: int, first_tids: list[int]) -> Work[list[Row]]:
    """(tid, song_id, mbid, isrc, None) of an actor's plays in each of the seconds that begin at `first_tids`."""
    if len(first_tids) == 1:
        return (
            yield select(
                "SELECT tid, song_id, mbid, isrc, NULL FROM play WHERE actor_id = $1 AND tid >= $2 AND tid < $3",
                actor_id,
                first_tids[0],
                first_tids[0] + SECOND_OF_TIDS,
            )
        )
    return (
        yield select(
            "SELECT p.tid, p.song_id, p.mbid, p.isrc, NULL FROM unnest($2::bigint[]) AS v(value) CROSS JOIN play p "
            f"WHERE p.actor_id = $1 AND p.tid >= v.value AND p.tid < v.value + {SECOND_OF_TIDS}",
            actor_id,
            first_tids,
        )
    )


def plays_like(
    actor_id: int, first_tid: int, end_tid: int, song_ids: list[int], mbids: list[str], isrcs: list[str]
) -> Work[list[Row]]:
    """(tid, song_id, mbid, isrc, duration_ms) of an actor's plays of these identities in first_tid <= tid < end_tid."""
    return (
        yield select(
            f"SELECT {_KNOWN} FROM play p JOIN song s ON s.song_id = p.song_id "
            "WHERE p.actor_id = $1 AND p.tid >= $2 AND p.tid < $3 "
            "AND (p.song_id = ANY($4) OR p.mbid = ANY($5) OR p.isrc = ANY($6))",
            actor_id,
            first_tid,
            end_tid,
            song_ids,
            mbids,
            isrcs,
        )
    )


def tombstones_among(actor_id: int, tids: list[int]) -> Work[set[int]]:
    """Those of an actor's record keys that a tombstone stands against."""
    rows = yield select("SELECT tid FROM tombstone WHERE actor_id = $1 AND tid = ANY($2)", actor_id, tids)
    return {tid for (tid,) in rows}


def tids_from(actor_id: int, after_tid: int, limit: int) -> Work[list[Row]]:
    """(tid,) of an actor's plays after `after_tid`, in the order of time."""
    return (
        yield select(
            "SELECT tid FROM play WHERE actor_id = $1 AND tid > $2 ORDER BY tid LIMIT $3", actor_id, after_tid, limit
        )
    )


def insert_plays(rows: Sequence[PlayRow]) -> Work[None]:
    """Put plays in that are known to be new."""
    yield execute_many("INSERT INTO play VALUES ($1, $2, $3, $4, $5, $6)", rows)


def delete_play(actor_id: int, tid: int) -> Work[None]:
    """Take one play out."""
    yield execute("DELETE FROM play WHERE actor_id = $1 AND tid = $2", actor_id, tid)


def move_play(actor_id: int, tid: int, new_tid: int) -> Work[int | None]:
    """Give a play another record key. Answers its journal_id; None when there is no play, or it came by a reindex."""
    rows = yield execute(
        "UPDATE play SET tid = $3 WHERE actor_id = $1 AND tid = $2 RETURNING journal_id", actor_id, tid, new_tid
    )
    return rows[0][0] if rows else None


def insert_tombstone(actor_id: int, tid: int, created_at: int) -> Work[None]:
    """Keep a deleted play from coming back."""
    yield execute("INSERT INTO tombstone VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", actor_id, tid, created_at)


def delete_tombstone(actor_id: int, tid: int) -> Work[None]:
    """Let a play live that was deleted before."""
    yield execute("DELETE FROM tombstone WHERE actor_id = $1 AND tid = $2", actor_id, tid)


Kind = Literal["song", "artist", "album"]


def owned_among(kind: Kind, actor_id: int, ids: list[int]) -> Work[set[int]]:
    """Those songs (artists, albums) that the actor has already, of `ids`."""
    rows = yield select(
        f"SELECT {kind}_id FROM actor_{kind} WHERE actor_id = $1 AND {kind}_id = ANY($2)", actor_id, ids
    )
    return {entity_id for (entity_id,) in rows}


def count_plays(kind: Kind, rows: Sequence[tuple[int, int, int, int]]) -> Work[None]:
    """Add plays to what actors have of songs (artists, albums): rows of (actor_id, id, plays, first_tid)."""
    table = f"actor_{kind}"
    yield execute_many(
        f"INSERT INTO {table} (actor_id, {kind}_id, plays, first_tid) VALUES ($1, $2, $3, $4) "
        f"ON CONFLICT ({kind}_id, actor_id) DO UPDATE SET "
        f"plays = {table}.plays + excluded.plays, first_tid = CASE WHEN {table}.plays = 0 OR excluded.first_tid < "
        f"{table}.first_tid THEN excluded.first_tid ELSE {table}.first_tid END",
        rows,
    )


_FIRST = {
    "song": "SELECT min(p.tid) FROM play p WHERE p.actor_id = $1 AND p.song_id = $2",
    "artist": "SELECT min(p.tid) FROM play p JOIN song s ON s.song_id = p.song_id "
    "WHERE p.actor_id = $1 AND s.artist_id = $2",
    "album": "SELECT min(p.tid) FROM play p JOIN song s ON s.song_id = p.song_id "
    "WHERE p.actor_id = $1 AND s.album_id = $2",
}


def uncount_play(kind: Kind, actor_id: int, entity_id: int, tid: int) -> Work[None]:
    """Take a play off, after `delete_play`: when it was the first, the next one becomes the first."""
    yield execute(
        f"UPDATE actor_{kind} SET plays = plays - 1, first_tid = CASE WHEN first_tid = $3 THEN "
        f"coalesce(({_FIRST[kind]}), first_tid) ELSE first_tid END WHERE actor_id = $1 AND {kind}_id = $2",
        actor_id,
        entity_id,
        tid,
    )


def move_first_play(kind: Kind, actor_id: int, entity_id: int, tid: int, new_tid: int) -> Work[None]:
    """Put right which play is the first, after `move_play`: no play outside the two keys can have become it."""
    yield execute(
        f"UPDATE actor_{kind} SET first_tid = ({_FIRST[kind]} AND p.tid >= $5 AND p.tid <= $6) "
        f"WHERE actor_id = $1 AND {kind}_id = $2 AND (first_tid = $3 OR first_tid > $4)",
        actor_id,
        entity_id,
        tid,
        new_tid,
        min(tid, new_tid),
        max(tid, new_tid),
    )


def song_of_play(actor_id: int, tid: int) -> Work[Row | None]:
    """(song_id, artist_id, album_id) of one play."""
    rows = yield select(
        "SELECT s.song_id, s.artist_id, s.album_id FROM play p JOIN song s ON s.song_id = p.song_id "
        "WHERE p.actor_id = $1 AND p.tid = $2",
        actor_id,
        tid,
    )
    return rows[0] if rows else None


def plays_among(actor_id: int, tids: list[int]) -> Work[set[int]]:
    """Those of an actor's record keys that are plays in the index."""
    rows = yield select("SELECT tid FROM play WHERE actor_id = $1 AND tid = ANY($2)", actor_id, tids)
    return {tid for (tid,) in rows}


def submissions_of(actor_id: int, tids: list[int]) -> Work[dict[int, int]]:
    """The journal's numbers behind those of an actor's plays that a submission stands behind."""
    rows = yield select(
        "SELECT tid, journal_id FROM play WHERE actor_id = $1 AND tid = ANY($2) AND journal_id IS NOT NULL",
        actor_id,
        tids,
    )
    return dict(rows)
