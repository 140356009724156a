"""Logins of clients that were finished in a browser, and whose token was not fetched yet."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import Field

from tonearm.index.tables.columns import BYTES, WITHOUT_ROWID, Table, int64


class LoginTicket(Table, table=True):
    """Lets one browser fetch one token. Only the SHA-256 is kept; `cli` is 1 when a command-line program asked."""

    __tablename__ = "login_ticket"
    __table_args__: ClassVar = WITHOUT_ROWID
    ticket_hash: bytes = Field(sa_type=BYTES, primary_key=True)
    actor_id: int = int64()
    cli: int = int64()
    expires_at: int = int64()
