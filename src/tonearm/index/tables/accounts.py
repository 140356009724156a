"""People: every actor whose records the index holds, and those who log in here."""

from __future__ import annotations

from sqlmodel import Field

from tonearm.index.tables.columns import BYTES, Table, int64, key64, optional_int64


class Actor(Table, table=True):
    """Anyone with plays in the index, by DID. The profile fields are what their PDS last said."""

    __tablename__ = "actor"
    actor_id: int = key64()
    did: str = Field(unique=True)
    handle: str
    display_name: str | None = None
    avatar_url: str | None = None
    created_at: int = int64()
    updated_at: int = int64()


class Account(Table, table=True):
    """An actor who may log in here. `name` is case-folded; `pds_url` is NULL for the built-in PDS."""

    __tablename__ = "account"
    actor_id: int = key64()
    name: str = Field(unique=True)
    role: str = Field(default="none", sa_column_kwargs={"server_default": "none"})
    password_hash: str | None = None
    pds_url: str | None = None
    created_at: int = int64()


class RemoteLogin(Table, table=True):
    """A session with a PDS elsewhere. `sealed` is the encrypted pair of tokens; the lease guards its refresh."""

    __tablename__ = "remote_login"
    actor_id: int = key64()
    sealed: bytes = Field(sa_type=BYTES)
    updated_at: int = int64()
    lease_holder: str | None = None
    lease_until: int | None = optional_int64()
