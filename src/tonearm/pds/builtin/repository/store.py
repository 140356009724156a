"""The SQL of repositories: units of work for `Database.read` and `Database.write`.

One write is one transaction: head, nodes, records, blob references and the event. The head is only changed where it
is still the one that the commit was built on, so two processes cannot both extend the same commit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from tonearm.atproto.mst import Nodes
from tonearm.index.engine import Work, execute, execute_many, select
from tonearm.pds.builtin.errors import BlobNotFoundError, RepoInactiveError, RepoNotFoundError
from tonearm.pds.builtin.repository.rows import Event, Head, prefix_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tonearm.pds.builtin.repository.cache import NodeCache
    from tonearm.pds.builtin.repository.commit import Commit

T = TypeVar("T")

ROWS_A_STATEMENT = 64
"""Rows read or written at once: on PostgreSQL they are handled on the event loop, a millisecond's work at a time."""

_HEAD = """
SELECT r.repo_id, r.did, h.rev, h.commit_cid, h.root_cid, r.status
FROM pds_repo r JOIN pds_head h ON h.repo_id = r.repo_id WHERE r.did = $1
"""
_NODES = "SELECT cid, block FROM pds_node WHERE repo_id = $1 AND prefix = ANY($2)"


def head_of(did: str, *, any_status: bool = False) -> Work[Head]:
    """Return the head of a repository.

    Raises:
        RepoNotFoundError: there is none.
        RepoInactiveError: it is not active, and `any_status` is false.
    """
    rows = yield select(_HEAD, did)
    if not rows:
        raise RepoNotFoundError(f"no repository {did} here")
    *head, status = rows[0]
    if status != "active" and not any_status:
        raise RepoInactiveError(status)
    return Head(*head)


def load(did: str, keys: Sequence[bytes], cache: NodeCache) -> Work[tuple[Head, Nodes]]:
    """Return the head and the nodes that an edit (or a proof) of `keys` (sorted, distinct) touches."""
    head = yield from head_of(did)
    return head, (yield from nodes_for(head, keys, cache))


def nodes_for(head: Head, keys: Sequence[bytes], cache: NodeCache) -> Work[Nodes]:
    """Return the nodes of one tree that `keys` touch. A node that is nowhere is missing from the result."""
    nodes = Nodes()
    for wanted in nodes.missing(head.root_cid, keys):
        for part in _parts(wanted):
            absent = [cid for cid in part if not _add_cached(nodes, cid, cache)]
            # A full part is worth a statement even when all of it was in memory: the event loop gets its turn.
            if not absent and len(part) < ROWS_A_STATEMENT:
                continue
            rows = yield select(_NODES, head.repo_id, [prefix_of(cid) for cid in absent])
            for cid, block in rows:
                nodes.add(cid, block)
                cache.put(cid, block)
    return nodes


def _add_cached(nodes: Nodes, cid: bytes, cache: NodeCache) -> bool:
    block = cache.get(cid)
    if block is not None:
        nodes.add(cid, block)
    return block is not None


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), ROWS_A_STATEMENT):
        yield items[start : start + ROWS_A_STATEMENT]


def _many(sql: str, rows: Sequence[tuple[object, ...]]) -> Work[None]:
    for part in _parts(rows):
        yield execute_many(sql, part)


def store_commit(commit: Commit, made_at: int) -> Work[bool]:
    """Store a commit; False when the repository is not as it was any more (nothing is changed then).

    Raises:
        BlobNotFoundError: a record references a blob that is not there.
    """
    head = commit.head
    rows = yield execute(
        "UPDATE pds_head SET rev = $1, commit_cid = $2, commit_block = $3, root_cid = $4"
        " WHERE repo_id = $5 AND commit_cid = $6"
        " AND EXISTS (SELECT 1 FROM pds_repo WHERE repo_id = $5 AND status = 'active') RETURNING repo_id",
        *(head.rev, head.commit_cid, commit.block, head.root_cid, head.repo_id, commit.before.commit_cid),
    )
    if not rows:
        return False
    yield from _store_nodes(commit)
    yield from _store_records(commit)
    yield from _store_blob_refs(commit)
    yield from append_events(head.repo_id, [commit.event], made_at)
    return True


def _store_nodes(commit: Commit) -> Work[None]:
    yield from _many("DELETE FROM pds_node WHERE repo_id = $1 AND prefix = $2 AND cid = $3", commit.removed)
    yield from _many(
        "INSERT INTO pds_node (repo_id, prefix, cid, rev, block) VALUES ($1, $2, $3, $4, $5)", commit.created
    )


def _store_records(commit: Commit) -> Work[None]:
    repo_id, rev = commit.head.repo_id, commit.head.rev
    gone = [(repo_id, d.edit.collection, d.edit.rkey) for d in commit.done if d.action == "delete"]
    yield from _many("DELETE FROM pds_record WHERE repo_id = $1 AND collection = $2 AND rkey = $3", gone)
    changed = [d.edit for d in commit.done if d.action == "update"]
    yield from _many(
        "UPDATE pds_record SET prefix = $4, cid = $5, rev = $6, block = $7"
        " WHERE repo_id = $1 AND collection = $2 AND rkey = $3",
        [(repo_id, e.collection, e.rkey, prefix_of(e.cid), e.cid, rev, e.block) for e in changed],
    )
    new = [d.edit for d in commit.done if d.action == "create"]
    yield from _many(
        "INSERT INTO pds_record (repo_id, collection, rkey, prefix, cid, rev, block)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [(repo_id, e.collection, e.rkey, prefix_of(e.cid), e.cid, rev, e.block) for e in new],
    )


def _store_blob_refs(commit: Commit) -> Work[None]:
    repo_id, rev = commit.head.repo_id, commit.head.rev
    replaced = [(repo_id, d.edit.collection, d.edit.rkey) for d in commit.done if d.action in ("update", "delete")]
    yield from _many("DELETE FROM pds_blob_ref WHERE repo_id = $1 AND collection = $2 AND rkey = $3", replaced)
    referenced = [d.edit for d in commit.done if d.action in ("create", "update") and d.edit.blobs]
    if not referenced:
        return
    wanted = {cid for edit in referenced for cid in edit.blobs}
    rows = yield select("SELECT cid FROM pds_blob WHERE repo_id = $1 AND cid = ANY($2)", repo_id, sorted(wanted))
    if absent := wanted - {row[0] for row in rows}:
        raise BlobNotFoundError(f"Could not find blob: {min(absent)}")
    yield from _many(
        "INSERT INTO pds_blob_ref (repo_id, collection, rkey, cid, rev) VALUES ($1, $2, $3, $4, $5)",
        [(repo_id, e.collection, e.rkey, cid, rev) for e in referenced for cid in sorted(set(e.blobs))],
    )


def append_events(repo_id: int, events: Iterable[Event], made_at: int) -> Work[None]:
    """Add events to the stream. Writers take turns, so numbers are given out in the order of commits.

    Args:
        repo_id: the repository that they are about.
        events: in order.
        made_at: microseconds since 1970.
    """
    rows = yield select("SELECT COALESCE(MAX(seq), 0) FROM pds_event")
    first = rows[0][0] + 1
    yield from _many(
        "INSERT INTO pds_event (seq, repo_id, made_at, before_seq, after_seq) VALUES ($1, $2, $3, $4, $5)",
        [(first + at, repo_id, made_at, event.before_seq, event.after_seq) for at, event in enumerate(events)],
    )
