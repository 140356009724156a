"""API tokens."""

from __future__ import annotations

from typing import NamedTuple

from tonearm.index.engine import Work, execute, select


class TokenRow(NamedTuple):
    """An API token that is good."""

    token_hash: bytes
    actor_id: int
    label: str
    scopes: str
    created_at: int
    expires_at: int | None
    last_used_at: int | None


_COLUMNS = ", ".join(TokenRow._fields)
_GOOD = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)"


def add_token(row: TokenRow) -> Work[None]:
    """Keep a new API token."""
    yield execute(f"INSERT INTO api_token ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)", *row)


def token_with_hash(token_hash: bytes, now: int) -> Work[TokenRow | None]:
    """The token with this hash, unless it was revoked or its time is over."""
    rows = yield select(f"SELECT {_COLUMNS} FROM api_token WHERE token_hash = $1 AND {_GOOD}", token_hash, now)
    return TokenRow(*rows[0]) if rows else None


def tokens_of(actor_id: int, now: int) -> Work[list[TokenRow]]:
    """An actor's tokens that are good, the newest first."""
    rows = yield select(
        f"SELECT {_COLUMNS} FROM api_token WHERE actor_id = $1 AND {_GOOD} ORDER BY created_at DESC, token_hash",
        actor_id,
        now,
    )
    return [TokenRow(*row) for row in rows]


def revoke_token(token_hash: bytes, now: int) -> Work[None]:
    """Let a token be good no longer."""
    yield execute("UPDATE api_token SET revoked_at = $2 WHERE token_hash = $1 AND revoked_at IS NULL", token_hash, now)


def mark_token_used(token_hash: bytes, now: int) -> Work[None]:
    """Note that a token was used."""
    yield execute("UPDATE api_token SET last_used_at = $2 WHERE token_hash = $1", token_hash, now)
