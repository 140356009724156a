"""What proves who calls: sessions of browsers and apps, API tokens, keys for players; and the server's own keys.

No column holds a credential: what is only compared is a SHA-256 of 128 or more random bits, what must be used again is
sealed.
"""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import Index
from sqlmodel import Field

from tonearm.index.tables.columns import BYTES, WITHOUT_ROWID, Table, int64, key64, optional_int64


class ApiToken(Table, table=True):
    """A named API token: only its SHA-256 is kept. `scopes` are separated by spaces."""

    __tablename__ = "api_token"
    __table_args__: ClassVar = (Index("api_token_by_actor", "actor_id"), WITHOUT_ROWID)
    token_hash: bytes = Field(sa_type=BYTES, primary_key=True)
    actor_id: int = int64()
    label: str
    scopes: str
    created_at: int = int64()
    expires_at: int | None = optional_int64()
    revoked_at: int | None = optional_int64()
    last_used_at: int | None = optional_int64()


class LoginSession(Table, table=True):
    """A login that is open. `kind` is `browser` (a cookie) or `app` (access and refresh tokens).

    `secret_hash` is that of the cookie, or of the part of the refresh token that changes with each use; `family_hash`
    that of the part that stays, NULL for browsers. `scopes` are separated by spaces.
    """

    __tablename__ = "login_session"
    __table_args__: ClassVar = (
        Index("login_session_by_actor", "actor_id"),
        Index("login_session_by_secret", "secret_hash", unique=True),
        WITHOUT_ROWID,
    )
    session_id: str = Field(primary_key=True)
    actor_id: int = int64()
    kind: str
    label: str
    agent: str
    address: str
    scopes: str
    secret_hash: bytes = Field(sa_type=BYTES)
    family_hash: bytes | None = Field(default=None, sa_type=BYTES, nullable=True)
    created_at: int = int64()
    last_used_at: int | None = optional_int64()
    expires_at: int = int64()


class PlayerKey(Table, table=True):
    """A key for players. `sealed` holds the api key and the shared secret; the hash of the former finds the row."""

    __tablename__ = "player_key"
    __table_args__: ClassVar = (
        Index("player_key_by_actor", "actor_id"),
        Index("player_key_by_api_key", "api_key_hash", unique=True),
        WITHOUT_ROWID,
    )
    key_id: str = Field(primary_key=True)
    actor_id: int = int64()
    name: str
    description: str | None = None
    enabled: int = int64(default=1)
    api_key_hash: bytes = Field(sa_type=BYTES)
    sealed: bytes = Field(sa_type=BYTES)
    created_at: int = int64()
    last_used_at: int | None = optional_int64()


class ServerKey(Table, table=True):
    """A key that the server made for itself, by what it is for, sealed."""

    __tablename__ = "server_key"
    __table_args__: ClassVar = WITHOUT_ROWID
    name: str = Field(primary_key=True)
    sealed: bytes = Field(sa_type=BYTES)


class MasterKeyChange(Table, table=True):
    """The master key that is to come, sealed with the present one, while it takes its place. One row at most."""

    __tablename__ = "master_key_change"
    change_id: int = key64()
    key_id: bytes = Field(sa_type=BYTES)
    sealed: bytes = Field(sa_type=BYTES)
