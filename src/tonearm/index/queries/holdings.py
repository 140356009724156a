"""What we hold of one actor, for the archive that they may download: everything but secrets.

Pages are keyed by the id that tells an actor's rows apart, so that an archive holds no snapshot and little memory.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tonearm.index.engine import Row, Work, select
from tonearm.index.queries.erasing import BULK, BY_WRITE, TEXT_IDS


class Listing(NamedTuple):
    """A table of any size. `page_rows` of its rows are held at once; `columns` name them, the first is the key."""

    table: str
    page_rows: int
    columns: tuple[str, ...]
    sql: str


def _counts(kind: str, columns: str) -> str:
    return (
        f"SELECT t.{kind}_id, {columns}, t.plays, t.first_tid FROM actor_{kind} t "
        f"JOIN {kind} e ON e.{kind}_id = t.{kind}_id"
    )


PLAYS = Listing(
    "play",
    500,
    ("tid", "title", "artist", "album", "album_artist", "duration_ms", "mbid", "isrc", "journal_id"),
    "SELECT t.tid, s.title, s.artist, s.album, s.album_artist, s.duration_ms, t.mbid, t.isrc, t.journal_id FROM play t "
    "JOIN song s ON s.song_id = t.song_id",
)
SONGS = Listing(
    "actor_song",
    500,
    ("song_id", "title", "artist", "album", "plays", "first_tid"),
    _counts("song", "e.title, e.artist, e.album"),
)
ARTISTS = Listing("actor_artist", 500, ("artist_id", "name", "plays", "first_tid"), _counts("artist", "e.name"))
ALBUMS = Listing(
    "actor_album",
    500,
    ("album_id", "title", "artist", "plays", "first_tid"),
    _counts("album", "e.title, e.artist_name"),
)
JOURNAL = Listing(
    "journal",
    32,
    ("journal_id", "received_at", "source", "raw", "outcome", "reason", "tid"),
    "SELECT t.journal_id, t.received_at, t.source, t.raw, t.outcome, t.reason, t.tid FROM journal t",
)
QUEUE = Listing(
    "outbox",
    32,
    ("write_id", "action", "collection", "rkey", "record", "refused", "attempts", "tried_at", "reason", "message"),
    "SELECT t.write_id, w.action, w.collection, w.rkey, w.record, t.refused, t.attempts, t.tried_at, t.reason, "
    "t.message FROM outbox t JOIN repo_write w ON w.write_id = t.write_id",
)
WRITES = Listing(
    "repo_write",
    32,
    ("write_id", "action", "collection", "rkey", "cid", "record", "journal_id"),
    "SELECT t.write_id, t.action, t.collection, t.rkey, t.cid, t.record, t.journal_id FROM repo_write t",
)
CONFIRMED = Listing(
    "event",
    500,
    ("seq", "write_id", "rev", "confirmed_at"),
    "SELECT t.seq, t.write_id, t.rev, t.confirmed_at FROM event t JOIN repo_write w ON w.write_id = t.write_id",
)
MOVED = Listing(
    "moved_play", 500, ("tid", "new_tid", "rekeyed"), "SELECT t.tid, t.new_tid, t.rekeyed FROM moved_play t"
)
DELETED = Listing("tombstone", 500, ("tid", "created_at"), "SELECT t.tid, t.created_at FROM tombstone t")
CLIENT_KEYS = Listing(
    "idempotency", 500, ("idempotency_key", "tid"), "SELECT t.idempotency_key, t.tid FROM idempotency t"
)


def page(listing: Listing, actor_id: int, after: Any) -> Work[list[Row]]:
    """The next rows of a listing after the key `after`; None for the first."""
    key, owner = f"t.{BULK[listing.table]}", "w" if listing.table in BY_WRITE else "t"
    lowest = "" if listing.table in TEXT_IDS else -(1 << 63)
    return (
        yield select(
            f"{listing.sql} WHERE {owner}.actor_id = $1 AND {key} > $2 ORDER BY {key} LIMIT {listing.page_rows:d}",
            actor_id,
            lowest if after is None else after,
        )
    )


FEW: dict[str, tuple[str, ...]] = {
    "api_token": ("label", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at"),
    "player_key": ("name", "description", "enabled", "created_at", "last_used_at"),
    "login_session": ("kind", "label", "agent", "address", "scopes", "created_at", "last_used_at", "expires_at"),
    "remote_login": ("updated_at",),
    "oauth_session": ("created_at", "updated_at"),
    "outbox_actor": ("due_at", "failures", "waiting_for_login", "reason", "message"),
    "actor": ("did", "handle", "display_name", "avatar_url", "created_at", "updated_at", "profile_at"),
    "account": ("name", "role", "state", "pds_url", "created_at"),
    "account_move": (
        "from_did",
        "from_handle",
        "to_did",
        "to_handle",
        "pds_url",
        "state",
        "total",
        "looked_at",
        "copied",
    ),
    "former_identity": ("did", "handle", "moved_at"),
    "account_deletion": ("records", "stage", "done", "total", "note", "asked_at"),
}
"""Tables with few rows of an actor, each with the columns that are no secrets."""


def few(table: str, actor_id: int) -> Work[list[dict[str, Any]]]:
    """An actor's rows of a table of `FEW`."""
    columns = FEW[table]
    rows = yield select(f"SELECT {', '.join(columns)} FROM {table} WHERE actor_id = $1", actor_id)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def has_password(actor_id: int) -> Work[bool]:
    """Whether an account can be logged in to with a password of its own."""
    return bool((yield select("SELECT 1 FROM account WHERE actor_id = $1 AND password_hash IS NOT NULL", actor_id)))
