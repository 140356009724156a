"""Actors and accounts."""

from __future__ import annotations

from typing import NamedTuple

from tonearm.index.engine import Work, execute, select


class ActorRow(NamedTuple):
    """What is known of an actor."""

    actor_id: int
    did: str
    handle: str
    display_name: str | None
    avatar_url: str | None
    created_at: int
    updated_at: int


class AccountRow(NamedTuple):
    """What is known of an account. `pds_url` None is the built-in PDS; `state` as in `tables.Account`."""

    actor_id: int
    did: str
    handle: str
    name: str
    role: str
    password_hash: str | None
    pds_url: str | None
    state: str = "active"
    created_at: int = 0


INACTIVE = "SELECT actor_id FROM account WHERE state <> 'active'"
"""The accounts that are deactivated, suspended or being deleted: nobody is shown them. An index holds these alone."""

_ACTOR = "actor_id, did, handle, display_name, avatar_url, created_at, updated_at"
_ACCOUNT = "a.actor_id, a.did, a.handle, c.name, c.role, c.password_hash, c.pds_url, c.state, c.created_at"


def actor_id_of(did: str) -> Work[int | None]:
    """The actor with this DID."""
    rows = yield select("SELECT actor_id FROM actor WHERE did = $1", did)
    return rows[0][0] if rows else None


def did_of(actor_id: int) -> Work[str]:
    """The DID of an actor that exists."""
    rows = yield select("SELECT did FROM actor WHERE actor_id = $1", actor_id)
    did: str = rows[0][0]
    return did


def actor_named(did_or_handle: str) -> Work[ActorRow | None]:
    """The actor with this DID or handle; of several with a handle (only one can be right) the last updated.

    A former identity leads to the account that had it.
    """
    column = "did" if did_or_handle.startswith("did:") else "handle"
    rows = yield select(
        f"SELECT {_ACTOR} FROM actor WHERE actor_id = (SELECT coalesce(f.actor_id, a.actor_id) FROM actor a "
        f"LEFT JOIN former_identity f ON f.former_id = a.actor_id WHERE a.{column} = $1 "
        "ORDER BY a.updated_at DESC, a.actor_id DESC LIMIT 1)",
        did_or_handle if column == "did" else did_or_handle.lower(),
    )
    return ActorRow(*rows[0]) if rows else None


def visible_actor_named(did_or_handle: str) -> Work[ActorRow | None]:
    """The actor with this DID or handle, unless their account is deactivated."""
    actor = yield from actor_named(did_or_handle)
    if actor is None or (yield select(f"{INACTIVE} AND actor_id = $1", actor.actor_id)):
        return None
    return actor


def actors_with_ids(actor_ids: list[int]) -> Work[dict[int, ActorRow]]:
    """Actors by id."""
    rows = yield select(f"SELECT {_ACTOR} FROM actor WHERE actor_id = ANY($1)", actor_ids)
    return {row[0]: ActorRow(*row) for row in rows}


def add_actor(did: str, handle: str, now: int) -> Work[int]:
    """Add an actor, or give the one with this DID its present handle. Answers the actor's id."""
    actor_id = yield from actor_id_of(did)
    if actor_id is None:
        rows = yield select("SELECT coalesce(max(actor_id), 0) + 1 FROM actor")
        actor_id = rows[0][0]
        yield execute(
            "INSERT INTO actor (actor_id, did, handle, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)",
            actor_id,
            did,
            handle,
            now,
        )
    else:
        yield execute("UPDATE actor SET handle = $2, updated_at = $3 WHERE actor_id = $1", actor_id, handle, now)
    return actor_id


def add_account(
    actor_id: int, name: str, role: str, password_hash: str | None, pds_url: str | None, now: int
) -> Work[None]:
    """Add an account for an actor; the name must be free."""
    yield execute(
        "INSERT INTO account (actor_id, name, role, password_hash, pds_url, created_at) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        actor_id,
        name,
        role,
        password_hash,
        pds_url,
        now,
    )


def account_named(name: str) -> Work[AccountRow | None]:
    """The account with this name, handle or DID, also a former one; the name is compared without regard to case."""
    rows = yield select(
        f"SELECT {_ACCOUNT} FROM account c JOIN actor a ON a.actor_id = c.actor_id "
        "WHERE c.name = $1 OR a.handle = $1 OR a.did = $2 ORDER BY c.name = $1 DESC LIMIT 1",
        name.lower(),
        name,
    )
    if rows:
        return AccountRow(*rows[0])
    former = yield select(
        "SELECT actor_id FROM former_identity WHERE did = $2 OR handle = $1 LIMIT 1", name.lower(), name
    )
    return (yield from account_of(former[0][0])) if former else None


def account_formerly(did: str) -> Work[AccountRow | None]:
    """The account that had this DID before it moved."""
    rows = yield select("SELECT actor_id FROM former_identity WHERE did = $1", did)
    return (yield from account_of(rows[0][0])) if rows else None


def account_of_did(did: str) -> Work[AccountRow | None]:
    """The account of this very DID: nothing else that somebody chose, a name or a handle, is looked at."""
    rows = yield select(
        f"SELECT {_ACCOUNT} FROM account c JOIN actor a ON a.actor_id = c.actor_id WHERE a.did = $1", did
    )
    return AccountRow(*rows[0]) if rows else None


def account_of(actor_id: int) -> Work[AccountRow | None]:
    """The account of an actor."""
    rows = yield select(
        f"SELECT {_ACCOUNT} FROM account c JOIN actor a ON a.actor_id = c.actor_id WHERE c.actor_id = $1", actor_id
    )
    return AccountRow(*rows[0]) if rows else None


def accounts(*, after: int = 0, limit: int | None = None) -> Work[list[AccountRow]]:
    """All accounts, the oldest first; or so many of those whose actor ids are above `after`."""
    most = "" if limit is None else f" LIMIT {limit:d}"
    rows = yield select(
        f"SELECT {_ACCOUNT} FROM account c JOIN actor a ON a.actor_id = c.actor_id WHERE c.actor_id > $1 "
        f"ORDER BY c.actor_id{most}",
        after,
    )
    return [AccountRow(*row) for row in rows]


def set_role(actor_id: int, role: str) -> Work[None]:
    """Give an account a role."""
    yield execute("UPDATE account SET role = $2 WHERE actor_id = $1", actor_id, role)


def set_pds_url(actor_id: int, pds_url: str | None) -> Work[None]:
    """Note on which PDS an account's repository is; None is the built-in one."""
    yield execute("UPDATE account SET pds_url = $2 WHERE actor_id = $1", actor_id, pds_url)


def remote_login_of(actor_id: int) -> Work[bytes | None]:
    """The sealed session of an actor with their PDS."""
    rows = yield select("SELECT sealed FROM remote_login WHERE actor_id = $1", actor_id)
    return rows[0][0] if rows else None


def has_remote_login(actor_id: int) -> Work[bool]:
    """Whether an actor has a session with their PDS by an app password."""
    return bool((yield select("SELECT 1 FROM remote_login WHERE actor_id = $1", actor_id)))


def keep_remote_login(actor_id: int, sealed: bytes, now: int) -> Work[None]:
    """Keep an actor's session with their PDS."""
    yield execute(
        "INSERT INTO remote_login (actor_id, sealed, updated_at) VALUES ($1, $2, $3) "
        "ON CONFLICT (actor_id) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at",
        actor_id,
        sealed,
        now,
    )


def drop_remote_login(actor_id: int) -> Work[None]:
    """Forget an actor's session with their PDS."""
    yield execute("DELETE FROM remote_login WHERE actor_id = $1", actor_id)


def take_remote_login_lease(actor_id: int, holder: str, now: int, until: int) -> Work[bool]:
    """Become the one who refreshes an actor's session; False when another one is, or there is no session."""
    rows = yield execute(
        "UPDATE remote_login SET lease_holder = $2, lease_until = $4 WHERE actor_id = $1 "
        "AND (lease_until IS NULL OR lease_until <= $3 OR lease_holder = $2) RETURNING actor_id",
        actor_id,
        holder,
        now,
        until,
    )
    return bool(rows)


def end_remote_login_lease(actor_id: int, holder: str) -> Work[None]:
    """Let others refresh an actor's session."""
    yield execute(
        "UPDATE remote_login SET lease_holder = NULL, lease_until = NULL WHERE actor_id = $1 AND lease_holder = $2",
        actor_id,
        holder,
    )
