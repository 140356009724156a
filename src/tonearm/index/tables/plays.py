"""Plays, the submissions behind them, and what each actor has of the catalogue."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import Index
from sqlmodel import Field

from tonearm.index.tables.columns import BYTES, WITHOUT_ROWID, Table, int64, key64, optional_int64


class Journal(Table, table=True):
    """A submission as it came, without credentials. Never changed, never deleted by the product.

    `outcome` is `stored`, `duplicate` or `deleted` (a tombstone stands against it); `reason` says why. `tid` is the
    record key of the play that it became or repeats, as it was then; that of a play's own submission follows the play
    when it has to move to another key.
    """

    __tablename__ = "journal"
    journal_id: int = key64()
    actor_id: int = int64()
    received_at: int = int64()
    source: str
    raw: bytes = Field(sa_type=BYTES)
    outcome: str
    reason: str
    tid: int = int64()


class Idempotency(Table, table=True):
    """The `Idempotency-Key`s that an actor has used, each with the record key that its play has now."""

    __tablename__ = "idempotency"
    __table_args__: ClassVar = WITHOUT_ROWID
    actor_id: int = key64()
    idempotency_key: str = Field(primary_key=True)
    tid: int = int64()


class Play(Table, table=True):
    """One play. Its time is in its TID; `mbid` and `isrc` are those that the submission named, for deduplication."""

    __tablename__ = "play"
    __table_args__: ClassVar = (Index("play_by_time", "tid"), WITHOUT_ROWID)
    actor_id: int = key64()
    tid: int = key64()
    song_id: int = int64()
    mbid: str | None = None
    isrc: str | None = None
    journal_id: int | None = optional_int64()


class Tombstone(Table, table=True):
    """A deleted play, by the record key that its submission leads to (invariant 9), wherever its own record was."""

    __tablename__ = "tombstone"
    __table_args__: ClassVar = WITHOUT_ROWID
    actor_id: int = key64()
    tid: int = key64()
    created_at: int = int64()


class ActorSong(Table, table=True):
    """An actor's song: its record is in their repository (or on its way), and how often it was played.

    The key begins with the song, so that one b-tree answers both who has it and whether an actor has it.
    """

    __tablename__ = "actor_song"
    __table_args__: ClassVar = WITHOUT_ROWID
    song_id: int = key64()
    actor_id: int = key64()
    plays: int = int64()
    first_tid: int = int64()


class ActorArtist(Table, table=True):
    """An actor's artist, as `ActorSong`."""

    __tablename__ = "actor_artist"
    __table_args__: ClassVar = WITHOUT_ROWID
    artist_id: int = key64()
    actor_id: int = key64()
    plays: int = int64()
    first_tid: int = int64()


class ActorAlbum(Table, table=True):
    """An actor's album, as `ActorSong`."""

    __tablename__ = "actor_album"
    __table_args__: ClassVar = WITHOUT_ROWID
    album_id: int = key64()
    actor_id: int = key64()
    plays: int = int64()
    first_tid: int = int64()
