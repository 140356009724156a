"""Sessions of browsers and apps, player keys, when tokens were last used, the server's own keys.

Revision ID: 0003
"""

from alembic import context, op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LOGINS = """
ALTER TABLE api_token ADD COLUMN last_used_at {int64};
CREATE INDEX api_token_by_actor ON api_token (actor_id);
CREATE TABLE login_session (session_id TEXT NOT NULL, actor_id {int64} NOT NULL, kind TEXT NOT NULL, label TEXT NOT
    NULL, agent TEXT NOT NULL, address TEXT NOT NULL, scopes TEXT NOT NULL, secret_hash {bytes} NOT NULL, family_hash
    {bytes}, created_at {int64} NOT NULL, last_used_at {int64}, expires_at {int64} NOT NULL, PRIMARY KEY
    (session_id)){without_rowid};
CREATE INDEX login_session_by_actor ON login_session (actor_id);
CREATE UNIQUE INDEX login_session_by_secret ON login_session (secret_hash);
CREATE TABLE player_key (key_id TEXT NOT NULL, actor_id {int64} NOT NULL, name TEXT NOT NULL, description TEXT, enabled
    {int64} DEFAULT 1 NOT NULL, api_key_hash {bytes} NOT NULL, sealed {bytes} NOT NULL, created_at {int64} NOT NULL,
    last_used_at {int64}, PRIMARY KEY (key_id)){without_rowid};
CREATE INDEX player_key_by_actor ON player_key (actor_id);
CREATE UNIQUE INDEX player_key_by_api_key ON player_key (api_key_hash);
CREATE TABLE server_key (name TEXT NOT NULL, sealed {bytes} NOT NULL, PRIMARY KEY (name)){without_rowid};
CREATE TABLE master_key_change (change_id {int64} NOT NULL, key_id {bytes} NOT NULL, sealed {bytes} NOT NULL,
    PRIMARY KEY (change_id));
"""


def upgrade() -> None:
    """Make the tables of logins; the built-in PDS's store stays as it is."""
    if context.config.attributes["store"] != "index":
        return
    sqlite = op.get_bind().dialect.name == "sqlite"
    words = {
        "int64": "INTEGER" if sqlite else "BIGINT",
        "bytes": "BLOB" if sqlite else "BYTEA",
        "without_rowid": " WITHOUT ROWID" if sqlite else "",
    }
    for statement in LOGINS.format(**words).split(";"):
        if statement.strip():
            op.execute(statement)
