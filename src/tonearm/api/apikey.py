"""`app.rocksky.apikey.*`: the caller's keys for players. The secrets are in the answer that makes a key, only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.lexicons.app.rocksky import apikey as lex
from tonearm.services.records import datetime_text

if TYPE_CHECKING:
    from tonearm.services.credentials.player_keys import PlayerKey, PlayerKeys
    from tonearm.xrpc.method import ProcedureCall, QueryCall


async def create_apikey(
    call: ProcedureCall[lex.create_apikey.Params, lex.create_apikey.Input], player_keys: PlayerKeys
) -> lex.create_apikey.Output:
    """Make a key."""
    key = await player_keys.create(call.caller.actor_id, call.input.name, call.input.description)
    return lex.create_apikey.Output(
        id=key.key_id,
        name=key.name,
        description=key.description,
        api_key=key.api_key,
        shared_secret=key.shared_secret,
        created_at=_made(key),
    )


async def get_apikeys(call: QueryCall[lex.get_apikeys.Params], player_keys: PlayerKeys) -> lex.get_apikeys.Output:
    """The caller's keys, the newest first."""
    keys = await player_keys.list(call.caller.actor_id, limit=call.params.limit, offset=call.params.offset or 0)
    return lex.get_apikeys.Output(
        api_keys=[
            lex.defs.ApiKeyView(id=key.key_id, name=key.name, description=key.description, created_at=_made(key))
            for key in keys
        ]
    )


async def update_apikey(
    call: ProcedureCall[lex.update_apikey.Params, lex.update_apikey.Input], player_keys: PlayerKeys
) -> lex.defs.ApiKey:
    """Rename a key, or change its note."""
    wish = call.input
    return _without_secrets(
        await player_keys.update(call.caller.actor_id, wish.id, name=wish.name, description=wish.description)
    )


async def remove_apikey(
    call: ProcedureCall[lex.remove_apikey.Params, None], player_keys: PlayerKeys
) -> lex.defs.ApiKey:
    """Revoke a key."""
    return _without_secrets(await player_keys.remove(call.caller.actor_id, call.params.id))


def _without_secrets(key: PlayerKey) -> lex.defs.ApiKey:
    return lex.defs.ApiKey(id=key.key_id, name=key.name, description=key.description, created_at=_made(key))


def _made(key: PlayerKey) -> str:
    return datetime_text(int(key.created_at.timestamp()))
