"""What accounts are in, and the administrators who must not run out."""

from __future__ import annotations

from tonearm.index.engine import Work, execute, select
from tonearm.index.queries.actors import INACTIVE


def inactive_accounts() -> Work[dict[int, str]]:
    """The state of each account that is not active, by actor id."""
    rows = yield select("SELECT actor_id, state FROM account WHERE state <> 'active'")
    return dict(rows)


def set_state(actor_id: int, state: str) -> Work[None]:
    """Put an account into a state."""
    yield execute("UPDATE account SET state = $2 WHERE actor_id = $1", actor_id, state)


def is_last_administrator(actor_id: int) -> Work[bool]:
    """Whether an account is the only one that is active and has the administrator's role."""
    rows = yield select(
        f"SELECT actor_id FROM account WHERE role = 'administrator' AND actor_id NOT IN ({INACTIVE}) LIMIT 2"
    )
    return rows == [(actor_id,)]
