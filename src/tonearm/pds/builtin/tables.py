"""The tables, described with SQLModel. The code runs on plain SQL; `schema` makes the tables.

CIDs of blocks are the 36 binary bytes and `prefix` the first 64 bits of their digest; CIDs of blobs are text. Revisions
are TIDs as numbers. Times are microseconds since 1970.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import Index, MetaData, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from tonearm.index.tables.columns import BYTES, WITHOUT_ROWID, int64, key64, optional_int64

NAME = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that is compared byte by byte: record keys are listed in that order whatever the database's locale."""


def _key() -> Any:
    return Field(sa_type=NAME, primary_key=True)


def _name() -> Any:
    return Field(sa_type=NAME)


def _text(*, default: str | None = None) -> Any:
    if default is None:
        return Field(sa_type=Text)
    return Field(default=default, sa_type=Text, sa_column_kwargs={"server_default": default})


def _bytes() -> Any:
    return Field(sa_type=BYTES)


class PdsTable(SQLModel):
    """Base of all tables of the built-in PDS. They are apart from the index's: on SQLite, in a file of their own."""

    metadata: ClassVar[MetaData] = MetaData()


class Repo(PdsTable, table=True):
    """An account. The keys are sealed; their contexts are `account.keys`'."""

    __tablename__ = "pds_repo"
    __table_args__: ClassVar[Any] = (UniqueConstraint("did"), UniqueConstraint("handle"))
    repo_id: int = key64()
    did: str = _name()
    handle: str = _text()
    status: str = _text(default="active")
    created_at: int = int64()
    signing_key: bytes = _bytes()
    rotation_key: bytes = _bytes()


class PlcOperation(PdsTable, table=True):
    """An operation of an identity, as DAG-CBOR. `submitted_at` is NULL until a directory has taken it."""

    __tablename__ = "pds_plc_operation"
    repo_id: int = key64()
    number: int = key64()
    operation: bytes = _bytes()
    submitted_at: int | None = optional_int64()


class Head(PdsTable, table=True):
    """The newest commit of a repository, and the root of its tree."""

    __tablename__ = "pds_head"
    repo_id: int = key64()
    rev: int = int64()
    commit_cid: bytes = _bytes()
    commit_block: bytes = _bytes()
    root_cid: bytes = _bytes()


class Node(PdsTable, table=True):
    """A node of the newest commit's tree. `rev` is of the commit that made it."""

    __tablename__ = "pds_node"
    __table_args__: ClassVar[Any] = WITHOUT_ROWID
    repo_id: int = key64()
    prefix: int = key64()
    cid: bytes = Field(sa_type=BYTES, primary_key=True)
    rev: int = int64()
    block: bytes = _bytes()


class Record(PdsTable, table=True):
    """A record of the newest commit. `rev` is of the commit that wrote it."""

    __tablename__ = "pds_record"
    __table_args__: ClassVar[Any] = (
        Index("pds_record_by_cid", "repo_id", "prefix"),
        Index("pds_record_by_rev", "repo_id", "rev"),
    )
    repo_id: int = key64()
    collection: str = _key()
    rkey: str = _key()
    prefix: int = int64()
    cid: bytes = _bytes()
    rev: int = int64()
    block: bytes = _bytes()


class Blob(PdsTable, table=True):
    """An uploaded blob. `created_at` is of the last upload of these bytes."""

    __tablename__ = "pds_blob"
    repo_id: int = key64()
    cid: str = _key()
    media_type: str = _text()
    size_bytes: int = int64()
    created_at: int = int64()
    content: bytes = _bytes()


class BlobRef(PdsTable, table=True):
    """A record's reference to a blob."""

    __tablename__ = "pds_blob_ref"
    __table_args__: ClassVar[Any] = (Index("pds_blob_ref_by_cid", "repo_id", "cid"), WITHOUT_ROWID)
    repo_id: int = key64()
    collection: str = _key()
    rkey: str = _key()
    cid: str = _key()
    rev: int = int64()


class Event(PdsTable, table=True):
    """A frame of the event stream, cut in two where its `seq` belongs."""

    __tablename__ = "pds_event"
    seq: int = key64()
    repo_id: int = int64()
    made_at: int = int64()
    before_seq: bytes = _bytes()
    after_seq: bytes = _bytes()


class AppPassword(PdsTable, table=True):
    """An app password: its first group in the clear, to find it by, and the argon2id hash of the whole."""

    __tablename__ = "pds_app_password"
    __table_args__: ClassVar[Any] = WITHOUT_ROWID
    repo_id: int = key64()
    name: str = Field(sa_type=Text, primary_key=True)
    hint: str = _text()
    secret_hash: str = _text()
    privileged: int = int64(default=0)
    created_at: int = int64()


class Session(PdsTable, table=True):
    """A refresh token, by the SHA-256 of its id. `used_at` is NULL until it has been exchanged for the next."""

    __tablename__ = "pds_session"
    __table_args__: ClassVar[Any] = (
        Index("pds_session_by_id", "session_id"),
        Index("pds_session_by_repo", "repo_id"),
        WITHOUT_ROWID,
    )
    token_hash: bytes = Field(sa_type=BYTES, primary_key=True)
    session_id: str = _text()
    repo_id: int = int64()
    app_password: str | None = Field(default=None, sa_type=Text, nullable=True)
    used_at: int | None = optional_int64()
    expires_at: int = int64()
