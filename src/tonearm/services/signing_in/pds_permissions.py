"""Whether we may write to somebody's repository elsewhere, what still needs it, and giving it back.

A permission is a session with the PDS: agreed to by OAuth, or opened with an app password. It belongs to the account
and not to a browser: a player that scrobbles at night needs it too. So it ends when its owner disconnects, or with the
last thing that needs it: when the last session is logged out and no API token and no player key is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tonearm.index import outbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tonearm.index.engine import Database, Work
    from tonearm.index.queries.actors import AccountRow
    from tonearm.services.credentials.api_tokens import ApiTokens
    from tonearm.services.credentials.logins import Logins
    from tonearm.services.credentials.player_keys import PlayerKeys
    from tonearm.services.lifecycle.deletion import RemoteSessions


@dataclass(frozen=True, slots=True)
class Publishing:
    """How publishing stands for an account: writes on their way, writes refused, whether only a login helps."""

    waiting: int
    refused: int
    needs_login: bool


@dataclass(frozen=True, slots=True)
class PdsPermissions:
    """The permissions of all accounts."""

    database: Database
    kinds: Sequence[RemoteSessions]
    logins: Logins
    api_tokens: ApiTokens
    player_keys: PlayerKeys

    async def publishing(self, account: AccountRow) -> Publishing:
        """How publishing stands for an account."""
        needs_login = account.pds_url is not None and not await self.granted(account)
        return await self.database.read(_publishing(account.actor_id, needs_login))

    async def granted(self, account: AccountRow) -> bool:
        """Whether we may write to the account's repository elsewhere. One in the built-in PDS needs no permission."""
        if account.pds_url is None:
            return False
        return any([await kind.has(account.did) for kind in self.kinds])

    async def needed_without(self, account: AccountRow, session_id: str) -> bool:
        """Whether anything but this session still writes for the account."""
        actor_id = account.actor_id
        if any(session.session_id != session_id for session in await self.logins.sessions(actor_id)):
            return True
        if await self.api_tokens.tokens(actor_id):
            return True
        return any(key.enabled for key in await self.player_keys.list(actor_id))

    async def end(self, account: AccountRow) -> None:
        """Give the permission back and forget it. What is on its way waits for the next login; nothing is lost."""
        for kind in self.kinds:
            await kind.end(account.did)


def _publishing(actor_id: int, needs_login: bool) -> Work[Publishing]:
    waiting, refused = yield from outbox.count_unconfirmed_of(actor_id)
    state = yield from outbox.actor_state(actor_id)
    return Publishing(waiting, refused, needs_login or state.waiting_for_login)


def host_of(account: AccountRow) -> str:
    """The PDS elsewhere as people know it; empty for an account whose repository is here."""
    return urlsplit(account.pds_url).netloc if account.pds_url else ""
