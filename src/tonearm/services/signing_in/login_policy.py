"""Who may log in: anybody, or those whom the administrator named.

Asked once an identity is proven (or, for a password, resolved) and before anything is kept. Whoever has an account here
already may always come back: to keep somebody out, their account is deactivated. What a login makes never has a role.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonearm.index.queries import actors

if TYPE_CHECKING:
    from tonearm.identity.resolution import Identity
    from tonearm.index.engine import Database


class LoginNotAllowedError(Exception):
    """This identity may not log in here. The message says whom to ask."""

    name = "NotAllowed"


@dataclass(frozen=True, slots=True)
class LoginPolicy:
    """Decides by the settings: `everybody`, or the DIDs and handles in `allowed` and the accounts that exist."""

    database: Database
    everybody: bool
    allowed: frozenset[str]

    async def check(self, identity: Identity) -> None:
        """Let somebody in, or say that they may not log in.

        A handle in the list counts for whom it names now: it is compared with the verified handle only.

        Raises:
            LoginNotAllowedError: the administrator did not allow it.
        """
        if self.everybody or identity.did in self.allowed or (identity.handle or "").lower() in self.allowed:
            return
        if await self.database.read(actors.account_of_did(identity.did)) is not None:
            return
        raise LoginNotAllowedError(
            f"{identity.handle or identity.did} may not log in to this server. Its administrator decides who may: "
            "ask them to add your handle or DID to TONEARM_ALLOWED_LOGINS"
        )
