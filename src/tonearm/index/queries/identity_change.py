"""Giving an account another identity: what one actor has becomes another's, and their DIDs change places.

Every table that names an actor is in one of the lists below; a test holds them against the schema.
"""

from __future__ import annotations

from tonearm.index.engine import Work, execute, select
from tonearm.index.queries.erasing import CREDENTIALS

HANDED_OVER = CREDENTIALS
"""Rows that become the account's as they are."""
WRITTEN = ("journal", "repo_write")
"""The same, without an index by actor, so passed over for somebody who has not used this server."""
REPLACED = ("remote_login", "oauth_session")
"""One row for each actor: that of the outside identity takes the place of the account's."""
UNITED = (("idempotency", "idempotency_key"), ("tombstone", "tid"))
"""Keyed by the actor and one more column: what the account has already stays."""
DROPPED = ("play", "outbox_actor", "account")
COUNTED = ("actor_song", "actor_artist", "actor_album")
"""These are made again from the repository, or are not needed any more."""
APART = ("actor", "account_move", "account_deletion", "former_identity", "moved_play", "outbox")
"""Changed by statements of their own, or never had by an outside identity."""
MADE = ("song", "artist", "album")
"""Rows of the catalogue, which name their maker."""


def renumber_writes(actor_id: int, new_actor_id: int) -> Work[None]:
    """Give the writes that an actor's repository has not confirmed new numbers, and perhaps another actor.

    Whoever still has the old numbers in hand (a process that was held up while it sent them) can confirm none of them
    any more: they were sent to another repository than they have to reach now.
    """
    rows = yield select("SELECT coalesce(max(write_id), 0) FROM repo_write")
    above = rows[0][0]
    yield execute(
        "UPDATE repo_write SET write_id = write_id + $2, actor_id = $3 "
        "WHERE write_id IN (SELECT write_id FROM outbox WHERE actor_id = $1)",
        actor_id,
        above,
        new_actor_id,
    )
    yield execute(
        "UPDATE outbox SET write_id = write_id + $2, actor_id = $3 WHERE actor_id = $1", actor_id, above, new_actor_id
    )


def hand_over(from_id: int, to_id: int) -> Work[None]:
    """Make all that an actor has another's, apart from plays, which are made again from the repository."""
    has_history = yield from _has_history(from_id)
    yield from renumber_writes(from_id, to_id)
    for table in HANDED_OVER + (WRITTEN if has_history else ()):
        yield execute(f"UPDATE {table} SET actor_id = $2 WHERE actor_id = $1", from_id, to_id)
    for table in REPLACED:
        held = f"EXISTS (SELECT 1 FROM {table} t WHERE t.actor_id = $1)"
        yield execute(f"DELETE FROM {table} WHERE actor_id = $2 AND {held}", from_id, to_id)
        yield execute(f"UPDATE {table} SET actor_id = $2 WHERE actor_id = $1", from_id, to_id)
    for table, key in UNITED:
        yield execute(
            f"UPDATE {table} SET actor_id = $2 WHERE actor_id = $1 "
            f"AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.actor_id = $2 AND t.{key} = {table}.{key})",
            from_id,
            to_id,
        )
        yield execute(f"DELETE FROM {table} WHERE actor_id = $1", from_id)
    for table in DROPPED + (COUNTED if has_history else ()):
        yield execute(f"DELETE FROM {table} WHERE actor_id = $1", from_id)
    for table in MADE if has_history else ():
        yield execute(f"UPDATE {table} SET made_by = $2 WHERE made_by = $1", from_id, to_id)


def _has_history(actor_id: int) -> Work[bool]:
    rows = yield select(
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM play WHERE actor_id = $1) "
        "OR EXISTS (SELECT 1 FROM outbox WHERE actor_id = $1) OR EXISTS (SELECT 1 FROM tombstone WHERE actor_id = $1)",
        actor_id,
    )
    return bool(rows)


def change_places(account_id: int, other_id: int, now: int) -> Work[None]:
    """Give an account's actor the DID and profile of another one, which gets the account's."""
    columns = "did, handle, display_name, avatar_url, profile_at"
    rows = yield select(f"SELECT {columns} FROM actor WHERE actor_id = $1", account_id)
    ours = rows[0]
    rows = yield select(f"SELECT {columns} FROM actor WHERE actor_id = $1", other_id)
    theirs = rows[0]
    values = "did = $2, handle = $3, display_name = $4, avatar_url = $5, profile_at = $6, updated_at = $7"
    sql = f"UPDATE actor SET {values} WHERE actor_id = $1"
    yield execute("UPDATE actor SET did = $2 WHERE actor_id = $1", other_id, f"changing places with {ours[0]}")
    yield execute(sql, account_id, *theirs, now)
    yield execute(sql, other_id, *ours, now)


def settle_elsewhere(account_id: int, pds_url: str) -> Work[None]:
    """Note that an account's repository is on a PDS elsewhere, and that nothing holds up publishing to it."""
    yield execute("UPDATE account SET pds_url = $2 WHERE actor_id = $1", account_id, pds_url)
    yield execute(
        "UPDATE outbox_actor SET due_at = 0, failures = 0, waiting_for_login = 0, reason = NULL, message = NULL "
        "WHERE actor_id = $1",
        account_id,
    )


def is_refreshing(actor_id: int, now: int) -> Work[bool]:
    """Whether a process may be about to store the next tokens of a session of this actor."""
    for table in REPLACED:
        if (yield select(f"SELECT 1 FROM {table} WHERE actor_id = $1 AND lease_until > $2", actor_id, now)):
            return True
    return False


def publishing_until(actor_id: int) -> Work[int]:
    """Until when a process may be publishing for an actor; 0 for none."""
    rows = yield select("SELECT lease_until FROM outbox_actor WHERE actor_id = $1", actor_id)
    return rows[0][0] if rows else 0


def add_former(former_id: int, did: str, handle: str, actor_id: int, now: int) -> Work[None]:
    """Remember by which identity an account was known."""
    yield execute("INSERT INTO former_identity VALUES ($1, $2, $3, $4, $5)", former_id, did, handle, actor_id, now)
    yield execute("UPDATE former_identity SET actor_id = $2 WHERE actor_id = $1", former_id, actor_id)
