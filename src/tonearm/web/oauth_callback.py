"""`/oauth/callback`: where the browser comes back to from its PDS.

The login is finished, and who began it goes on: a page, a client of Rocksky's, a move. Which of them it was stands in
the login's `purpose`, which was kept with its state and so cannot be chosen by what the browser brings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonearm.services.signing_in.oauth_logins import OAuthLoginError
from tonearm.web.errors import WebError
from tonearm.web.security import LOGIN_COOKIE, SECURITY

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from aiohttp import web

    from tonearm.services.signing_in.oauth_logins import FinishedLogin, OAuthLogins

    Finish = Callable[[web.Request, FinishedLogin], Awaitable[web.StreamResponse]]
    Fail = Callable[[web.Request, OAuthLoginError], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Finisher:
    """How a login of one kind of purpose ends, well or badly."""

    finish: Finish
    fail: Fail


@dataclass(frozen=True, slots=True)
class OAuthCallback:
    """The route's handler. `finishers` by the `kind` of the purpose; failures without a purpose go to `page`."""

    logins: OAuthLogins
    finishers: Mapping[str, Finisher]

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Finish the login that the browser comes back from."""
        known = request.app[SECURITY]
        try:
            login = await self.logins.finish(dict(request.query), binding=known.cookie(request, LOGIN_COOKIE))
        except OAuthLoginError as error:
            kind = str((error.purpose or {}).get("kind", "page"))
            answer = await self._finisher(kind).fail(request, error)
        else:
            answer = await self._finisher(str(login.purpose.get("kind", ""))).finish(request, login)
        return answer

    def _finisher(self, kind: str) -> Finisher:
        found = self.finishers.get(kind)
        if found is None:
            raise WebError(400, "This login cannot go on", "It was begun for something that this server does not have.")
        return found
