"""The tables as SQL, for the migration that makes them. `tables` describes the same ones column by column."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tonearm.index.engine import Dialect

_WORDS = {
    "sqlite": {"int64": "INTEGER", "bytes": "BLOB", "key": "TEXT", "without_rowid": " WITHOUT ROWID"},
    "postgresql": {"int64": "BIGINT", "bytes": "BYTEA", "key": 'TEXT COLLATE "C"', "without_rowid": ""},
}

_TABLES = """
CREATE TABLE pds_repo (repo_id {int64} NOT NULL, did {key} NOT NULL, handle TEXT NOT NULL, status TEXT DEFAULT 'active'
    NOT NULL, created_at {int64} NOT NULL, signing_key {bytes} NOT NULL, rotation_key {bytes} NOT NULL,
    PRIMARY KEY (repo_id), UNIQUE (did), UNIQUE (handle));
CREATE TABLE pds_plc_operation (repo_id {int64} NOT NULL, number {int64} NOT NULL, operation {bytes} NOT NULL,
    submitted_at {int64}, PRIMARY KEY (repo_id, number));
CREATE TABLE pds_head (repo_id {int64} NOT NULL, rev {int64} NOT NULL, commit_cid {bytes} NOT NULL, commit_block
    {bytes} NOT NULL, root_cid {bytes} NOT NULL, PRIMARY KEY (repo_id));
CREATE TABLE pds_node (repo_id {int64} NOT NULL, prefix {int64} NOT NULL, cid {bytes} NOT NULL, rev {int64} NOT NULL,
    block {bytes} NOT NULL, PRIMARY KEY (repo_id, prefix, cid)){without_rowid};
CREATE TABLE pds_record (repo_id {int64} NOT NULL, collection {key} NOT NULL, rkey {key} NOT NULL, prefix {int64} NOT
    NULL, cid {bytes} NOT NULL, rev {int64} NOT NULL, block {bytes} NOT NULL, PRIMARY KEY (repo_id, collection, rkey));
CREATE INDEX pds_record_by_cid ON pds_record (repo_id, prefix);
CREATE INDEX pds_record_by_rev ON pds_record (repo_id, rev);
CREATE TABLE pds_blob (repo_id {int64} NOT NULL, cid {key} NOT NULL, media_type TEXT NOT NULL, size_bytes {int64} NOT
    NULL, created_at {int64} NOT NULL, content {bytes} NOT NULL, PRIMARY KEY (repo_id, cid));
CREATE TABLE pds_blob_ref (repo_id {int64} NOT NULL, collection {key} NOT NULL, rkey {key} NOT NULL, cid {key} NOT NULL,
    rev {int64} NOT NULL, PRIMARY KEY (repo_id, collection, rkey, cid)){without_rowid};
CREATE INDEX pds_blob_ref_by_cid ON pds_blob_ref (repo_id, cid);
CREATE TABLE pds_event (seq {int64} NOT NULL, repo_id {int64} NOT NULL, made_at {int64} NOT NULL, before_seq {bytes}
    NOT NULL, after_seq {bytes} NOT NULL, PRIMARY KEY (seq));
CREATE TABLE pds_app_password (repo_id {int64} NOT NULL, name TEXT NOT NULL, hint TEXT NOT NULL, secret_hash TEXT NOT
    NULL, privileged {int64} DEFAULT 0 NOT NULL, created_at {int64} NOT NULL, PRIMARY KEY (repo_id,
    name)){without_rowid};
CREATE TABLE pds_session (token_hash {bytes} NOT NULL, session_id TEXT NOT NULL, repo_id {int64} NOT NULL,
    app_password TEXT, used_at {int64}, expires_at {int64} NOT NULL, PRIMARY KEY
    (token_hash)){without_rowid};
CREATE INDEX pds_session_by_id ON pds_session (session_id);
CREATE INDEX pds_session_by_repo ON pds_session (repo_id);
"""


def create_tables_sql(dialect: Dialect) -> list[str]:
    """Return one CREATE statement for each table and index of the built-in PDS."""
    script = _TABLES.format(**_WORDS[dialect])
    return [" ".join(statement.split()) for statement in script.split(";") if statement.strip()]
