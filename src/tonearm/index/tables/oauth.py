"""OAuth: logins that are under way, sessions with PDSes elsewhere, and the keys by which we are known there."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import Field

from tonearm.index.tables.columns import BYTES, WITHOUT_ROWID, Table, int64, key64, optional_int64


class OAuthRequest(Table, table=True):
    """A login that was begun. `state` and the browser's cookie are kept as SHA-256, the rest of it sealed."""

    __tablename__ = "oauth_request"
    __table_args__: ClassVar = WITHOUT_ROWID
    state_hash: bytes = Field(sa_type=BYTES, primary_key=True)
    binding_hash: bytes = Field(sa_type=BYTES)
    client_key_id: str | None = None
    sealed: bytes = Field(sa_type=BYTES)
    expires_at: int = int64()


class OAuthSession(Table, table=True):
    """A session with a PDS elsewhere. `sealed` has its tokens and its DPoP key; the lease guards its refresh.

    `session_id` is another one after each login, so that nothing of an older session replaces a newer one.
    """

    __tablename__ = "oauth_session"
    actor_id: int = key64()
    session_id: str
    client_key_id: str | None = None
    sealed: bytes = Field(sa_type=BYTES)
    created_at: int = int64()
    updated_at: int = int64()
    lease_holder: str | None = None
    lease_until: int | None = optional_int64()


class OAuthClientKey(Table, table=True):
    """A private key that authenticates this server to authorization servers, sealed."""

    __tablename__ = "oauth_client_key"
    __table_args__: ClassVar = WITHOUT_ROWID
    key_id: str = Field(primary_key=True)
    sealed: bytes = Field(sa_type=BYTES)
    created_at: int = int64()
