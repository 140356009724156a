"""Moving a local account to an identity elsewhere: the link, the start, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

from tonearm.identity.passwords import TooManyFailuresError
from tonearm.services.accounts import AccountError
from tonearm.services.login_policy import LoginNotAllowedError
from tonearm.services.moves import MoveNotFoundError
from tonearm.services.oauth_logins import OAuthLoginError
from tonearm.services.password_logins import PasswordLoginError, cleaned
from tonearm.web.contexts import ConsentPage, MovePage
from tonearm.web.errors import sentence
from tonearm.web.pages.permissions import in_words
from tonearm.web.security import SECURITY, form_of, signed_in

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from tonearm.services.moves import Moves, MoveView
    from tonearm.services.oauth_logins import FinishedLogin, OAuthLogins
    from tonearm.services.password_logins import PasswordLogins
    from tonearm.web.browser_logins import BrowserLogins
    from tonearm.web.rendering import Pages
    from tonearm.xrpc.http.rate_limit import RateLimiter

KIND = "link"
PATH = "/account/move"
STAGES = {
    "checking": "Your repository there is being looked at.",
    "switching": "This account becomes the one there.",
    "adopting": "Plays that are there already are being read.",
    "copying": "Your records are being copied.",
    "settling": "The last records are on their way.",
}


@dataclass(frozen=True, slots=True)
class MovePages:
    """The handlers. `collections` are those that a login asks leave to write."""

    pages: Pages
    browsers: BrowserLogins
    moves: Moves
    oauth: OAuthLogins
    passwords: PasswordLogins
    collections: Iterable[str]
    beginnings: RateLimiter

    async def show(self, request: web.Request) -> web.Response:
        """Show how the move stands. While it goes on, the page asks again by itself."""
        return await self._show(request)

    async def link(self, request: web.Request) -> web.StreamResponse:
        """Begin the login at the other side, or do it with an app password."""
        fields = await form_of(request)
        handle, password = cleaned(fields.get("handle", ""))[:300], fields.get("password", "")
        if not handle:
            return await self._show(request, errors={"handle": "Type your handle there."})
        actor_id = (await signed_in(request)).account.actor_id
        self.beginnings.hit(self.browsers.address(request))
        try:
            if not password:
                return await self._consent(request, actor_id, handle)
            await self.moves.check_linkable(actor_id)
            other = await self.passwords.log_in(handle, password, address=self.browsers.address(request))
            await self.moves.link(actor_id, other)
        except TooManyFailuresError as error:
            return await self._show(request, typed=handle, errors={"password": sentence(error)}, status=429)
        except PasswordLoginError as error:
            field = "password" if error.name == "WrongPassword" else "handle"
            return await self._show(request, typed=handle, errors={field: sentence(error)})
        except (OAuthLoginError, LoginNotAllowedError, AccountError) as error:
            return await self._show(request, typed=handle, errors={"handle": sentence(error)})
        raise web.HTTPSeeOther(PATH)

    async def start(self, request: web.Request) -> web.StreamResponse:
        """Start the move, or go on with it."""
        return await self._do(request, self.moves.start)

    async def pause(self, request: web.Request) -> web.StreamResponse:
        """Let the move rest."""
        return await self._do(request, self.moves.pause)

    async def cancel(self, request: web.Request) -> web.StreamResponse:
        """Give the move up."""
        return await self._do(request, self.moves.cancel)

    async def delete_old(self, request: web.Request) -> web.StreamResponse:
        """Delete the old repository."""
        return await self._do(request, self.moves.delete_old)

    async def _do(self, request: web.Request, step: Callable[[int], Awaitable[object]]) -> web.StreamResponse:
        try:
            await step((await signed_in(request)).account.actor_id)
        except AccountError as error:
            return await self._show(request, errors={"": sentence(error)})
        raise web.HTTPSeeOther(PATH)

    async def finish(self, request: web.Request, login: FinishedLogin) -> web.StreamResponse:
        """The browser is back from the other side, whose owner has logged in there."""
        account = (await signed_in(request)).account
        try:
            await self.moves.link(account.actor_id, login.account, move_id=str(login.purpose.get("move_id", "")))
        except AccountError as error:
            return await self._show(request, errors={"": sentence(error)})
        raise web.HTTPSeeOther(PATH)

    async def fail(self, request: web.Request, error: OAuthLoginError) -> web.StreamResponse:
        """The browser is back without."""
        await signed_in(request)
        return await self._show(request, errors={"": sentence(error)})

    async def _consent(self, request: web.Request, actor_id: int, handle: str) -> web.Response:
        move_id = await self.moves.begin_link(actor_id)
        known = request.app[SECURITY]
        binding = known.bind_login(request)
        url = await self.oauth.begin(handle, binding=binding, purpose={"kind": KIND, "move_id": move_id})
        page = ConsentPage(handle, urlsplit(url).netloc, url, in_words(self.collections))
        response = await self.pages.show(request, "consent", page)
        known.keep_binding(response, binding)
        return response

    async def _show(
        self, request: web.Request, *, typed: str = "", errors: dict[str, str] | None = None, status: int = 400
    ) -> web.Response:
        account = (await signed_in(request)).account
        page = MovePage(local=account.pds_url is None, handle=account.handle, typed=typed, errors=errors or {})
        try:
            view = await self.moves.view(account.actor_id)
        except MoveNotFoundError:
            pass
        else:
            page = _page_of(view, page)
        response = await self.pages.show(request, "move", page, status=status if errors else 200)
        if page.state == "moving" and not errors:
            response.headers["Refresh"] = "3"
        return response


def _page_of(view: MoveView, page: MovePage) -> MovePage:
    if view.state in {"linking", "cancelled"}:
        return page
    state = view.state if view.state in {"linked", "done"} else "paused" if view.paused else "moving"
    return MovePage(
        local=page.local,
        handle=page.handle,
        state=state,
        to_handle=view.to_handle or "",
        host=urlsplit(view.pds_url or "").netloc,
        stage=STAGES.get(view.state, ""),
        done=max(view.copied + view.passed_over - view.waiting, 0),
        total=view.total,
        refused=view.refused,
        cancellable=view.cancellable,
        message=view.message or "",
        errors=page.errors,
    )
