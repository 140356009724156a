"""Keys for players."""

from __future__ import annotations

from typing import NamedTuple

from tonearm.index.engine import Work, execute, select


class PlayerKeyRow(NamedTuple):
    """A key for players; `sealed` holds its secrets."""

    key_id: str
    actor_id: int
    name: str
    description: str | None
    enabled: int
    api_key_hash: bytes
    sealed: bytes
    created_at: int
    last_used_at: int | None


_COLUMNS = ", ".join(PlayerKeyRow._fields)


def add_player_key(row: PlayerKeyRow) -> Work[None]:
    """Keep a new key."""
    yield execute(f"INSERT INTO player_key ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", *row)


def count_player_keys(actor_id: int) -> Work[int]:
    """How many keys an actor has."""
    rows = yield select("SELECT count(*) FROM player_key WHERE actor_id = $1", actor_id)
    count: int = rows[0][0]
    return count


def player_keys_of(actor_id: int, limit: int, offset: int) -> Work[list[PlayerKeyRow]]:
    """An actor's keys, the newest first."""
    rows = yield select(
        f"SELECT {_COLUMNS} FROM player_key WHERE actor_id = $1 ORDER BY created_at DESC, key_id LIMIT $2 OFFSET $3",
        actor_id,
        limit,
        offset,
    )
    return [PlayerKeyRow(*row) for row in rows]


def player_key_of(actor_id: int, key_id: str) -> Work[PlayerKeyRow | None]:
    """One of an actor's keys."""
    rows = yield select(f"SELECT {_COLUMNS} FROM player_key WHERE actor_id = $1 AND key_id = $2", actor_id, key_id)
    return PlayerKeyRow(*rows[0]) if rows else None


def player_key_with_hash(api_key_hash: bytes) -> Work[PlayerKeyRow | None]:
    """The key whose api key has this hash, also one that is switched off."""
    rows = yield select(f"SELECT {_COLUMNS} FROM player_key WHERE api_key_hash = $1", api_key_hash)
    return PlayerKeyRow(*rows[0]) if rows else None


def change_player_key(key_id: str, name: str, description: str | None, enabled: int) -> Work[None]:
    """Change what a key's owner may change of it."""
    yield execute(
        "UPDATE player_key SET name = $2, description = $3, enabled = $4 WHERE key_id = $1",
        key_id,
        name,
        description,
        enabled,
    )


def drop_player_key(key_id: str) -> Work[None]:
    """Forget a key."""
    yield execute("DELETE FROM player_key WHERE key_id = $1", key_id)


def mark_player_key_used(key_id: str, now: int) -> Work[None]:
    """Note that a key was used."""
    yield execute("UPDATE player_key SET last_used_at = $2 WHERE key_id = $1", key_id, now)
