"""OAuth: requests that are under way, sessions with PDSes, keys of the client.

Revision ID: 0004
"""

from alembic import context, op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE oauth_request (state_hash {bytes} NOT NULL, binding_hash {bytes} NOT NULL, client_key_id TEXT, sealed
    {bytes} NOT NULL, expires_at {int64} NOT NULL, PRIMARY KEY (state_hash)){without_rowid};
CREATE TABLE oauth_session (actor_id {int64} NOT NULL, session_id TEXT NOT NULL, client_key_id TEXT, sealed {bytes} NOT
    NULL, created_at {int64} NOT NULL, updated_at {int64} NOT NULL, lease_holder TEXT, lease_until {int64},
    PRIMARY KEY (actor_id));
CREATE TABLE oauth_client_key (key_id TEXT NOT NULL, sealed {bytes} NOT NULL, created_at {int64} NOT NULL,
    PRIMARY KEY (key_id)){without_rowid};
"""


def upgrade() -> None:
    """Create the tables of the index; the built-in PDS's store stays as it is."""
    if context.config.attributes["store"] != "index":
        return
    sqlite = op.get_bind().dialect.name == "sqlite"
    words = {
        "int64": "INTEGER" if sqlite else "BIGINT",
        "bytes": "BLOB" if sqlite else "BYTEA",
        "without_rowid": " WITHOUT ROWID" if sqlite else "",
    }
    for statement in TABLES.format(**words).split(";"):
        if statement.strip():
            op.execute(statement)
