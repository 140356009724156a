"""The journal: every submission as it came, and the keys by which clients make their retries safe."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tonearm.index.engine import Row, Work, execute, execute_many, select

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class JournalRow(NamedTuple):
    """One row of the journal, in the order of its columns."""

    journal_id: int
    actor_id: int
    received_at: int
    source: str
    raw: bytes
    outcome: str
    reason: str
    tid: int


class LastIds(NamedTuple):
    """The highest ids, from which only the writer may count on, and whether any account has moved."""

    journal_id: int
    write_id: int
    any_moved: bool


def last_ids() -> Work[LastIds]:
    """The highest journal id and the highest write id."""
    rows = yield select(
        "SELECT coalesce((SELECT max(journal_id) FROM journal), 0), "
        "coalesce((SELECT max(write_id) FROM repo_write), 0), EXISTS (SELECT 1 FROM former_identity)"
    )
    journal_id, write_id, any_moved = rows[0]
    return LastIds(journal_id, write_id, bool(any_moved))


def append(rows: Sequence[JournalRow]) -> Work[None]:
    """Add submissions to the journal."""
    yield execute_many("INSERT INTO journal VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", rows)


def stored_after(journal_id: int, limit: int) -> Work[list[Row]]:
    """(journal_id, actor_id, tid) of submissions after `journal_id` that became plays, in the order of arrival."""
    return (
        yield select(
            "SELECT journal_id, actor_id, tid FROM journal WHERE journal_id > $1 AND outcome = 'stored' "
            "ORDER BY journal_id LIMIT $2",
            journal_id,
            limit,
        )
    )


def tids_of_idempotency_keys(actor_id: int, keys: list[str]) -> Work[dict[str, int]]:
    """The plays that an actor's keys stand for, of those that were used."""
    rows = yield select(
        "SELECT idempotency_key, tid FROM idempotency WHERE actor_id = $1 AND idempotency_key = ANY($2)", actor_id, keys
    )
    return dict(rows)


def remember_idempotency_keys(rows: Sequence[tuple[int, str, int]]) -> Work[None]:
    """Keep (actor_id, key, tid) for the retries to come."""
    yield execute_many("INSERT INTO idempotency VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", rows)


def lead_submission_on(journal_id: int, tid: int) -> Work[None]:
    """The play that this submission became has another record key now."""
    yield execute("UPDATE journal SET tid = $2 WHERE journal_id = $1", journal_id, tid)


def lead_idempotency_keys_on(actor_id: int, moved: Mapping[int, int]) -> Work[None]:
    """Plays of an actor have other record keys now, new by old: what clients know them by leads there.

    NOTE: reads all keys of the actor, which is why it takes many moves at once.
    """
    rows = yield select(
        "SELECT idempotency_key, tid FROM idempotency WHERE actor_id = $1 AND tid = ANY($2)", actor_id, list(moved)
    )
    if rows:
        yield execute_many(
            "UPDATE idempotency SET tid = $3 WHERE actor_id = $1 AND idempotency_key = $2",
            [(actor_id, key, moved[tid]) for key, tid in rows],
        )
