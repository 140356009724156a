"""Sessions with PDSes elsewhere that were agreed to by OAuth: kept sealed, refreshed by one process at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tonearm.index.engine import Database


@dataclass(frozen=True, slots=True)
class OAuthSessions:
    """The sessions, one for each account at most."""

    database: Database
    now: Callable[[], float]

    async def has(self, did: str) -> bool:
        """Whether the account has a session."""
        del did
        return False

    async def end(self, did: str) -> None:
        """Forget the account's session, and revoke it at its server. Without one it does nothing.

        The session is gone here when this returns, also when the server could not be told.
        """
        del did
