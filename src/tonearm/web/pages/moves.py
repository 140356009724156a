"""Moving a local account to an identity elsewhere: linked by a login there, then started, watched, paused.

Whoever comes back from the login there must be signed in here to the account that began it, in the same browser: both
sides are proved in one place, and a link that somebody else began leads nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

from tonearm.services.moves import MoveNotCancellableError, MoveNotFoundError, MoveRefusedError
from tonearm.services.signing_in.oauth_logins import OAuthLoginError
from tonearm.services.signing_in.password_logins import cleaned
from tonearm.web.contexts import MovePage, Permission
from tonearm.web.errors import sentence
from tonearm.web.pages.permissions import in_words
from tonearm.web.security import SECURITY, form_of, signed_in

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable

    from tonearm.services.credentials.logins import BrowserSession
    from tonearm.services.moves import Moves, MoveView
    from tonearm.services.signing_in.oauth_logins import FinishedLogin
    from tonearm.web.pages.outside_logins import OutsideLogins
    from tonearm.web.rendering import Pages

KIND = "link"
PATH = "/account/move"
FILES = Permission("Files", "The files that your records name, so that they move along.", ())
TOLD = {
    "checking": "Tonearm looks whether it may write at the other side.",
    "switching": "Your account here becomes the other identity.",
    "adopting": "Plays that the other repository has already come into your history.",
    "copying": "Your records are copied.",
    "settling": "The last copies are on their way.",
}


@dataclass(frozen=True, slots=True)
class MovePages:
    """The handlers."""

    pages: Pages
    moves: Moves
    outside: OutsideLogins
    collections: Iterable[str]

    async def move(self, request: web.Request) -> web.Response:
        """Show how the move stands, or the form that begins one."""
        return await self._show(request, await signed_in(request))

    async def link(self, request: web.Request) -> web.Response:
        """Begin the login at the other side."""
        session = await signed_in(request)
        handle = cleaned((await form_of(request)).get("handle", ""))[:300]
        if handle in {"", session.account.handle, session.account.did}:
            told = "Type the handle of an account that is elsewhere, not of this one."
            return await self._show(request, session, handle, errors={"handle": told})
        try:
            move_id = await self.moves.begin_link(session.account.actor_id)
            purpose = {"kind": KIND, "move_id": move_id}
            return await self.outside.begin(request, handle, purpose, (*in_words(self.collections), FILES))
        except (MoveRefusedError, OAuthLoginError) as error:
            return await self._show(request, session, handle, errors={"handle": sentence(error)})

    async def finish(self, request: web.Request, login: FinishedLogin) -> web.StreamResponse:
        """The browser is back from the other side: link it to the account that is signed in here."""
        session = await signed_in(request)
        move_id = str(login.purpose.get("move_id", ""))
        try:
            await self.moves.link(session.account.actor_id, login.account, move_id=move_id)
        except MoveRefusedError as error:
            return await self._show(request, session, errors={"": sentence(error)})
        response = web.Response(status=303, headers={"Location": PATH})
        request.app[SECURITY].drop_binding(response)
        return response

    async def fail(self, request: web.Request, error: OAuthLoginError) -> web.StreamResponse:
        """The browser is back without a login."""
        return await self._show(request, await signed_in(request), errors={"": sentence(error)})

    async def start(self, request: web.Request) -> web.StreamResponse:
        """Start the move, or go on with it."""
        session = await signed_in(request)
        return await self._done(request, session, self.moves.start(session.account.actor_id))

    async def pause(self, request: web.Request) -> web.StreamResponse:
        """Let the move rest."""
        session = await signed_in(request)
        return await self._done(request, session, self.moves.pause(session.account.actor_id))

    async def cancel(self, request: web.Request) -> web.StreamResponse:
        """Give the move up."""
        session = await signed_in(request)
        return await self._done(request, session, self.moves.cancel(session.account.actor_id))

    async def delete_old(self, request: web.Request) -> web.StreamResponse:
        """Delete the old repository."""
        session = await signed_in(request)
        return await self._done(request, session, self.moves.delete_old(session.account.actor_id))

    async def _done(
        self, request: web.Request, session: BrowserSession, change: Awaitable[object]
    ) -> web.StreamResponse:
        try:
            await change
        except (MoveRefusedError, MoveNotFoundError, MoveNotCancellableError) as error:
            return await self._show(request, session, errors={"": sentence(error)})
        raise web.HTTPSeeOther(PATH)

    async def _show(
        self, request: web.Request, session: BrowserSession, handle: str = "", *, errors: dict[str, str] | None = None
    ) -> web.Response:
        try:
            page = _page(await self.moves.view(session.account.actor_id), handle, errors or {})
        except MoveNotFoundError:
            page = MovePage("form", session.account.handle, handle=handle, errors=errors or {})
        if page.stage == "form" and session.account.pds_url is not None:
            raise web.HTTPSeeOther("/account")
        response = await self.pages.show(request, "move", page, status=400 if errors else 200)
        if page.stage == "moving" and not page.paused and not errors:
            response.headers["Refresh"] = "5"
        return response


def _page(view: MoveView, handle: str, errors: dict[str, str]) -> MovePage:
    if view.state in {"linking", "cancelled"}:
        return MovePage("form", view.from_handle, handle=handle, errors=errors)
    return MovePage(
        stage=view.state if view.state in {"linked", "done"} else "moving",
        from_handle=view.from_handle,
        to_handle=view.to_handle or "",
        host=urlsplit(view.pds_url or "").netloc,
        told=TOLD.get(view.state, ""),
        held_up=view.message or "",
        done=max(0, view.copied + view.passed_over - view.waiting),
        total=view.total,
        refused=view.refused,
        paused=view.paused,
        cancellable=view.cancellable,
        errors=errors,
    )
