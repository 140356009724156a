"""The pages' part of the table of routes. The handlers behind it are imported when the first page is asked for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec

from tonearm.web.routes import INACTIVE_PAGE, WebRoute

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from aiohttp import web

    from tonearm.outbound import OutboundClient
    from tonearm.services.credentials.api_tokens import ApiTokens
    from tonearm.services.credentials.logins import Logins
    from tonearm.services.credentials.player_keys import PlayerKeys
    from tonearm.services.history import History
    from tonearm.services.lifecycle.lifecycle import Lifecycle
    from tonearm.services.moves import Moves
    from tonearm.services.signing_in.oauth_logins import OAuthLogins
    from tonearm.services.signing_in.password_logins import PasswordLogins
    from tonearm.services.signing_in.pds_permissions import PdsPermissions
    from tonearm.web.pages.handlers import Handlers
    from tonearm.web.rendering import Pages

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class PageServices:
    """What the pages are made from. `collections` are those that a login asks leave to write."""

    api_tokens: ApiTokens
    history: History
    logins: Logins
    moves: Moves
    oauth: OAuthLogins
    passwords: PasswordLogins
    permissions: PdsPermissions
    player_keys: PlayerKeys
    lifecycle: Lifecycle
    outbound: OutboundClient
    public_url: str
    trusted_proxies: int
    collections: Iterable[str]


class LazyHandlers:
    """Stands in for the handlers until one of them is called. Their modules would cost the start 20 ms."""

    def __init__(self, pages: Pages, of: PageServices) -> None:
        self._pages, self._of = pages, of
        self._built: Handlers | None = None

    def __call__(
        self, pick: Callable[[Handlers], Callable[P, Awaitable[web.StreamResponse]]]
    ) -> Callable[P, Awaitable[web.StreamResponse]]:
        """A function that calls what `pick` takes from the handlers."""

        async def call(*args: P.args, **named: P.kwargs) -> web.StreamResponse:
            if self._built is None:
                self._built = await asyncio.to_thread(self._build)
            return await pick(self._built)(*args, **named)

        return call

    def _build(self) -> Handlers:
        from tonearm.web.pages.handlers import build_handlers  # noqa: PLC0415 - see the class

        return build_handlers(self._pages, self._of)


def page_routes(handlers: LazyHandlers) -> list[WebRoute]:
    """Every page, and who may see it."""
    return [
        WebRoute("GET", "/", "anyone", handlers(lambda of: of.home.home)),
        WebRoute("GET", "/account/login", "anyone", handlers(lambda of: of.login.form)),
        WebRoute("POST", "/account/login", "anyone", handlers(lambda of: of.login.begin)),
        WebRoute("POST", "/account/login/password", "anyone", handlers(lambda of: of.login.with_password)),
        WebRoute("GET", "/account/avatar", "signed-in", handlers(lambda of: of.avatars.serve)),
        WebRoute("GET", "/account", "signed-in", handlers(lambda of: of.account.account)),
        WebRoute("POST", "/account/disconnect", "signed-in", handlers(lambda of: of.account.disconnect)),
        WebRoute("GET", "/account/export", "signed-in", handlers(lambda of: of.account.export), inactive=True),
        WebRoute("POST", "/account/deactivate", "signed-in", handlers(lambda of: of.account.deactivate)),
        WebRoute("GET", INACTIVE_PAGE, "signed-in", handlers(lambda of: of.account.inactive), inactive=True),
        WebRoute("POST", "/account/reactivate", "signed-in", handlers(lambda of: of.account.reactivate), inactive=True),
        WebRoute("GET", "/account/delete", "signed-in", handlers(lambda of: of.account.delete_form)),
        WebRoute("POST", "/account/delete", "signed-in", handlers(lambda of: of.account.delete)),
        WebRoute("GET", "/account/deletions/{deletion_id}", "anyone", handlers(lambda of: of.account.deletion)),
        WebRoute("GET", "/account/move", "signed-in", handlers(lambda of: of.moves.move)),
        WebRoute("POST", "/account/move/link", "signed-in", handlers(lambda of: of.moves.link)),
        WebRoute("POST", "/account/move/start", "signed-in", handlers(lambda of: of.moves.start)),
        WebRoute("POST", "/account/move/pause", "signed-in", handlers(lambda of: of.moves.pause)),
        WebRoute("POST", "/account/move/cancel", "signed-in", handlers(lambda of: of.moves.cancel)),
        WebRoute("POST", "/account/move/delete-old", "signed-in", handlers(lambda of: of.moves.delete_old)),
        WebRoute("GET", "/account/tokens", "signed-in", handlers(lambda of: of.tokens.list)),
        WebRoute("POST", "/account/tokens", "signed-in", handlers(lambda of: of.tokens.make)),
        WebRoute("POST", "/account/tokens/revoke", "signed-in", handlers(lambda of: of.tokens.revoke)),
        WebRoute("GET", "/account/keys", "signed-in", handlers(lambda of: of.keys.list)),
        WebRoute("POST", "/account/keys", "signed-in", handlers(lambda of: of.keys.make)),
        WebRoute("POST", "/account/keys/remove", "signed-in", handlers(lambda of: of.keys.remove)),
        WebRoute("GET", "/account/sessions", "signed-in", handlers(lambda of: of.sessions.list)),
        WebRoute("POST", "/account/sessions/end", "signed-in", handlers(lambda of: of.sessions.end)),
        WebRoute("POST", "/account/sessions/end-others", "signed-in", handlers(lambda of: of.sessions.end_others)),
        WebRoute("POST", "/account/logout", "signed-in", handlers(lambda of: of.sessions.log_out), inactive=True),
    ]
