"""The foundation: accounts, journal, catalogue, plays, outbox, event log; the built-in PDS.

Revision ID: 0001
"""

from alembic import context, op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PDS_TABLES = """
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

INDEX_TABLES = """
CREATE TABLE account (actor_id {int64} NOT NULL, name TEXT NOT NULL, role TEXT DEFAULT 'none' NOT NULL,
    password_hash TEXT, pds_url TEXT, created_at {int64} NOT NULL, PRIMARY KEY (actor_id), UNIQUE (name));
CREATE TABLE actor (actor_id {int64} NOT NULL, did TEXT NOT NULL, handle TEXT NOT NULL, display_name TEXT,
    avatar_url TEXT, created_at {int64} NOT NULL, updated_at {int64} NOT NULL, PRIMARY KEY (actor_id), UNIQUE
    (did));
CREATE TABLE actor_album (actor_id {int64} NOT NULL, album_id {int64} NOT NULL, plays {int64} NOT NULL,
    first_tid {int64} NOT NULL, PRIMARY KEY (actor_id, album_id)){without_rowid};
CREATE INDEX ix_actor_album_album_id ON actor_album (album_id);
CREATE TABLE actor_artist (actor_id {int64} NOT NULL, artist_id {int64} NOT NULL, plays {int64} NOT NULL,
    first_tid {int64} NOT NULL, PRIMARY KEY (actor_id, artist_id)){without_rowid};
CREATE INDEX ix_actor_artist_artist_id ON actor_artist (artist_id);
CREATE TABLE actor_song (actor_id {int64} NOT NULL, song_id {int64} NOT NULL, plays {int64} NOT NULL, first_tid
    {int64} NOT NULL, PRIMARY KEY (actor_id, song_id)){without_rowid};
CREATE INDEX ix_actor_song_song_id ON actor_song (song_id);
CREATE TABLE album (album_id {int64} NOT NULL, artist_id {int64} NOT NULL, title TEXT NOT NULL, artist_name
    TEXT NOT NULL, year {int64}, release_date TEXT, cover_url TEXT, assumed {int64} DEFAULT 0 NOT NULL, made_by
    {int64} NOT NULL, PRIMARY KEY (album_id));
CREATE TABLE api_token (token_hash {bytes} NOT NULL, actor_id {int64} NOT NULL, label TEXT NOT NULL, scopes
    TEXT NOT NULL, created_at {int64} NOT NULL, expires_at {int64}, revoked_at {int64}, PRIMARY KEY
    (token_hash)){without_rowid};
CREATE TABLE artist (artist_id {int64} NOT NULL, name TEXT NOT NULL, mbid TEXT, picture_url TEXT, made_by
    {int64} NOT NULL, PRIMARY KEY (artist_id));
CREATE TABLE event (seq {int64} NOT NULL, write_id {int64} NOT NULL, rev TEXT NOT NULL, confirmed_at {int64}
    NOT NULL, PRIMARY KEY (seq));
CREATE TABLE idempotency (actor_id {int64} NOT NULL, idempotency_key TEXT NOT NULL, tid {int64} NOT NULL,
    PRIMARY KEY (actor_id, idempotency_key)){without_rowid};
CREATE TABLE journal (journal_id {int64} NOT NULL, actor_id {int64} NOT NULL, received_at {int64} NOT NULL,
    source TEXT NOT NULL, raw {bytes} NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL, tid {int64} NOT
    NULL, PRIMARY KEY (journal_id));
CREATE TABLE outbox (actor_id {int64} NOT NULL, write_id {int64} NOT NULL, refused {int64} DEFAULT 0 NOT NULL,
    attempts {int64} DEFAULT 0 NOT NULL, tried_at {int64}, due_at {int64} DEFAULT 0 NOT NULL, reason TEXT,
    message TEXT, PRIMARY KEY (actor_id, write_id)){without_rowid};
CREATE TABLE outbox_actor (actor_id {int64} NOT NULL, due_at {int64} DEFAULT 0 NOT NULL, failures {int64}
    DEFAULT 0 NOT NULL, waiting_for_login {int64} DEFAULT 0 NOT NULL, reason TEXT, message TEXT, lease_holder
    TEXT, lease_until {int64} DEFAULT 0 NOT NULL, PRIMARY KEY (actor_id));
CREATE TABLE play (actor_id {int64} NOT NULL, tid {int64} NOT NULL, song_id {int64} NOT NULL, mbid TEXT, isrc
    TEXT, journal_id {int64}, PRIMARY KEY (actor_id, tid)){without_rowid};
CREATE INDEX play_by_time ON play (tid);
CREATE TABLE remote_login (actor_id {int64} NOT NULL, sealed {bytes} NOT NULL, updated_at {int64} NOT NULL,
    lease_holder TEXT, lease_until {int64}, PRIMARY KEY (actor_id));
CREATE TABLE repo_write (write_id {int64} NOT NULL, actor_id {int64} NOT NULL, action TEXT NOT NULL, collection
    TEXT NOT NULL, rkey TEXT NOT NULL, cid TEXT NOT NULL, record {bytes} NOT NULL, journal_id {int64}, PRIMARY
    KEY (write_id));
CREATE TABLE song (song_id {int64} NOT NULL, artist_id {int64} NOT NULL, album_id {int64} NOT NULL, title TEXT
    NOT NULL, artist TEXT NOT NULL, album TEXT NOT NULL, album_artist TEXT NOT NULL, duration_ms {int64},
    track_number {int64}, disc_number {int64}, mbid TEXT, isrc TEXT, spotify_id TEXT, genres TEXT, artists TEXT,
    made_by {int64} NOT NULL, PRIMARY KEY (song_id));
CREATE INDEX ix_song_album_id ON song (album_id);
CREATE INDEX ix_song_isrc ON song (isrc);
CREATE INDEX ix_song_mbid ON song (mbid);
CREATE INDEX ix_song_spotify_id ON song (spotify_id);
CREATE TABLE tombstone (actor_id {int64} NOT NULL, tid {int64} NOT NULL, created_at {int64} NOT NULL, PRIMARY
    KEY (actor_id, tid)){without_rowid};
"""


def upgrade() -> None:
    """Create the tables of the store at hand."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    words = {
        "int64": "INTEGER" if sqlite else "BIGINT",
        "bytes": "BLOB" if sqlite else "BYTEA",
        "key": "TEXT" if sqlite else 'TEXT COLLATE "C"',
        "without_rowid": " WITHOUT ROWID" if sqlite else "",
    }
    script = INDEX_TABLES if context.config.attributes["store"] == "index" else PDS_TABLES
    for statement in script.format(**words).split(";"):
        if statement.strip():
            op.execute(statement)
