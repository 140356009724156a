"""Fewer pages a play: counts are keyed by what they count first, and absent identifiers are in no index.

Revision ID: 0002
"""

from alembic import context, op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COUNTS = """
ALTER TABLE actor_{kind} RENAME TO actor_{kind}_0001;
DROP INDEX ix_actor_{kind}_{kind}_id;
CREATE TABLE actor_{kind} ({kind}_id {int64} NOT NULL, actor_id {int64} NOT NULL, plays {int64} NOT NULL, first_tid
    {int64} NOT NULL, CONSTRAINT actor_{kind}_key PRIMARY KEY ({kind}_id, actor_id)){without_rowid};
INSERT INTO actor_{kind} SELECT {kind}_id, actor_id, plays, first_tid FROM actor_{kind}_0001 ORDER BY {kind}_id,
    actor_id;
DROP TABLE actor_{kind}_0001;
"""

IDENTIFIERS = """
DROP INDEX ix_song_{name};
CREATE INDEX ix_song_{name} ON song ({name}) WHERE {name} IS NOT NULL;
"""


def upgrade() -> None:
    """Make the tables of counts again in the new order; the built-in PDS's store stays as it is."""
    if context.config.attributes["store"] != "index":
        return
    sqlite = op.get_bind().dialect.name == "sqlite"
    words = {"int64": "INTEGER" if sqlite else "BIGINT", "without_rowid": " WITHOUT ROWID" if sqlite else ""}
    script = "".join(COUNTS.format(kind=kind, **words) for kind in ("song", "artist", "album"))
    script += "".join(IDENTIFIERS.format(name=name) for name in ("mbid", "isrc", "spotify_id"))
    for statement in script.split(";"):
        if statement.strip():
            op.execute(statement)
