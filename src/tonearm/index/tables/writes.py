"""Records on their way to repositories, and the log of what repositories have confirmed."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import Field

from tonearm.index.tables.columns import BYTES, INT64, WITHOUT_ROWID, Table, int64, key64, optional_int64


class RepoWriteRow(Table, table=True):
    """A write to a repository. The record's bytes are final, and stored once: outbox and event log share them."""

    __tablename__ = "repo_write"
    write_id: int = key64()
    actor_id: int = int64()
    action: str
    collection: str
    rkey: str
    cid: str
    record: bytes = Field(sa_type=BYTES)
    journal_id: int | None = optional_int64()


class Outbox(Table, table=True):
    """A write that its repository has not confirmed. `refused` 1: it stands in its owner's queue with the reason."""

    __tablename__ = "outbox"
    __table_args__: ClassVar = WITHOUT_ROWID
    actor_id: int = key64()
    write_id: int = key64()
    refused: int = int64(default=0)
    attempts: int = int64(default=0)
    tried_at: int | None = optional_int64()
    due_at: int = int64(default=0)
    reason: str | None = None
    message: str | None = None


class OutboxActor(Table, table=True):
    """How publishing for an actor stands. No row: nothing is held up."""

    __tablename__ = "outbox_actor"
    actor_id: int = key64()
    due_at: int = int64(default=0)
    failures: int = int64(default=0)
    waiting_for_login: int = int64(default=0)
    reason: str | None = None
    message: str | None = None
    lease_holder: str | None = None
    lease_until: int = int64(default=0)


class Event(Table, table=True):
    """What a repository has confirmed, in the order of `seq`. Consumers read on from the last `seq` they saw."""

    __tablename__ = "event"
    seq: int = key64()
    write_id: int = Field(sa_type=INT64)
    rev: str
    confirmed_at: int = int64()
