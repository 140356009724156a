"""Local accounts that move to an identity of their owner's elsewhere."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import Field

from tonearm.index.tables.columns import INT64, WITHOUT_ROWID, Table, int64, key64


class AccountMove(Table, table=True):
    """How an account's move stands; at most one for each account. `services.moves` says what the states are.

    `after_collection` and `after_rkey` are the last record of the old repository that was looked at, `last_write_id`
    the last write that copies one.
    """

    __tablename__ = "account_move"
    actor_id: int = key64()
    move_id: str = Field(unique=True)
    from_did: str
    from_handle: str
    to_did: str | None = None
    to_handle: str | None = None
    pds_url: str | None = None
    state: str
    paused: int = int64(default=0)
    total: int = int64(default=0)
    looked_at: int = int64(default=0)
    copied: int = int64(default=0)
    after_collection: str = Field(default="", sa_column_kwargs={"server_default": ""})
    after_rkey: str = Field(default="", sa_column_kwargs={"server_default": ""})
    last_write_id: int = int64(default=0)
    due_at: int = int64(default=0)
    failures: int = int64(default=0)
    reason: str | None = None
    message: str | None = None
    created_at: int = int64()
    updated_at: int = int64()
    lease_holder: str | None = None
    lease_until: int = int64(default=0)


class FormerIdentity(Table, table=True):
    """What an account was known by before it moved. `former_id` is the actor that has that DID now, without an account.

    Before the move that row was the outside identity's own: the two have changed places, so that the account keeps its
    actor id and no id is ever given out again.
    """

    __tablename__ = "former_identity"
    former_id: int = key64()
    did: str = Field(unique=True)
    handle: str
    actor_id: int = Field(sa_type=INT64, index=True)
    moved_at: int = int64()


class MovedPlay(Table, table=True):
    """A play of a moved account that has another record key now, or that the outside repository had already.

    `rekeyed` 1: its record is copied under the new key; 0: the record that the outside repository has there stands for
    it, and its own is not copied.
    """

    __tablename__ = "moved_play"
    __table_args__: ClassVar = WITHOUT_ROWID
    actor_id: int = key64()
    tid: int = key64()
    new_tid: int = int64()
    rekeyed: int = int64(default=0)
