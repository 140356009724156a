"""Tickets of logins that were finished in a browser."""

from __future__ import annotations

from tonearm.index.engine import Work, execute


def add_ticket(ticket_hash: bytes, actor_id: int, now: int, expires_at: int, *, cli: bool) -> Work[None]:
    """Keep a new ticket, and drop those that nobody used in time."""
    yield execute("DELETE FROM login_ticket WHERE expires_at <= $1", now)
    yield execute(
        "INSERT INTO login_ticket (ticket_hash, actor_id, cli, expires_at) VALUES ($1, $2, $3, $4)",
        ticket_hash,
        actor_id,
        int(cli),
        expires_at,
    )


def take_ticket(ticket_hash: bytes, now: int) -> Work[tuple[int, bool] | None]:
    """(actor_id, cli) of a ticket, which is gone with this; None when there is none, or it is too old."""
    rows = yield execute(
        "DELETE FROM login_ticket WHERE ticket_hash = $1 RETURNING actor_id, cli, expires_at", ticket_hash
    )
    if not rows or rows[0][2] <= now:
        return None
    return rows[0][0], bool(rows[0][1])
