"""The account: who it is, its repository, and the ways to leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from tonearm.services.pds_permissions import host_of
from tonearm.web.contexts import AccountPage
from tonearm.web.security import signed_in

if TYPE_CHECKING:
    from tonearm.services.pds_permissions import PdsPermissions
    from tonearm.web.rendering import Pages

NOTICES = {
    "disconnected": "Tonearm may no longer write to your repository. New plays wait here until you log in again."
}


@dataclass(frozen=True, slots=True)
class AccountPages:
    """The handlers."""

    pages: Pages
    permissions: PdsPermissions

    async def account(self, request: web.Request) -> web.Response:
        """Show the account."""
        account = (await signed_in(request)).account
        page = AccountPage(
            name=account.name,
            handle=account.handle,
            did=account.did,
            role=account.role,
            host=host_of(account),
            connected=await self.permissions.granted(account),
            waiting=(await self.permissions.publishing(account.actor_id)).waiting,
            notice=NOTICES.get(request.query.get("done", ""), ""),
        )
        return await self.pages.show(request, "account", page)

    async def disconnect(self, request: web.Request) -> web.StreamResponse:
        """Give back the permission to write to the repository."""
        await self.permissions.end((await signed_in(request)).account)
        raise web.HTTPSeeOther("/account?done=disconnected")
