"""The index: our SQL.

It owns the tables of accounts, journal, catalogue, plays, outbox and event log, and the work that reads and changes
them. Work is written once as generators (`engine`) and runs on SQLite and PostgreSQL alike. Plays are keyed by (actor,
TID): uniqueness, time order, the deduplication window and keyset paging are one b-tree. Rejected: ORM sessions on hot
paths, where objects cost fourteen times a batch of rows. SQLModel describes the tables (`tables`), Alembic migrates
them (`migrations`). Invariant: whatever an answer acknowledged was committed before it.
"""
