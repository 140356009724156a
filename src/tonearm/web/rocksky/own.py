"""What a client asks for its own listener: profile, access tokens, API keys. Everything is of the caller alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tonearm.identity.tokens import SCOPES
from tonearm.services.accounts import AccountError
from tonearm.services.credentials.api_tokens import token_id_of
from tonearm.services.credentials.player_keys import LONGEST_DESCRIPTION, PlayerKeyNotFoundError
from tonearm.web.errors import WebError
from tonearm.web.rocksky.answers import flag_in, json_body, page_of, text_in
from tonearm.web.routes import PRINCIPAL
from tonearm.xrpc.errors import XrpcError

if TYPE_CHECKING:
    from datetime import datetime

    from tonearm.services.credentials.api_tokens import ApiTokens, ApiTokenView
    from tonearm.services.credentials.player_keys import PlayerKey, PlayerKeys
    from tonearm.services.people import People

LONGEST_NAME = 120
KEYS_PAGE = 20
TOKENS_PAGE = 50


@dataclass(frozen=True, slots=True)
class OwnRoutes:
    """Answers for the caller's own account."""

    people: People
    tokens: ApiTokens
    keys: PlayerKeys
    avatar_url: str

    async def profile(self, request: web.Request) -> web.Response:
        """Say who the caller is. The services that Rocksky links are none of ours, so nothing is connected."""
        caller = request[PRINCIPAL]
        actor = await self.people.actor(caller.actor_id)
        return web.json_response(
            {
                "did": actor.did,
                "handle": actor.handle,
                "displayName": actor.display_name or actor.handle,
                "avatar": actor.avatar_url or self.avatar_url,
                "spotifyUser": None,
                "spotifyConnected": False,
                "googledrive": None,
                "dropbox": None,
            }
        )

    async def list_tokens(self, request: web.Request) -> web.Response:
        """List the caller's API tokens without their secrets, the newest first."""
        size, offset = page_of(request, TOKENS_PAGE)
        tokens = await self.tokens.tokens(request[PRINCIPAL].actor_id)
        return web.json_response([_token(token) for token in tokens[offset : offset + size]])

    async def create_token(self, request: web.Request) -> web.Response:
        """Make an API token that may do what the caller's credential may; the one time that it is seen."""
        caller = request[PRINCIPAL]
        name = _name(await json_body(request))
        try:
            token = await self.tokens.create(caller.actor_id, name, [s for s in SCOPES if s in caller.scopes])
        except AccountError as error:
            raise _refused(error) from error
        token_id = token_id_of(token)
        made = next(view for view in await self.tokens.tokens(caller.actor_id) if view.token_id == token_id)
        return web.json_response({**_token(made), "lastFour": token[-4:], "token": token})

    async def delete_token(self, request: web.Request) -> web.Response:
        """Revoke one of the caller's tokens."""
        if not await self.tokens.revoke(request[PRINCIPAL].actor_id, request.match_info["token_id"]):
            raise _not_found("access token")
        return web.json_response({"success": True})

    async def list_keys(self, request: web.Request) -> web.Response:
        """List the caller's player keys, the newest first."""
        size, offset = page_of(request, KEYS_PAGE)
        keys = await self.keys.list(request[PRINCIPAL].actor_id, limit=size, offset=offset)
        return web.json_response(
            [
                {
                    "id": key.key_id,
                    "name": key.name,
                    "description": key.description or "",
                    "enabled": key.enabled,
                    "apiKey": key.api_key,
                    "sharedSecret": key.shared_secret,
                    "createdAt": _time(key.created_at),
                }
                for key in keys
            ]
        )

    async def create_key(self, request: web.Request) -> web.Response:
        """Make a player key."""
        body = await json_body(request)
        description = text_in(body, "description", LONGEST_DESCRIPTION)
        try:
            key = await self.keys.create(request[PRINCIPAL].actor_id, _name(body), description)
        except AccountError as error:
            raise _refused(error) from error
        return web.json_response(_key(key))

    async def update_key(self, request: web.Request) -> web.Response:
        """Change name, description and whether the key is good. Whatever else the body holds is not looked at."""
        body = await json_body(request)
        try:
            key = await self.keys.update(
                request[PRINCIPAL].actor_id,
                request.match_info["key_id"],
                name=text_in(body, "name", LONGEST_NAME),
                description=text_in(body, "description", LONGEST_DESCRIPTION),
                enabled=flag_in(body, "enabled"),
            )
        except PlayerKeyNotFoundError:
            raise _not_found("API key") from None
        except AccountError as error:
            raise _refused(error) from error
        return web.json_response(_key(key))

    async def delete_key(self, request: web.Request) -> web.Response:
        """Remove one of the caller's player keys."""
        try:
            await self.keys.remove(request[PRINCIPAL].actor_id, request.match_info["key_id"])
        except PlayerKeyNotFoundError:
            raise _not_found("API key") from None
        return web.json_response({"success": True})


def _name(body: dict[str, Any]) -> str:
    name = text_in(body, "name", LONGEST_NAME)
    if not name or not name.strip():
        raise XrpcError("InvalidRequest", "name is missing: say what you will know it by.")
    return name


def _refused(error: AccountError) -> XrpcError:
    return XrpcError("InvalidRequest", str(error))


def _not_found(what: str) -> WebError:
    return WebError(404, "Not found", f"You have no {what} with this id. List them to see the ids.")


def _token(token: ApiTokenView) -> dict[str, Any]:
    return {
        "id": token.token_id,
        "name": token.label,
        "lastUsedAt": None if token.last_used_at is None else _time(token.last_used_at),
        "expiresAt": None if token.expires_at is None else _time(token.expires_at),
        "createdAt": _time(token.created_at),
        "updatedAt": _time(token.created_at),
    }


def _key(key: PlayerKey) -> dict[str, Any]:
    return {
        "id": key.key_id,
        "name": key.name,
        "description": key.description or "",
        "enabled": key.enabled,
        "api_key": key.api_key,
        "shared_secret": key.shared_secret,
    }


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
