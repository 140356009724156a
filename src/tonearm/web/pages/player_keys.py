"""Player keys: made, shown once, listed, removed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aiohttp import web

from tonearm.services.credentials.player_keys import PlayerKeyNameError, PlayerKeyNotFoundError
from tonearm.web.contexts import KeyLine, KeysPage
from tonearm.web.errors import sentence
from tonearm.web.pages.shown import moment, moment_or_none
from tonearm.web.security import form_of, signed_in

if TYPE_CHECKING:
    from tonearm.services.credentials.player_keys import PlayerKeys
    from tonearm.web.rendering import Pages

NOTICES = {"removed": "The key is removed. The player that used it can no longer send plays."}


@dataclass(frozen=True, slots=True)
class KeyPages:
    """The handlers."""

    pages: Pages
    keys: PlayerKeys

    async def list(self, request: web.Request) -> web.Response:
        """Show the keys and the form for another."""
        notice = NOTICES.get(request.query.get("done", ""), "")
        return await self._show(request, KeysPage((), notice=notice))

    async def make(self, request: web.Request) -> web.Response:
        """Make a key and show it: the answer to the form is the only page that holds its secret."""
        fields = await form_of(request)
        name, description = fields.get("name", "").strip(), fields.get("description", "").strip()
        filled = KeysPage((), name=name, description=description)
        if not name:
            return await self._show(request, replace(filled, errors={"name": "Give the key a name."}), status=400)
        account = (await signed_in(request)).account
        try:
            key = await self.keys.create(account.actor_id, name, description or None)
        except PlayerKeyNameError as error:
            field = "description" if "note" in str(error) else "name"
            return await self._show(request, replace(filled, errors={field: sentence(error)}), status=400)
        made = KeysPage((), made_api_key=key.api_key, made_secret=key.shared_secret, made_name=key.name)
        return await self._show(request, made)

    async def remove(self, request: web.Request) -> web.StreamResponse:
        """Remove a key."""
        account = (await signed_in(request)).account
        try:
            await self.keys.remove(account.actor_id, (await form_of(request)).get("key_id", ""))
        except PlayerKeyNotFoundError:
            raise web.HTTPSeeOther("/account/keys") from None
        raise web.HTTPSeeOther("/account/keys?done=removed")

    async def _show(self, request: web.Request, page: KeysPage, *, status: int = 200) -> web.Response:
        account = (await signed_in(request)).account
        lines = tuple(
            KeyLine(
                key.key_id,
                key.name,
                key.description or "",
                key.enabled,
                moment(key.created_at),
                moment_or_none(key.last_used_at),
            )
            for key in await self.keys.list(account.actor_id)
        )
        return await self.pages.show(request, "keys", replace(page, keys=lines), status=status)
