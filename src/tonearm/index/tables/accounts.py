"""People: every actor whose records the index holds, and those who log in here."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import Index, text
from sqlmodel import Field

from tonearm.index.tables.columns import BYTES, Table, int64, key64, optional_int64

_INACTIVE = text("state <> 'active'")


class Actor(Table, table=True):
    """Anyone with plays in the index, by DID. The profile fields are what their PDS last said, at `profile_at`.

    Of an account that was deleted the row stays without anything of its owner: rows of the catalogue name its id.
    """

    __tablename__ = "actor"
    actor_id: int = key64()
    did: str = Field(unique=True)
    handle: str
    display_name: str | None = None
    avatar_url: str | None = None
    created_at: int = int64()
    updated_at: int = int64()
    profile_at: int | None = optional_int64()


class Account(Table, table=True):
    """An actor who may log in here. `name` is case-folded; `pds_url` is NULL for the built-in PDS.

    `state` is `active`, `deactivated` (by its owner), `suspended` (by an administrator) or `deleting`.
    """

    __tablename__ = "account"
    __table_args__: ClassVar = (
        Index("account_inactive", "actor_id", sqlite_where=_INACTIVE, postgresql_where=_INACTIVE),
    )
    actor_id: int = key64()
    name: str = Field(unique=True)
    role: str = Field(default="none", sa_column_kwargs={"server_default": "none"})
    password_hash: str | None = None
    pds_url: str | None = None
    created_at: int = int64()
    state: str = Field(default="active", sa_column_kwargs={"server_default": "active"})


class AccountDeletion(Table, table=True):
    """The deletion of an account, under way or done: how far it is, and nothing of the person whose account it was.

    `records` says what becomes of the records, `stage` what is being removed, `done` and `total` how many plays. The
    lease is held by the process that works on it.
    """

    __tablename__ = "account_deletion"
    actor_id: int = key64()
    deletion_id: str = Field(unique=True)
    records: str
    stage: str
    done: int = int64(default=0)
    total: int = int64(default=0)
    failures: int = int64(default=0)
    due_at: int = int64(default=0)
    note: str | None = None
    asked_at: int = int64()
    finished_at: int | None = optional_int64()
    lease_holder: str | None = None
    lease_until: int = int64(default=0)


class RemoteLogin(Table, table=True):
    """A session with a PDS elsewhere. `sealed` is the encrypted pair of tokens; the lease guards its refresh."""

    __tablename__ = "remote_login"
    actor_id: int = key64()
    sealed: bytes = Field(sa_type=BYTES)
    updated_at: int = int64()
    lease_holder: str | None = None
    lease_until: int | None = optional_int64()
