"""`app.tonearm.token.*`: the caller's API tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.identity.tokens import SCOPES
from tonearm.lexicons.app.tonearm import token as lex
from tonearm.services.credentials.api_tokens import token_id_of
from tonearm.services.records import datetime_text
from tonearm.xrpc.errors import XrpcError

if TYPE_CHECKING:
    from tonearm.services.credentials.api_tokens import ApiTokens, ApiTokenView
    from tonearm.xrpc.method import ProcedureCall, QueryCall


async def create_token(
    call: ProcedureCall[lex.create_token.Params, lex.create_token.Input], api_tokens: ApiTokens
) -> lex.create_token.Output:
    """Make an API token that may do no more than the caller."""
    wish, caller = call.input, call.caller
    own = [scope for scope in SCOPES if scope in caller.scopes]
    scopes = own if wish.scopes is None else wish.scopes
    beyond = [scope for scope in scopes if scope in SCOPES and scope not in own]
    if beyond:
        raise XrpcError("Forbidden", f"The caller may not {', '.join(beyond)}, so no token of theirs may.")
    token = await api_tokens.create(caller.actor_id, wish.label, scopes, lives_s=wish.lives_seconds)
    made = next(each for each in await api_tokens.tokens(caller.actor_id) if each.token_id == token_id_of(token))
    return lex.create_token.Output(token=token, view=_view(made))


async def list_tokens(call: QueryCall[lex.list_tokens.Params], api_tokens: ApiTokens) -> lex.list_tokens.Output:
    """The caller's API tokens."""
    return lex.list_tokens.Output(tokens=[_view(token) for token in await api_tokens.tokens(call.caller.actor_id)])


async def revoke_token(
    call: ProcedureCall[lex.revoke_token.Params, lex.revoke_token.Input], api_tokens: ApiTokens
) -> None:
    """Revoke one of the caller's API tokens."""
    if not await api_tokens.revoke(call.caller.actor_id, call.input.id):
        raise XrpcError("TokenNotFound", "This account has no such token.")


def _view(token: ApiTokenView) -> lex.defs.TokenView:
    return lex.defs.TokenView(
        id=token.token_id,
        label=token.label,
        scopes=list(token.scopes),
        created_at=datetime_text(int(token.created_at.timestamp())),
        expires_at=None if token.expires_at is None else datetime_text(int(token.expires_at.timestamp())),
        last_used_at=None if token.last_used_at is None else datetime_text(int(token.last_used_at.timestamp())),
    )
