"""`app.tonearm.session.*`: logging an app in, and the sessions that are open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tonearm.identity.tokens import SCOPES
from tonearm.lexicons.app.tonearm import session as lex
from tonearm.services.credentials.api_tokens import checked_label, checked_scopes
from tonearm.services.records import datetime_text
from tonearm.xrpc.errors import XrpcError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web

    from tonearm.services.credentials.logins import Logins, LoginSession
    from tonearm.xrpc.auth import Principal
    from tonearm.xrpc.method import ProcedureCall, QueryCall

    AddressOf = Callable[[web.BaseRequest], str]

UNNAMED = "an app without a name"


class LoggedIn(Protocol):
    """The account that a password has opened."""

    @property
    def actor_id(self) -> int:
        """Its actor."""
        ...

    @property
    def did(self) -> str:
        """Its DID."""
        ...

    @property
    def handle(self) -> str:
        """Its handle."""
        ...


class PasswordLogins(Protocol):
    """Logs people in by password."""

    async def log_in(self, identifier: str, password: str, *, address: str | None) -> LoggedIn:
        """Answer whose handle, DID or name and password these are."""
        ...


async def create_session(
    call: ProcedureCall[lex.create_session.Params, lex.create_session.Input],
    logins: Logins,
    passwords: PasswordLogins,
    address_of: AddressOf,
) -> lex.create_session.Output:
    """Log an app in with a password."""
    wish = call.input
    scopes = checked_scopes(SCOPES if wish.scopes is None else wish.scopes)
    label = UNNAMED if wish.label is None else checked_label(wish.label, "session")
    account = await passwords.log_in(wish.identifier, wish.password, address=address_of(call.request))
    agent = call.request.headers.get("User-Agent", "")
    tokens = await logins.open_app(account.actor_id, label=label, scopes=scopes, agent=agent)
    return lex.create_session.Output(
        access_jwt=tokens.access_jwt,
        refresh_token=tokens.refresh_token,
        session_id=tokens.session_id,
        expires_at=datetime_text(int(tokens.expires_at)),
        did=account.did,
        handle=account.handle,
        scopes=list(scopes),
    )


async def refresh_session(
    call: ProcedureCall[lex.refresh_session.Params, lex.refresh_session.Input], logins: Logins
) -> lex.refresh_session.Output:
    """Exchange a refresh token for the next two tokens."""
    tokens = await logins.refresh(call.input.refresh_token)
    return lex.refresh_session.Output(
        access_jwt=tokens.access_jwt,
        refresh_token=tokens.refresh_token,
        session_id=tokens.session_id,
        expires_at=datetime_text(int(tokens.expires_at)),
    )


async def list_sessions(call: QueryCall[lex.list_sessions.Params], logins: Logins) -> lex.list_sessions.Output:
    """The caller's open sessions."""
    sessions = await logins.sessions(call.caller.actor_id)
    return lex.list_sessions.Output(sessions=[_view(session, call.caller) for session in sessions])


async def revoke_session(
    call: ProcedureCall[lex.revoke_session.Params, lex.revoke_session.Input], logins: Logins
) -> None:
    """End one of the caller's sessions."""
    caller = call.caller
    session_id = call.input.id or caller.credential
    if session_id != caller.credential and "manage" not in caller.scopes:
        raise XrpcError("Forbidden", "To end another session than its own, a credential needs the scope manage.")
    if not await logins.end(caller.actor_id, session_id):
        raise XrpcError("SessionNotFound", "This account has no such session.")


def _view(session: LoginSession, caller: Principal) -> lex.defs.SessionView:
    return lex.defs.SessionView(
        id=session.session_id,
        kind=session.kind,
        label=session.label,
        agent=session.agent,
        address=session.address or None,
        scopes=list(session.scopes),
        created_at=datetime_text(int(session.created_at.timestamp())),
        last_used_at=None if session.last_used_at is None else datetime_text(int(session.last_used_at.timestamp())),
        current=session.session_id == caller.credential,
    )
