"""Whatever the credential, the account that it is of must be one that may use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.lexicons import nsids
from tonearm.services.accounts import AccountDeactivatedError
from tonearm.xrpc.errors import XrpcError

if TYPE_CHECKING:
    from aiohttp import web

    from tonearm.services.lifecycle import AccountStates
    from tonearm.xrpc.auth import Authenticator, Principal

_SESSION = frozenset(
    {
        nsids.COM_ATPROTO_SERVER_GET_SESSION,
        nsids.COM_ATPROTO_SERVER_REFRESH_SESSION,
        nsids.COM_ATPROTO_SERVER_DELETE_SESSION,
    }
)
_OWN_DATA = frozenset(
    {
        nsids.APP_TONEARM_ACCOUNT_GET_ACCOUNT,
        nsids.APP_TONEARM_ACCOUNT_EXPORT,
        nsids.APP_TONEARM_ACCOUNT_REQUEST_DELETE,
        nsids.APP_TONEARM_ACCOUNT_GET_DELETION,
    }
)
OPEN_TO: dict[str, frozenset[str]] = {
    "deactivated": _SESSION | _OWN_DATA | {nsids.APP_TONEARM_ACCOUNT_REACTIVATE},
    "suspended": _SESSION | _OWN_DATA,
    "deleting": frozenset(),
}
"""What the owner of an account may call that is not active."""


class ActiveAccounts:
    """An authenticator that refuses the credentials of accounts that are not active, wherever it is not said above."""

    def __init__(self, inner: Authenticator, states: AccountStates) -> None:
        self._inner = inner
        self._states = states

    async def __call__(self, request: web.BaseRequest, nsid: str) -> Principal | None:
        """Answer whose credential the request carries; None without one.

        Raises:
            XrpcError: as the inner authenticator, or `AccountDeactivated`.
        """
        principal = await self._inner(request, nsid)
        if principal is not None:
            state = await self._states.state(principal.actor_id)
            if state != "active" and nsid not in OPEN_TO[state]:
                raise XrpcError("AccountDeactivated", str(AccountDeactivatedError(state)), status=401)
        return principal
