"""Tickets, by which a browser fetches the token of a client that it has logged in.

Revision ID: 0007
"""

from alembic import context, op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of the index; the built-in PDS's store stays as it is."""
    if context.config.attributes["store"] != "index":
        return
    sqlite = op.get_bind().dialect.name == "sqlite"
    int64, data, end = ("INTEGER", "BLOB", " WITHOUT ROWID") if sqlite else ("BIGINT", "BYTEA", "")
    op.execute(
        f"CREATE TABLE login_ticket (ticket_hash {data} NOT NULL, actor_id {int64} NOT NULL, cli {int64} NOT NULL, "
        f"expires_at {int64} NOT NULL, PRIMARY KEY (ticket_hash)){end}"
    )
