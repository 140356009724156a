"""Sessions: where an account is logged in, ending them, and logging out.

Logging out ends this browser's session. When nothing else of the account needs it, the permission to write at its PDS
is given back as well; while plays are still on their way there, the person is asked first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from tonearm.services.signing_in.pds_permissions import host_of
from tonearm.web.contexts import LeavePage, SessionLine, SessionsPage
from tonearm.web.pages.shown import device, moment, moment_or_none
from tonearm.web.security import SECURITY, form_of, signed_in

if TYPE_CHECKING:
    from tonearm.services.credentials.logins import Logins, LoginSession
    from tonearm.services.signing_in.pds_permissions import PdsPermissions
    from tonearm.web.rendering import Pages

NOTICES = {"ended": "The session has ended.", "ended-others": "All other sessions have ended."}


@dataclass(frozen=True, slots=True)
class SessionPages:
    """The handlers."""

    pages: Pages
    logins: Logins
    permissions: PdsPermissions

    async def list(self, request: web.Request) -> web.Response:
        """Show the sessions."""
        session = await signed_in(request)
        found = await self.logins.sessions(session.account.actor_id)
        lines = tuple(_line(each, session.session_id) for each in found)
        ordered = tuple(sorted(lines, key=lambda line: not line.here))
        notice = NOTICES.get(request.query.get("done", ""), "")
        return await self.pages.show(request, "sessions", SessionsPage(ordered, notice))

    async def end(self, request: web.Request) -> web.StreamResponse:
        """End another session."""
        account = (await signed_in(request)).account
        await self.logins.end(account.actor_id, (await form_of(request)).get("session_id", ""))
        raise web.HTTPSeeOther("/account/sessions?done=ended")

    async def end_others(self, request: web.Request) -> web.StreamResponse:
        """End all sessions but this."""
        session = await signed_in(request)
        await self.logins.end_all(session.account.actor_id, but=session.session_id)
        raise web.HTTPSeeOther("/account/sessions?done=ended-others")

    async def log_out(self, request: web.Request) -> web.StreamResponse:
        """End this session, and with the last one the permission; ask first when plays still need it."""
        session = await signed_in(request)
        account = session.account
        choice = (await form_of(request)).get("permission", "")
        last = not await self.permissions.needed_without(account, session.session_id)
        ends_permission = last and choice != "keep" and await self.permissions.granted(account)
        if ends_permission and not choice:
            waiting = (await self.permissions.publishing(account)).waiting
            if waiting:
                return await self.pages.show(request, "leave", LeavePage(waiting, host_of(account)))
        await self.logins.end(account.actor_id, session.session_id)
        if ends_permission:
            await self.permissions.end(account)
        response = web.Response(status=303, headers={"Location": "/?done=logged-out"})
        request.app[SECURITY].sign_out(response)
        return response


def _line(session: LoginSession, here: str) -> SessionLine:
    browser = session.kind == "browser"
    return SessionLine(
        session_id=session.session_id,
        name=device(session.agent) if browser else session.label,
        kind="browser" if browser else "app",
        address=session.address,
        here=session.session_id == here,
        created_at=moment(session.created_at),
        last_used_at=moment_or_none(session.last_used_at),
    )
