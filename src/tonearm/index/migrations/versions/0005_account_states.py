"""What an account is in, the deletion of accounts, when a profile was last read.

Revision ID: 0005
"""

from alembic import context, op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCRIPT = """
ALTER TABLE actor ADD COLUMN profile_at {int64};
ALTER TABLE account ADD COLUMN state TEXT NOT NULL DEFAULT 'active';
CREATE INDEX account_inactive ON account (actor_id) WHERE state <> 'active';
CREATE TABLE account_deletion (actor_id {int64} NOT NULL PRIMARY KEY, deletion_id TEXT NOT NULL UNIQUE, records TEXT NOT
    NULL, stage TEXT NOT NULL, done {int64} NOT NULL DEFAULT 0, total {int64} NOT NULL DEFAULT 0, failures {int64} NOT
    NULL DEFAULT 0, due_at {int64} NOT NULL DEFAULT 0, note TEXT, asked_at {int64} NOT NULL, finished_at {int64},
    lease_holder TEXT, lease_until {int64} NOT NULL DEFAULT 0);
"""


def upgrade() -> None:
    """Make the columns and the table; the built-in PDS's store stays as it is."""
    if context.config.attributes["store"] != "index":
        return
    int64 = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    for statement in SCRIPT.format(int64=int64).split(";"):
        if statement.strip():
            op.execute(statement)
