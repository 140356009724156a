"""Sessions of browsers and apps."""

from __future__ import annotations

from typing import NamedTuple

from tonearm.index.engine import Work, execute, select


class LoginRow(NamedTuple):
    """A session that is open."""

    session_id: str
    actor_id: int
    kind: str
    label: str
    agent: str
    address: str
    scopes: str
    secret_hash: bytes
    family_hash: bytes | None
    created_at: int
    last_used_at: int | None
    expires_at: int


_COLUMNS = ", ".join(LoginRow._fields)


def add_session(row: LoginRow) -> Work[None]:
    """Keep a new session."""
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    yield execute(f"INSERT INTO login_session ({_COLUMNS}) VALUES ({places})", *row)


def session_with_id(session_id: str, now: int) -> Work[LoginRow | None]:
    """The session with this id, if its time is not over."""
    rows = yield select(
        f"SELECT {_COLUMNS} FROM login_session WHERE session_id = $1 AND expires_at > $2", session_id, now
    )
    return LoginRow(*rows[0]) if rows else None


def session_with_secret(secret_hash: bytes, now: int) -> Work[LoginRow | None]:
    """The session of this cookie, if its time is not over."""
    rows = yield select(
        f"SELECT {_COLUMNS} FROM login_session WHERE secret_hash = $1 AND expires_at > $2", secret_hash, now
    )
    return LoginRow(*rows[0]) if rows else None


def sessions_of(actor_id: int, now: int) -> Work[list[LoginRow]]:
    """An actor's sessions whose time is not over, the newest first."""
    rows = yield select(
        f"SELECT {_COLUMNS} FROM login_session WHERE actor_id = $1 AND expires_at > $2 "
        "ORDER BY created_at DESC, session_id",
        actor_id,
        now,
    )
    return [LoginRow(*row) for row in rows]


def renew_session(session_id: str, secret_hash: bytes, now: int, expires_at: int) -> Work[None]:
    """Give a session its next secret and a new end."""
    yield execute(
        "UPDATE login_session SET secret_hash = $2, last_used_at = $3, expires_at = $4 WHERE session_id = $1",
        session_id,
        secret_hash,
        now,
        expires_at,
    )


def mark_session_used(session_id: str, now: int) -> Work[None]:
    """Note that a session was used."""
    yield execute("UPDATE login_session SET last_used_at = $2 WHERE session_id = $1", session_id, now)


def mark_cookie_used(session_id: str, now: int, expires_at: int) -> Work[None]:
    """Note that a browser's session was used, which moves its end."""
    yield execute(
        "UPDATE login_session SET last_used_at = $2, expires_at = $3 WHERE session_id = $1",
        session_id,
        now,
        expires_at,
    )


def end_session(actor_id: int, session_id: str) -> Work[bool]:
    """End one of an actor's sessions; False when they have no such session."""
    rows = yield execute(
        "DELETE FROM login_session WHERE actor_id = $1 AND session_id = $2 RETURNING session_id", actor_id, session_id
    )
    return bool(rows)


def end_sessions(actor_id: int, but: str) -> Work[list[str]]:
    """End an actor's sessions but one; answers the ids of those that were ended."""
    rows = yield execute(
        "DELETE FROM login_session WHERE actor_id = $1 AND session_id <> $2 RETURNING session_id", actor_id, but
    )
    return [row[0] for row in rows]


def drop_idle_sessions(actor_id: int, kept: int) -> Work[list[str]]:
    """End an actor's sessions but those that were used last; answers the ids of those that were ended."""
    rows = yield execute(
        "DELETE FROM login_session WHERE session_id IN (SELECT session_id FROM login_session WHERE actor_id = $1 "
        "ORDER BY coalesce(last_used_at, created_at) DESC, session_id LIMIT 1000 OFFSET $2) RETURNING session_id",
        actor_id,
        kept,
    )
    return [row[0] for row in rows]


def drop_ended_sessions(now: int) -> Work[None]:
    """Forget sessions whose time is over."""
    yield execute("DELETE FROM login_session WHERE expires_at <= $1", now)
