"""Writes on their way to repositories, and the event log of those that arrived.

A write's bytes are in `repo_write`, once. An `outbox` row stands beside it until the repository confirms the write;
then the row goes and an `event` row comes, in one transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tonearm.index.engine import Row, Work, execute, execute_many, select

if TYPE_CHECKING:
    from collections.abc import Sequence


class WriteRow(NamedTuple):
    """One row of `repo_write`, in the order of its columns."""

    write_id: int
    actor_id: int
    action: str
    collection: str
    rkey: str
    cid: str
    record: bytes
    journal_id: int | None


class ActorState(NamedTuple):
    """How publishing for an actor stands; times in microseconds."""

    due_at: int
    failures: int
    waiting_for_login: bool
    reason: str | None
    message: str | None


_CHANGING = "SELECT 1 FROM account_move m WHERE m.actor_id = {} AND m.state IN ('switching', 'adopting')"
"""It is being changed whose repository the account's is (`services.moves`): nothing is published meanwhile."""

_WRITE = "w.write_id, w.actor_id, w.action, w.collection, w.rkey, w.cid, w.record, w.journal_id"


def enqueue(writes: Sequence[WriteRow]) -> Work[None]:
    """Add writes, in the order in which they shall reach the repository."""
    yield execute_many("INSERT INTO repo_write VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", writes)
    yield execute_many(
        "INSERT INTO outbox (actor_id, write_id) VALUES ($1, $2)", [(w.actor_id, w.write_id) for w in writes]
    )


def actors_with_writes(now: int, limit: int) -> Work[list[int]]:
    """Actors who have writes to be sent now, whom nothing holds up and nobody else serves."""
    rows = yield select(
        "WITH RECURSIVE a(actor_id) AS (SELECT min(actor_id) FROM outbox UNION ALL "
        "SELECT (SELECT min(o.actor_id) FROM outbox o WHERE o.actor_id > a.actor_id) FROM a "
        "WHERE a.actor_id IS NOT NULL) "
        "SELECT a.actor_id FROM a LEFT JOIN outbox_actor s ON s.actor_id = a.actor_id "
        "WHERE a.actor_id IS NOT NULL AND coalesce(s.due_at, 0) <= $1 AND coalesce(s.waiting_for_login, 0) = 0 "
        "AND coalesce(s.lease_until, 0) <= $1 "
        "AND EXISTS (SELECT 1 FROM outbox o WHERE o.actor_id = a.actor_id AND o.refused = 0 AND o.due_at <= $1) "
        f"AND NOT EXISTS ({_CHANGING.format('a.actor_id')}) LIMIT $2",
        now,
        limit,
    )
    return [actor_id for (actor_id,) in rows]


def pending_writes(actor_id: int, now: int, limit: int) -> Work[list[WriteRow]]:
    """The next writes of an actor, oldest first."""
    rows = yield select(
        f"SELECT {_WRITE} FROM outbox o JOIN repo_write w ON w.write_id = o.write_id "
        "WHERE o.actor_id = $1 AND o.refused = 0 AND o.due_at <= $2 ORDER BY o.write_id LIMIT $3",
        actor_id,
        now,
        limit,
    )
    return [WriteRow(*row) for row in rows]


def unconfirmed_writes_of(actor_id: int, after_write_id: int = 0, limit: int = 1000) -> Work[list[WriteRow]]:
    """Writes of an actor that the repository has not confirmed, refused ones included, oldest first."""
    rows = yield select(
        f"SELECT {_WRITE} FROM outbox o JOIN repo_write w ON w.write_id = o.write_id "
        "WHERE o.actor_id = $1 AND o.write_id > $2 ORDER BY o.write_id LIMIT $3",
        actor_id,
        after_write_id,
        limit,
    )
    return [WriteRow(*row) for row in rows]


def mark_done(actor_id: int, write_ids: list[int], rev: str, confirmed_at: int) -> Work[list[int]]:
    """The repository has these writes: they leave the outbox and enter the event log. Answers their seqs.

    A write that was confirmed before is passed over, so that a repeated confirmation makes no second event.
    """
    rows = yield select(
        "SELECT write_id FROM outbox WHERE actor_id = $1 AND write_id = ANY($2) ORDER BY write_id", actor_id, write_ids
    )
    (last,) = (yield select("SELECT coalesce(max(seq), 0) FROM event"))[0]
    events = [(last + n, write_id, rev, confirmed_at) for n, (write_id,) in enumerate(rows, 1)]
    if events:
        yield execute(
            "DELETE FROM outbox WHERE actor_id = $1 AND write_id = ANY($2)", actor_id, [event[1] for event in events]
        )
        yield execute_many("INSERT INTO event VALUES ($1, $2, $3, $4)", events)
    return [event[0] for event in events]


def refuse(actor_id: int, write_id: int, reason: str, message: str, now: int) -> Work[None]:
    """The repository refuses this write for good: it stands in its owner's queue."""
    yield execute(
        "UPDATE outbox SET refused = 1, reason = $3, message = $4, attempts = attempts + 1, tried_at = $5 "
        "WHERE actor_id = $1 AND write_id = $2",
        actor_id,
        write_id,
        reason,
        message,
        now,
    )


def put_off(actor_id: int, write_ids: list[int], due_at: int, reason: str, message: str, now: int) -> Work[None]:
    """Try these writes again, not before `due_at`."""
    yield execute(
        "UPDATE outbox SET due_at = $3, reason = $4, message = $5, attempts = attempts + 1, tried_at = $6 "
        "WHERE actor_id = $1 AND write_id = ANY($2)",
        actor_id,
        write_ids,
        due_at,
        reason,
        message,
        now,
    )


def retry_now(actor_id: int, write_id: int) -> Work[bool]:
    """Let a refused or waiting write be tried again at once; False when it is not in the queue."""
    rows = yield execute(
        "UPDATE outbox SET refused = 0, due_at = 0 WHERE actor_id = $1 AND write_id = $2 RETURNING write_id",
        actor_id,
        write_id,
    )
    return bool(rows)


def discard(actor_id: int, write_id: int) -> Work[bool]:
    """Take a write out of the queue for good; False when it is not there."""
    rows = yield execute(
        "DELETE FROM outbox WHERE actor_id = $1 AND write_id = $2 RETURNING write_id", actor_id, write_id
    )
    return bool(rows)


def rekey(write_id: int, rkey: str) -> Work[None]:
    """Give a write that was not confirmed another record key."""
    yield execute("UPDATE repo_write SET rkey = $2 WHERE write_id = $1", write_id, rkey)


def actor_state(actor_id: int) -> Work[ActorState]:
    """How publishing for an actor stands."""
    rows = yield select(
        "SELECT due_at, failures, waiting_for_login, reason, message FROM outbox_actor WHERE actor_id = $1", actor_id
    )
    if not rows:
        return ActorState(0, 0, waiting_for_login=False, reason=None, message=None)
    due_at, failures, waiting, reason, message = rows[0]
    return ActorState(due_at, failures, bool(waiting), reason, message)


def set_actor_state(actor_id: int, state: ActorState) -> Work[None]:
    """Hold up, or let go on, publishing for an actor. The lease is left as it is."""
    yield execute(
        "INSERT INTO outbox_actor (actor_id, due_at, failures, waiting_for_login, reason, message) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (actor_id) DO UPDATE SET due_at = excluded.due_at, "
        "failures = excluded.failures, waiting_for_login = excluded.waiting_for_login, reason = excluded.reason, "
        "message = excluded.message",
        actor_id,
        state.due_at,
        state.failures,
        int(state.waiting_for_login),
        state.reason,
        state.message,
    )


def take_lease(actor_id: int, holder: str, now: int, until: int) -> Work[bool]:
    """Become the one process that publishes for an actor until `until`; False when another one is, or nobody may."""
    rows = yield execute(
        "INSERT INTO outbox_actor (actor_id, lease_holder, lease_until) "
        "SELECT CAST($1 AS BIGINT), CAST($2 AS TEXT), CAST($4 AS BIGINT) "
        f"WHERE NOT EXISTS ({_CHANGING.format('$1')}) "
        "ON CONFLICT (actor_id) DO UPDATE SET lease_holder = $2, lease_until = $4 "
        "WHERE outbox_actor.lease_until <= $3 OR outbox_actor.lease_holder = $2 RETURNING actor_id",
        actor_id,
        holder,
        now,
        until,
    )
    return bool(rows)


def end_lease(actor_id: int, holder: str) -> Work[None]:
    """Let another process publish for an actor."""
    yield execute(
        "UPDATE outbox_actor SET lease_until = 0, lease_holder = NULL WHERE actor_id = $1 AND lease_holder = $2",
        actor_id,
        holder,
    )


def queue_of(actor_id: int, after_write_id: int, limit: int) -> Work[list[Row]]:
    """An actor's unconfirmed writes after `after_write_id`, oldest first.

    Rows of (write_id, action, collection, rkey, record, refused, attempts, tried_at, due_at, reason, message,
    received_at, source); the last two are NULL for a write that no submission stands behind.
    """
    return (
        yield select(
            "SELECT o.write_id, w.action, w.collection, w.rkey, w.record, o.refused, o.attempts, o.tried_at, o.due_at, "
            "o.reason, o.message, j.received_at, j.source FROM outbox o JOIN repo_write w ON w.write_id = o.write_id "
            "LEFT JOIN journal j ON j.journal_id = w.journal_id "
            "WHERE o.actor_id = $1 AND o.write_id > $2 ORDER BY o.write_id LIMIT $3",
            actor_id,
            after_write_id,
            limit,
        )
    )


def queued_write(actor_id: int, write_id: int) -> Work[WriteRow | None]:
    """One unconfirmed write of an actor."""
    rows = yield select(
        f"SELECT {_WRITE} FROM outbox o JOIN repo_write w ON w.write_id = o.write_id "
        "WHERE o.actor_id = $1 AND o.write_id = $2",
        actor_id,
        write_id,
    )
    return WriteRow(*rows[0]) if rows else None


def count_unconfirmed() -> Work[tuple[int, int, int]]:
    """(waiting writes, refused writes, actors who wait for a login), for `doctor` and health."""
    rows = yield select(
        "SELECT coalesce(sum(1 - refused), 0), coalesce(sum(refused), 0), "
        "(SELECT count(*) FROM outbox_actor WHERE waiting_for_login = 1) FROM outbox"
    )
    waiting, refused, actors = rows[0]
    return int(waiting), int(refused), int(actors)


def count_unconfirmed_of(actor_id: int) -> Work[tuple[int, int]]:
    """(waiting writes, refused writes) of an actor."""
    rows = yield select(
        "SELECT coalesce(sum(1 - refused), 0), coalesce(sum(refused), 0) FROM outbox WHERE actor_id = $1", actor_id
    )
    return int(rows[0][0]), int(rows[0][1])


def replace(write_id: int, rkey: str, cid: str, record: bytes) -> Work[None]:
    """Give a write that was not confirmed another record."""
    yield execute(
        "UPDATE repo_write SET rkey = $2, cid = $3, record = $4 WHERE write_id = $1", write_id, rkey, cid, record
    )


def clear_leases() -> Work[None]:
    """End all leases: the process that held them is gone. Only for a database that one server has to itself."""
    yield execute("UPDATE outbox_actor SET lease_until = 0, lease_holder = NULL WHERE lease_until > 0")


def last_seq() -> Work[int]:
    """The newest event's seq; 0 without any."""
    rows = yield select("SELECT coalesce(max(seq), 0) FROM event")
    seq: int = rows[0][0]
    return seq


def confirmed_after(actor_id: int, seq: int, limit: int) -> Work[list[tuple[int, WriteRow]]]:
    """An actor's writes that were confirmed after event `seq`, each with its own seq, in that order."""
    rows = yield select(
        f"SELECT e.seq, {_WRITE} FROM event e JOIN repo_write w ON w.write_id = e.write_id "
        "WHERE e.seq > $2 AND w.actor_id = $1 ORDER BY e.seq LIMIT $3",
        actor_id,
        seq,
        limit,
    )
    return [(row[0], WriteRow(*row[1:])) for row in rows]


def created_among(actor_id: int, collection: str, rkeys: list[str], seq: int) -> Work[set[str]]:
    """Those of an actor's record keys that a waiting write creates, or one that was confirmed after event `seq`."""
    wanted = "w.actor_id = $1 AND w.collection = $2 AND w.rkey = ANY($3) AND w.action = 'create'"
    rows = yield select(
        "SELECT w.rkey FROM outbox o JOIN repo_write w ON w.write_id = o.write_id "
        f"WHERE o.actor_id = $1 AND {wanted} UNION ALL "
        "SELECT w.rkey FROM event e JOIN repo_write w ON w.write_id = e.write_id "
        f"WHERE e.seq > $4 AND {wanted}",
        actor_id,
        collection,
        rkeys,
        seq,
    )
    return {rkey for (rkey,) in rows}
