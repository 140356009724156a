"""Moves of accounts: how each stands, who was known by which identity, which plays have other record keys now."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tonearm.index.engine import Work, execute, execute_many, select

if TYPE_CHECKING:
    from collections.abc import Mapping


class MoveRow(NamedTuple):
    """How a move stands. Times in microseconds."""

    actor_id: int
    move_id: str
    from_did: str
    from_handle: str
    created_at: int
    updated_at: int
    state: str = "linking"
    to_did: str | None = None
    to_handle: str | None = None
    pds_url: str | None = None
    paused: int = 0
    total: int = 0
    looked_at: int = 0
    copied: int = 0
    after_collection: str = ""
    after_rkey: str = ""
    last_write_id: int = 0
    due_at: int = 0
    failures: int = 0
    reason: str | None = None
    message: str | None = None


class FormerRow(NamedTuple):
    """An identity that an account had: the actor that stands for it now, the account's actor, and its present DID."""

    former_id: int
    former_did: str
    actor_id: int
    did: str


HOLDS_OUTBOX = "('switching', 'adopting')"
"""The states in which nothing is published for an account: whose repository it would be is being changed."""

_MOVE = ", ".join(f"m.{name}" for name in MoveRow._fields)


def move_of(actor_id: int) -> Work[MoveRow | None]:
    """The move of an account."""
    rows = yield select(f"SELECT {_MOVE} FROM account_move m WHERE m.actor_id = $1", actor_id)
    return MoveRow(*rows[0]) if rows else None


def move_to(did: str) -> Work[MoveRow | None]:
    """The unfinished move to an identity, or from it."""
    rows = yield select(
        f"SELECT {_MOVE} FROM account_move m WHERE (m.to_did = $1 OR m.from_did = $1) "
        "AND m.state NOT IN ('done', 'cancelled') ORDER BY m.actor_id LIMIT 1",
        did,
    )
    return MoveRow(*rows[0]) if rows else None


def put_move(row: MoveRow) -> Work[None]:
    """Keep a move in place of the account's last one."""
    yield execute("DELETE FROM account_move WHERE actor_id = $1", row.actor_id)
    marks = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    yield execute(f"INSERT INTO account_move ({', '.join(row._fields)}) VALUES ({marks})", *row)


def change_move(row: MoveRow) -> Work[None]:
    """Store how a move stands now. The lease is left as it is."""
    names = row._fields[1:]
    values = ", ".join(f"{name} = ${n}" for n, name in enumerate(names, 2))
    yield execute(f"UPDATE account_move SET {values} WHERE actor_id = $1", *row)


def forget_move(actor_id: int, move_id: str) -> Work[None]:
    """Drop what is known of a move that is done; the former identity stays known."""
    yield execute("DELETE FROM account_move WHERE actor_id = $1 AND move_id = $2", actor_id, move_id)


def moves_to_do(now: int, limit: int) -> Work[list[int]]:
    """Accounts whose move can go on now and that no process serves."""
    rows = yield select(
        "SELECT actor_id FROM account_move WHERE state IN ('checking', 'switching', 'adopting', 'copying', 'settling') "
        "AND paused = 0 AND due_at <= $1 AND lease_until <= $1 ORDER BY updated_at LIMIT $2",
        now,
        limit,
    )
    return [actor_id for (actor_id,) in rows]


def take_lease(actor_id: int, holder: str, now: int, until: int) -> Work[bool]:
    """Become the one process that moves an account until `until`; False when another one is."""
    rows = yield execute(
        "UPDATE account_move SET lease_holder = $2, lease_until = $4 WHERE actor_id = $1 "
        "AND (lease_until <= $3 OR lease_holder = $2) RETURNING actor_id",
        actor_id,
        holder,
        now,
        until,
    )
    return bool(rows)


def holds_lease(actor_id: int, holder: str) -> Work[bool]:
    """Whether nobody has taken the lease since `holder` did."""
    return bool(
        (yield select("SELECT 1 FROM account_move WHERE actor_id = $1 AND lease_holder = $2", actor_id, holder))
    )


def end_lease(actor_id: int, holder: str) -> Work[None]:
    """Let another process move an account."""
    yield execute(
        "UPDATE account_move SET lease_until = 0, lease_holder = NULL WHERE actor_id = $1 AND lease_holder = $2",
        actor_id,
        holder,
    )


def clear_leases() -> Work[None]:
    """End all leases: the process that held them is gone. Only for a database that one server has to itself."""
    yield execute("UPDATE account_move SET lease_until = 0, lease_holder = NULL WHERE lease_until > 0")


def former_among(actor_ids: list[int]) -> Work[list[FormerRow]]:
    """The former identities of these accounts, and those that are one of these actors now."""
    rows = yield select(
        "SELECT f.former_id, f.did, f.actor_id, a.did FROM former_identity f JOIN actor a ON a.actor_id = f.actor_id "
        "WHERE f.former_id = ANY($1) OR f.actor_id = ANY($1)",
        actor_ids,
    )
    return [FormerRow(*row) for row in rows]


def former_dids(actor_id: int) -> Work[list[str]]:
    """The DIDs that an account had before its present one."""
    rows = yield select("SELECT did FROM former_identity WHERE actor_id = $1 ORDER BY moved_at", actor_id)
    return [did for (did,) in rows]


def is_moving(actor_id: int) -> Work[bool]:
    """Whether an account's records are on their way: neither repository has all of them."""
    rows = yield select(
        "SELECT 1 FROM account_move WHERE actor_id = $1 AND state IN ('switching', 'adopting', 'copying', 'settling')",
        actor_id,
    )
    return bool(rows)


class LedOn(NamedTuple):
    """Where a play is now. `rekeyed`: its own record goes there; otherwise another record stands for it."""

    tid: int
    rekeyed: bool


def moved_plays_among(actor_id: int, tids: list[int]) -> Work[dict[int, LedOn]]:
    """Those of a moved account's record keys that lead elsewhere, with where."""
    rows = yield select(
        "SELECT tid, new_tid, rekeyed FROM moved_play WHERE actor_id = $1 AND tid = ANY($2)", actor_id, tids
    )
    return {tid: LedOn(new_tid, bool(rekeyed)) for tid, new_tid, rekeyed in rows}


def lead_plays_on(actor_id: int, led: Mapping[int, LedOn]) -> Work[None]:
    """Plays of a moved account have other record keys, or are in the outside repository already."""
    yield execute_many(
        "INSERT INTO moved_play VALUES ($1, $2, $3, $4) ON CONFLICT (actor_id, tid) DO NOTHING",
        [(actor_id, tid, to.tid, int(to.rekeyed)) for tid, to in led.items()],
    )


def sendable_writes(actor_id: int, now: int, at_most: int) -> Work[int]:
    """How many writes of an actor can be sent now, counted up to `at_most`."""
    rows = yield select(
        "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE actor_id = $1 AND refused = 0 AND due_at <= $2 LIMIT $3) w",
        actor_id,
        now,
        at_most,
    )
    count: int = rows[0][0]
    return count


def writes_until(actor_id: int, last_write_id: int) -> Work[tuple[int, int]]:
    """(waiting, refused) of an actor's writes up to one, inclusive."""
    rows = yield select(
        "SELECT coalesce(sum(1 - refused), 0), coalesce(sum(refused), 0) FROM outbox "
        "WHERE actor_id = $1 AND write_id <= $2",
        actor_id,
        last_write_id,
    )
    waiting, refused = rows[0]
    return int(waiting), int(refused)


def creates_waiting(actor_id: int, collection: str, rkeys: list[str]) -> Work[dict[str, int]]:
    """Those of an actor's record keys that an unconfirmed write creates, with its id."""
    rows = yield select(
        "SELECT w.rkey, w.write_id FROM outbox o JOIN repo_write w ON w.write_id = o.write_id "
        "WHERE o.actor_id = $1 AND w.collection = $2 AND w.rkey = ANY($3) AND w.action = 'create'",
        actor_id,
        collection,
        rkeys,
    )
    return dict(rows)
