"""Repositories: commits, records, blobs, archives.

`rows` are the values, `store` the SQL of a commit, `commit` the computation between them, `repositories` the order in
which it all happens. `incoming` checks what callers send; `records`, `reader`, `export` and `blobs` serve what is
stored. `cache` and `pacer` keep memory and the event loop free.

Invariant: the head is changed only in the transaction that stores the commit's nodes, records and event.
"""
