"""What was played: songs, albums and artists, shared by all actors.

A row is made by the first who plays it (`made_by`); another actor's records never change it (invariant 10).
"""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import Field

from tonearm.index.tables.columns import INT64, Table, int64, key64, optional_int64, where_known


class Artist(Table, table=True):
    """An artist in the sense of albums: the identity is the album artist's name."""

    __tablename__ = "artist"
    artist_id: int = key64()
    name: str
    mbid: str | None = None
    picture_url: str | None = None
    made_by: int = int64()


class Album(Table, table=True):
    """An album. `assumed` is 1 while it is known only as the stand-in of plays that named no album."""

    __tablename__ = "album"
    album_id: int = key64()
    artist_id: int = int64()
    title: str
    artist_name: str
    year: int | None = optional_int64()
    release_date: str | None = None
    cover_url: str | None = None
    assumed: int = int64(default=0)
    made_by: int = int64()


class Song(Table, table=True):
    """A song on an album. `album_id` is the stand-in's when no play named an album; `duration_ms` NULL is unknown."""

    __tablename__ = "song"
    __table_args__: ClassVar = tuple(where_known(f"ix_song_{name}", name) for name in ("mbid", "isrc", "spotify_id"))
    song_id: int = key64()
    artist_id: int = int64()
    album_id: int = Field(sa_type=INT64, index=True)
    title: str
    artist: str
    album: str
    album_artist: str
    duration_ms: int | None = optional_int64()
    track_number: int | None = optional_int64()
    disc_number: int | None = optional_int64()
    mbid: str | None = None
    isrc: str | None = None
    spotify_id: str | None = None
    genres: str | None = None
    artists: str | None = None
    made_by: int = int64()
