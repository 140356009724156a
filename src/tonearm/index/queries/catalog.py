"""The catalogue: songs, albums and artists by id, and adding to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.index.engine import Row, Work, execute_many, select

if TYPE_CHECKING:
    from collections.abc import Sequence


def songs_among(ids: list[int]) -> Work[list[Row]]:
    """Those songs of `ids` that are there.

    Rows of (song_id, made_by, title, artist, album, duration_ms, track_number, disc_number, mbid, isrc, spotify_id).
    """
    return (
        yield select(
            "SELECT song_id, made_by, title, artist, album, duration_ms, track_number, disc_number, mbid, isrc, "
            "spotify_id "
            "FROM song WHERE song_id = ANY($1)",
            ids,
        )
    )


def albums_among(ids: list[int]) -> Work[list[Row]]:
    """(album_id, made_by, title, artist_name, year, release_date, cover_url, assumed) of those there."""
    return (
        yield select(
            "SELECT album_id, made_by, title, artist_name, year, release_date, cover_url, assumed "
            "FROM album WHERE album_id = ANY($1)",
            ids,
        )
    )


def artists_among(ids: list[int]) -> Work[list[Row]]:
    """(artist_id, made_by, name, picture_url) of those there."""
    return (yield select("SELECT artist_id, made_by, name, picture_url FROM artist WHERE artist_id = ANY($1)", ids))


def insert_songs(rows: Sequence[Sequence[object]]) -> Work[None]:
    """Add songs, in the order of the table's columns. One that is there stays as it is."""
    yield execute_many(
        "INSERT INTO song VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) "
        "ON CONFLICT DO NOTHING",
        rows,
    )


def insert_albums(rows: Sequence[Sequence[object]]) -> Work[None]:
    """Add albums, in the order of the table's columns. One that is there stays as it is."""
    yield execute_many("INSERT INTO album VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING", rows)


def insert_artists(rows: Sequence[Sequence[object]]) -> Work[None]:
    """Add artists, in the order of the table's columns. One that is there stays as it is."""
    yield execute_many("INSERT INTO artist VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING", rows)


def complete_songs(rows: Sequence[Sequence[object]]) -> Work[None]:
    """Fill what was unknown: rows of (song_id, duration_ms, track_number, disc_number, mbid, isrc, spotify_id)."""
    yield execute_many(
        "UPDATE song SET duration_ms = coalesce(duration_ms, $2), track_number = coalesce(track_number, $3), "
        "disc_number = coalesce(disc_number, $4), mbid = coalesce(mbid, $5), isrc = coalesce(isrc, $6), "
        "spotify_id = coalesce(spotify_id, $7) "
        "WHERE song_id = $1",
        rows,
    )


def complete_albums(rows: Sequence[tuple[int, int | None, str | None, str | None]]) -> Work[None]:
    """Fill what was unknown: rows of (album_id, year, release_date, cover_url)."""
    yield execute_many(
        "UPDATE album SET year = coalesce(year, $2), release_date = coalesce(release_date, $3), "
        "cover_url = coalesce(cover_url, $4) WHERE album_id = $1",
        rows,
    )


def confirm_albums(rows: Sequence[tuple[int]]) -> Work[None]:
    """A play has named these albums: they are no longer assumed."""
    yield execute_many("UPDATE album SET assumed = 0 WHERE album_id = $1", rows)


def complete_artists(rows: Sequence[tuple[int, str]]) -> Work[None]:
    """Fill what was unknown: rows of (artist_id, picture_url)."""
    yield execute_many("UPDATE artist SET picture_url = coalesce(picture_url, $2) WHERE artist_id = $1", rows)
