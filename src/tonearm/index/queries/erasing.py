"""Removing all rows of one actor, and the state of the deletions that do it.

`BULK` and `SMALL` name every table that holds anything of an actor; a test compares them with the tables that there
are. Ids are looked up by a read, and removed by their keys: on a table without an index by actor, which is scanned, no
writer waits meanwhile.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tonearm.index.engine import Work, execute, select

BULK: dict[str, str] = {
    "play": "tid",
    "actor_song": "song_id",
    "actor_artist": "artist_id",
    "actor_album": "album_id",
    "outbox": "write_id",
    "event": "seq",
    "repo_write": "write_id",
    "journal": "journal_id",
    "tombstone": "tid",
    "idempotency": "idempotency_key",
    "moved_play": "tid",
}
"""Tables that may hold any number of rows of an actor, each with what tells an actor's rows apart."""
CREDENTIALS = ("api_token", "login_session", "player_key", "login_ticket")
"""Tables of what opens this server to its holder: removed in the transaction that begins the deletion."""
SMALL = ("outbox_actor", "remote_login", "oauth_session", "account_move", "account")
"""Tables with few rows of an actor. The account is the last to go."""
BY_WRITE = frozenset({"event"})
"""Tables whose rows are an actor's because their writes are."""
MADE = {"actor_song": "song", "actor_artist": "artist", "actor_album": "album"}
TEXT_IDS = frozenset({"idempotency"})


class DeletionRow(NamedTuple):
    """How far a deletion is. See `tables.AccountDeletion`."""

    actor_id: int
    deletion_id: str
    records: str
    stage: str
    done: int
    total: int
    failures: int
    due_at: int
    note: str | None
    asked_at: int
    finished_at: int | None


_DELETION = "actor_id, deletion_id, records, stage, done, total, failures, due_at, note, asked_at, finished_at"


def of_actor(table: str) -> str:
    """The table as `t`, with the condition that a row is of the actor $1."""
    if table in BY_WRITE:
        return f"{table} t JOIN repo_write w ON w.write_id = t.write_id WHERE w.actor_id = $1"
    return f"{table} t WHERE t.actor_id = $1"


def ids_of(table: str, actor_id: int, after: Any, limit: int) -> Work[list[Any]]:
    """The next ids of an actor's rows after `after` (None for the first), in order."""
    column = BULK[table]
    lowest = "" if table in TEXT_IDS else -(1 << 63)
    rows = yield select(
        f"SELECT t.{column} FROM {of_actor(table)} AND t.{column} > $2 ORDER BY t.{column} LIMIT $3",
        actor_id,
        lowest if after is None else after,
        limit,
    )
    return [found for (found,) in rows]


def erase_rows(table: str, actor_id: int, ids: list[Any]) -> Work[None]:
    """Remove these rows of an actor, and what hangs on them."""
    if table == "event":
        # The newest event stays whoever it tells of: its number must not be given out again.
        yield execute("DELETE FROM event WHERE seq = ANY($1) AND seq < (SELECT max(seq) FROM event)", ids)
        return
    if table in MADE:
        yield from _hand_on(MADE[table], actor_id, ids)
    yield execute(f"DELETE FROM {table} WHERE actor_id = $1 AND {BULK[table]} = ANY($2)", actor_id, ids)


def _hand_on(kind: str, actor_id: int, ids: list[int]) -> Work[None]:
    """Rows of the catalogue that this actor made become another's who has them, the one who played them first."""
    other = f"FROM actor_{kind} o WHERE o.{kind}_id = {kind}.{kind}_id AND o.actor_id <> $1"
    yield execute(
        f"UPDATE {kind} SET made_by = (SELECT o.actor_id {other} ORDER BY o.plays = 0, o.first_tid, o.actor_id LIMIT 1)"
        f" WHERE {kind}_id = ANY($2) AND made_by = $1 AND EXISTS (SELECT 1 {other})",
        actor_id,
        ids,
    )


def erase_credentials(actor_id: int) -> Work[None]:
    """Remove what opens this server to the actor, and end their move elsewhere."""
    for table in (*CREDENTIALS, "account_move"):
        yield execute(f"DELETE FROM {table} WHERE actor_id = $1", actor_id)


def erase_account(actor_id: int) -> Work[None]:
    """Remove the account; of the actor an empty shell stays, because ids must not be given to anybody else."""
    yield from erase_credentials(actor_id)
    for table in SMALL:
        yield execute(f"DELETE FROM {table} WHERE actor_id = $1", actor_id)
    former = yield execute("DELETE FROM former_identity WHERE actor_id = $1 RETURNING former_id", actor_id)
    for (shell_id,) in ((actor_id,), *former):
        yield from _empty_shell(shell_id)


def _empty_shell(actor_id: int) -> Work[None]:
    yield execute(
        "UPDATE actor SET did = $2, handle = $3, display_name = NULL, avatar_url = NULL, profile_at = NULL, "
        "created_at = 0, updated_at = 0 WHERE actor_id = $1",
        actor_id,
        f"did:web:deleted-{actor_id}.invalid",
        f"deleted-{actor_id}.invalid",
    )


def count_plays(actor_id: int) -> Work[int]:
    """How many plays an actor has."""
    rows = yield select("SELECT count(*) FROM play WHERE actor_id = $1", actor_id)
    return int(rows[0][0])


def begin_deletion(actor_id: int, deletion_id: str, records: str, stage: str, total: int, now: int) -> Work[None]:
    """Keep that an account is to be deleted."""
    yield execute(
        "INSERT INTO account_deletion (actor_id, deletion_id, records, stage, total, asked_at) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        *(actor_id, deletion_id, records, stage, total, now),
    )


def deletion_of(actor_id: int) -> Work[DeletionRow | None]:
    """The deletion of an actor's account."""
    rows = yield select(f"SELECT {_DELETION} FROM account_deletion WHERE actor_id = $1", actor_id)
    return DeletionRow(*rows[0]) if rows else None


def deletion_with_id(deletion_id: str) -> Work[DeletionRow | None]:
    """The deletion that is known by this id."""
    rows = yield select(f"SELECT {_DELETION} FROM account_deletion WHERE deletion_id = $1", deletion_id)
    return DeletionRow(*rows[0]) if rows else None


def deletions_to_do(now: int, limit: int) -> Work[list[int]]:
    """Actors whose deletions are not done, whom nobody works on and nothing holds up."""
    rows = yield select(
        "SELECT actor_id FROM account_deletion WHERE finished_at IS NULL AND due_at <= $1 AND lease_until <= $1 "
        "ORDER BY asked_at LIMIT $2",
        *(now, limit),
    )
    return [actor_id for (actor_id,) in rows]


def take_deletion(actor_id: int, holder: str, now: int, until: int) -> Work[bool]:
    """Become the one process that works on a deletion until `until`, or go on being it."""
    rows = yield execute(
        "UPDATE account_deletion SET lease_holder = $2, lease_until = $4 WHERE actor_id = $1 AND finished_at IS NULL "
        "AND (lease_until <= $3 OR lease_holder = $2) RETURNING actor_id",
        *(actor_id, holder, now, until),
    )
    return bool(rows)


def release_deletion(actor_id: int, holder: str, due_at: int, note: str | None, *, failed: bool) -> Work[None]:
    """Let a deletion rest until `due_at`; `note` says to its owner why."""
    yield execute(
        "UPDATE account_deletion SET lease_holder = NULL, lease_until = 0, due_at = $3, note = $4, "
        "failures = CASE WHEN $5 = 1 THEN failures + 1 ELSE 0 END WHERE actor_id = $1 AND lease_holder = $2",
        *(actor_id, holder, due_at, note, int(failed)),
    )


def clear_leases() -> Work[None]:
    """End all leases: the process that held them is gone. Only for a database that one server has to itself."""
    yield execute("UPDATE account_deletion SET lease_holder = NULL, lease_until = 0 WHERE lease_until > 0")


def count_done(actor_id: int, done: int) -> Work[None]:
    """So many more plays are removed."""
    yield execute("UPDATE account_deletion SET done = done + $2 WHERE actor_id = $1", actor_id, done)


def enter_stage(actor_id: int, stage: str) -> Work[None]:
    """A deletion goes on with another stage."""
    yield execute("UPDATE account_deletion SET stage = $2, failures = 0 WHERE actor_id = $1", actor_id, stage)


def keep_records(actor_id: int) -> Work[None]:
    """The records that are still in the repository stay there after all."""
    yield execute("UPDATE account_deletion SET records = 'kept' WHERE actor_id = $1", actor_id)


def finish_deletion(actor_id: int, now: int, note_of_kept: str) -> Work[None]:
    """A deletion is done; `note_of_kept` tells of records that were to be deleted and had to be kept."""
    yield execute(
        "UPDATE account_deletion SET stage = 'done', finished_at = $2, lease_holder = NULL, lease_until = 0, "
        "note = CASE WHEN records = 'kept' THEN $3 END WHERE actor_id = $1",
        *(actor_id, now, note_of_kept),
    )


def deletions_done_before(at: int) -> Work[list[int]]:
    """Actors whose deletions were done before a time."""
    rows = yield select("SELECT actor_id FROM account_deletion WHERE finished_at < $1", at)
    return [actor_id for (actor_id,) in rows]


def forget_deletion(actor_id: int) -> Work[None]:
    """Drop what is known of a deletion."""
    yield execute("DELETE FROM account_deletion WHERE actor_id = $1", actor_id)
