"""Logins under way, sessions with PDSes elsewhere, and the keys of the client."""

from __future__ import annotations

from typing import NamedTuple

from tonearm.index.engine import Work, execute, select


class RequestRow(NamedTuple):
    """A login that was begun."""

    binding_hash: bytes
    sealed: bytes
    expires_at: int


class SessionRow(NamedTuple):
    """A session, as it is stored."""

    actor_id: int
    session_id: str
    client_key_id: str | None
    sealed: bytes


class KeyRow(NamedTuple):
    """A key of the client."""

    key_id: str
    sealed: bytes
    created_at: int


_SESSION = "actor_id, session_id, client_key_id, sealed"


def keep_request(
    state_hash: bytes, binding_hash: bytes, client_key_id: str | None, sealed: bytes, expires_at: int
) -> Work[None]:
    """Keep a login that was begun."""
    yield execute(
        "INSERT INTO oauth_request (state_hash, binding_hash, client_key_id, sealed, expires_at) "
        "VALUES ($1, $2, $3, $4, $5)",
        state_hash,
        binding_hash,
        client_key_id,
        sealed,
        expires_at,
    )


def take_request(state_hash: bytes) -> Work[RequestRow | None]:
    """Take out a login that was begun: it is answered once."""
    rows = yield execute(
        "DELETE FROM oauth_request WHERE state_hash = $1 RETURNING binding_hash, sealed, expires_at", state_hash
    )
    return RequestRow(*rows[0]) if rows else None


def drop_requests(now: int) -> Work[None]:
    """Forget the logins that were begun and whose time is over."""
    yield execute("DELETE FROM oauth_request WHERE expires_at <= $1", now)


def session_of(actor_id: int) -> Work[SessionRow | None]:
    """The session of an actor."""
    rows = yield select(f"SELECT {_SESSION} FROM oauth_session WHERE actor_id = $1", actor_id)
    return SessionRow(*rows[0]) if rows else None


def has_session(actor_id: int) -> Work[bool]:
    """Whether an actor has a session."""
    return bool((yield select("SELECT 1 FROM oauth_session WHERE actor_id = $1", actor_id)))


def replace_session(row: SessionRow, now: int) -> Work[SessionRow | None]:
    """Keep a session after a login; answers the one that it takes the place of."""
    old = yield from session_of(row.actor_id)
    yield execute("DELETE FROM oauth_session WHERE actor_id = $1", row.actor_id)
    yield execute(
        f"INSERT INTO oauth_session ({_SESSION}, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)", *row, now
    )
    return old


def update_session(row: SessionRow, now: int) -> Work[bool]:
    """Keep what a refresh brought; False when the session has ended or another login has replaced it."""
    rows = yield execute(
        "UPDATE oauth_session SET sealed = $3, updated_at = $4 WHERE actor_id = $1 AND session_id = $2 "
        "RETURNING actor_id",
        row.actor_id,
        row.session_id,
        row.sealed,
        now,
    )
    return bool(rows)


def drop_session(actor_id: int, session_id: str) -> Work[bool]:
    """Forget a session; False when it is not there any more."""
    rows = yield execute(
        "DELETE FROM oauth_session WHERE actor_id = $1 AND session_id = $2 RETURNING actor_id", actor_id, session_id
    )
    return bool(rows)


def take_lease(actor_id: int, holder: str, now: int, until: int) -> Work[bool]:
    """Become the one who refreshes an actor's session; False when another one is, or there is no session."""
    rows = yield execute(
        "UPDATE oauth_session SET lease_holder = $2, lease_until = $4 WHERE actor_id = $1 "
        "AND (lease_until IS NULL OR lease_until <= $3 OR lease_holder = $2) RETURNING actor_id",
        actor_id,
        holder,
        now,
        until,
    )
    return bool(rows)


def end_lease(actor_id: int, holder: str) -> Work[None]:
    """Let others refresh an actor's session."""
    yield execute(
        "UPDATE oauth_session SET lease_holder = NULL, lease_until = NULL WHERE actor_id = $1 AND lease_holder = $2",
        actor_id,
        holder,
    )


def clear_leases() -> Work[None]:
    """End all leases: the process that held them is gone. Only for a database that one server has to itself."""
    yield execute("UPDATE oauth_session SET lease_holder = NULL, lease_until = NULL WHERE lease_until IS NOT NULL")


def client_keys() -> Work[list[KeyRow]]:
    """The client's keys, the newest first."""
    rows = yield select("SELECT key_id, sealed, created_at FROM oauth_client_key ORDER BY created_at DESC, key_id")
    return [KeyRow(*row) for row in rows]


def add_client_key(key: KeyRow, *, when_newest_before: int) -> Work[list[KeyRow]]:
    """Add a key unless one was made at or after a time, by whomever. Answers all keys, the newest first."""
    keys = yield from client_keys()
    if keys and keys[0].created_at >= when_newest_before:
        return keys
    yield execute("INSERT INTO oauth_client_key (key_id, sealed, created_at) VALUES ($1, $2, $3)", *key)
    return [key, *keys]


def drop_idle_client_keys(succeeded_before: int) -> Work[None]:
    """Forget keys that a newer one, made before a time, has followed, and that nothing is bound to."""
    yield execute(
        "DELETE FROM oauth_client_key WHERE EXISTS (SELECT 1 FROM oauth_client_key k "
        "WHERE k.created_at > oauth_client_key.created_at AND k.created_at <= $1) "
        "AND NOT EXISTS (SELECT 1 FROM oauth_session s WHERE s.client_key_id = oauth_client_key.key_id) "
        "AND NOT EXISTS (SELECT 1 FROM oauth_request r WHERE r.client_key_id = oauth_client_key.key_id)",
        succeeded_before,
    )
