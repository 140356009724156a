"""Moves of a local account to an outside identity.

Revision ID: 0006
"""

from alembic import context, op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE account_move (actor_id {int64} NOT NULL, move_id TEXT NOT NULL, from_did TEXT NOT NULL, from_handle TEXT
    NOT NULL, to_did TEXT, to_handle TEXT, pds_url TEXT, state TEXT NOT NULL, paused {int64} DEFAULT 0 NOT NULL,
    total {int64} DEFAULT 0 NOT NULL, looked_at {int64} DEFAULT 0 NOT NULL, copied {int64} DEFAULT 0 NOT NULL,
    after_collection TEXT DEFAULT '' NOT NULL, after_rkey TEXT DEFAULT '' NOT NULL, last_write_id {int64} DEFAULT 0
    NOT NULL, due_at {int64} DEFAULT 0 NOT NULL, failures {int64} DEFAULT 0 NOT NULL, reason TEXT, message TEXT,
    created_at {int64} NOT NULL, updated_at {int64} NOT NULL, lease_holder TEXT, lease_until {int64} DEFAULT 0 NOT
    NULL, PRIMARY KEY (actor_id), UNIQUE (move_id));
CREATE TABLE former_identity (former_id {int64} NOT NULL, did TEXT NOT NULL, handle TEXT NOT NULL, actor_id {int64} NOT
    NULL, moved_at {int64} NOT NULL, PRIMARY KEY (former_id), UNIQUE (did));
CREATE INDEX ix_former_identity_actor_id ON former_identity (actor_id);
CREATE TABLE moved_play (actor_id {int64} NOT NULL, tid {int64} NOT NULL, new_tid {int64} NOT NULL, rekeyed
    {int64} DEFAULT 0 NOT NULL, PRIMARY KEY
    (actor_id, tid)){without_rowid};
"""


def upgrade() -> None:
    """Add the tables to the index; the built-in PDS's store stays as it is."""
    if context.config.attributes["store"] != "index":
        return
    sqlite = op.get_bind().dialect.name == "sqlite"
    words = {"int64": "INTEGER" if sqlite else "BIGINT", "without_rowid": " WITHOUT ROWID" if sqlite else ""}
    for statement in TABLES.format(**words).split(";"):
        if statement.strip():
            op.execute(statement)
