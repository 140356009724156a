"""Repositories: commits, records, blobs, archives and the event log.

`rows` are the values, `store` the SQL of a commit, `commit` the computation between them, `repositories` the order in which
it all happens. `records`, `reader`, `export` and `blobs` serve what is stored; `frames` and `events` tell others.

Invariant: the head is changed only in the transaction that stores the commit's nodes, records and event.
"""
