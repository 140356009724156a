"""The first page: what this server is, or, for somebody signed in, who they are and what they played last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aiohttp import web

from tonearm.services.identity_hash import second_of
from tonearm.web.contexts import FrontPage, HomePage, PlayLine
from tonearm.web.pages.shown import moment
from tonearm.web.routes import INACTIVE_PAGE
from tonearm.web.security import browser_session

if TYPE_CHECKING:
    from tonearm.services.history import History
    from tonearm.services.signing_in.pds_permissions import PdsPermissions
    from tonearm.web.pages.avatar import Avatars
    from tonearm.web.rendering import Pages

PLAYS = 20
NOTICES = {"logged-out": "You are logged out.", "deleted": "Your account is gone."}


@dataclass(frozen=True, slots=True)
class HomePages:
    """The handlers."""

    pages: Pages
    history: History
    permissions: PdsPermissions
    avatars: Avatars

    async def home(self, request: web.Request) -> web.Response:
        """Show the first page."""
        session = await browser_session(request)
        notice = NOTICES.get(request.query.get("done", ""), "")
        if session is None:
            return await self.pages.show(request, "front", FrontPage(notice))
        if session.account.state != "active":
            raise web.HTTPSeeOther(INACTIVE_PAGE)
        did = session.account.did
        actor = await self.history.actor(did)
        plays = (await self.history.plays(did, limit=PLAYS, offset=0, cursor=None)).plays
        publishing = await self.permissions.publishing(session.account)
        page = HomePage(
            name=actor.display_name or actor.handle,
            handle=actor.handle,
            avatar_path=self.avatars.address(actor.avatar_url),
            plays=tuple(
                PlayLine(p.title, p.artist, p.album, moment(datetime.fromtimestamp(second_of(p.tid), UTC)))
                for p in plays
            ),
            waiting=publishing.waiting,
            refused=publishing.refused,
            needs_login=publishing.needs_login,
            notice=notice,
        )
        return await self.pages.show(request, "home", page)
