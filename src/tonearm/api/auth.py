"""Who calls: `Authorization: Bearer` with a token of ours, a session of the built-in PDS, or a service token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tonearm.identity.access_tokens import PREFIX as ACCESS_TOKEN
from tonearm.identity.access_tokens import AccessTokenError
from tonearm.identity.service_auth import ServiceAuthError, is_service_token
from tonearm.identity.tokens import PREFIX as API_TOKEN
from tonearm.pds.builtin.errors import SessionError
from tonearm.xrpc.errors import XrpcError

if TYPE_CHECKING:
    from aiohttp import web

    from tonearm.identity.service_auth import ServiceAuth
    from tonearm.pds.builtin.account.sessions import PdsSession
    from tonearm.services.accounts import Accounts
    from tonearm.services.credentials.api_tokens import ApiTokens
    from tonearm.services.credentials.logins import Logins
    from tonearm.xrpc.auth import Principal

NOBODY = "null"
"""What Rocksky's web client sends, as the text of nothing, for somebody who is not logged in."""
OURS = frozenset({"read", "scrobble"})
"""What a session of the built-in PDS may do here; one made with the account's own password may also manage."""


class Sessions(Protocol):
    """What authentication needs of the built-in PDS."""

    async def session_principal(self, token: str) -> PdsSession:
        """Whose session a token is; raises for one that is not good."""
        ...


class Authentication:
    """The router's authenticator. A bad credential is refused, never taken for an anonymous call."""

    def __init__(
        self, accounts: Accounts, api_tokens: ApiTokens, logins: Logins, sessions: Sessions, service_auth: ServiceAuth
    ) -> None:
        self._accounts = accounts
        self._api_tokens = api_tokens
        self._logins = logins
        self._sessions = sessions
        self._service_auth = service_auth

    async def __call__(self, request: web.BaseRequest, nsid: str) -> Principal | None:
        """Answer whose credential the request carries; None without one.

        Raises:
            XrpcError: `AuthenticationRequired`, `InvalidToken` or `ExpiredToken`; `UpstreamFailure` when nobody answers
                which key the caller of a service token has.
        """
        header = request.headers.get("Authorization")
        if header is None:
            return None
        scheme, _, token = header.partition(" ")
        token = token.strip()
        if token == NOBODY:
            return None
        if scheme.lower() not in {"bearer", "token"} or not token:
            raise XrpcError("AuthenticationRequired", "Send your token as Authorization: Bearer TOKEN.")
        if token.startswith(API_TOKEN):
            return await self._of_api_token(token)
        if token.startswith(ACCESS_TOKEN):
            try:
                return await self._logins.principal(token)
            except AccessTokenError as error:
                raise XrpcError(error.name, str(error)) from error
        if is_service_token(token):
            return await self._of_service_token(token, nsid)
        return await self._of_pds_session(token)

    async def _of_service_token(self, token: str, nsid: str) -> Principal:
        try:
            did = await self._service_auth.verify(token, nsid)
        except ServiceAuthError as error:
            status = None if error.name == "UpstreamFailure" else 401
            raise XrpcError(error.name, str(error), status=status) from error
        return await self._accounts.service_principal(did)

    async def _of_api_token(self, token: str) -> Principal:
        principal = await self._api_tokens.principal(token)
        if principal is None:
            raise XrpcError("InvalidToken", "This API token is unknown, revoked or expired.", status=401)
        return principal

    async def _of_pds_session(self, token: str) -> Principal:
        try:
            session = await self._sessions.session_principal(token)
        except SessionError as error:
            raise XrpcError(error.name, str(error)) from error
        principal = await self._accounts.session_principal(session.did, _scopes(session), session.session_id)
        if principal is None:
            raise XrpcError("InvalidToken", "The account of this session is gone.", status=401)
        return principal


def _scopes(session: PdsSession) -> frozenset[str]:
    if "refresh" in session.scopes:
        return session.scopes
    return session.scopes | OURS | ({"manage"} if "account" in session.scopes else set())
