"""The account: who it is, its repository, and the ways to leave: deactivated, exported, deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from tonearm.services.accounts import AccountDeactivatedError, AccountError
from tonearm.services.lifecycle.deletion import DeletionError
from tonearm.services.moves import MoveNotFoundError
from tonearm.services.signing_in.password_logins import cleaned
from tonearm.services.signing_in.pds_permissions import host_of
from tonearm.web.contexts import AccountPage, DeletePage, DeletionPage, InactivePage
from tonearm.web.errors import WebError, sentence
from tonearm.web.security import SECURITY, form_of, signed_in

if TYPE_CHECKING:
    from tonearm.services.lifecycle.lifecycle import Lifecycle
    from tonearm.services.moves import Moves
    from tonearm.services.signing_in.pds_permissions import PdsPermissions
    from tonearm.web.rendering import Pages

NOTICES = {
    "disconnected": "Tonearm may no longer write to your repository. New plays wait here until you log in again.",
    "reactivated": "Your account is active again.",
}
STAGES = {
    "outbox": "Records that were on their way are brought to their end.",
    "records": "Your plays leave the index.",
    "journal": "What your players sent is erased.",
    "sessions": "Sessions with your server are ended.",
    "repository": "Your repository here is removed.",
    "account": "The account itself is removed.",
}


@dataclass(frozen=True, slots=True)
class AccountPages:
    """The handlers."""

    pages: Pages
    permissions: PdsPermissions
    lifecycle: Lifecycle
    moves: Moves

    async def account(self, request: web.Request) -> web.Response:
        """Show the account."""
        return await self._show(request)

    async def disconnect(self, request: web.Request) -> web.StreamResponse:
        """Give back the permission to write to the repository."""
        await self.permissions.end((await signed_in(request)).account)
        raise web.HTTPSeeOther("/account?done=disconnected")

    async def export(self, request: web.Request) -> web.StreamResponse:
        """Send all that we hold of the account, as it is made."""
        account = (await signed_in(request)).account
        response = web.StreamResponse(
            headers={
                "Content-Type": "application/zip",
                "Content-Disposition": f'attachment; filename="tonearm-{account.actor_id}.zip"',
            }
        )
        await response.prepare(request)
        if request.method != "HEAD":
            async for chunk in self.lifecycle.export(account.actor_id):
                await response.write(chunk)
        await response.write_eof()
        return response

    async def deactivate(self, request: web.Request) -> web.StreamResponse:
        """Deactivate the account."""
        try:
            await self.lifecycle.deactivate((await signed_in(request)).account.actor_id)
        except AccountError as error:
            return await self._show(request, error=sentence(error))
        raise web.HTTPSeeOther("/account/inactive")

    async def inactive(self, request: web.Request) -> web.Response:
        """Say what an account is in that is not active, and offer to reactivate it."""
        state = (await signed_in(request)).account.state
        if state == "active":
            raise web.HTTPSeeOther("/")
        page = InactivePage(sentence(AccountDeactivatedError(state)), can_reactivate=state == "deactivated")
        return await self.pages.show(request, "inactive", page)

    async def reactivate(self, request: web.Request) -> web.StreamResponse:
        """Make the account active again."""
        try:
            await self.lifecycle.reactivate((await signed_in(request)).account.actor_id)
        except AccountError:
            raise web.HTTPSeeOther("/account/inactive") from None
        raise web.HTTPSeeOther("/account?done=reactivated")

    async def delete_form(self, request: web.Request) -> web.Response:
        """Ask how the account shall be deleted."""
        account = (await signed_in(request)).account
        return await self.pages.show(request, "delete", DeletePage(account.handle, host_of(account)))

    async def delete(self, request: web.Request) -> web.StreamResponse:
        """Delete the account, when its handle was typed and it is said what becomes of the records."""
        account, fields = (await signed_in(request)).account, await form_of(request)
        host, typed = host_of(account), fields.get("typed", "").strip()[:300]
        records = fields.get("records", "") if host else "delete"
        errors: dict[str, str] = {}
        if records not in {"keep", "delete"}:
            errors["records"] = "Choose what becomes of your records."
        if cleaned(typed) != account.handle:
            errors["typed"] = f"That is not this account's handle, which is {account.handle}."
        if not errors:
            try:
                deletion = await self.lifecycle.delete(account.actor_id, records)
            except DeletionError as error:
                errors["records" if host else ""] = sentence(error)
            except AccountError as error:
                errors[""] = sentence(error)
            else:
                location = f"/account/deletions/{deletion.deletion_id}"
                response = web.Response(status=303, headers={"Location": location})
                request.app[SECURITY].sign_out(response)
                return response
        page = DeletePage(account.handle, host, typed, records, errors)
        return await self.pages.show(request, "delete", page, status=400)

    async def deletion(self, request: web.Request) -> web.Response:
        """Show how far a deletion is, to whoever has its address: there is no account any more to sign in to."""
        deletion = await self.lifecycle.deletion(request.match_info["deletion_id"])
        if deletion is None:
            raise WebError(404, "No such deletion", "It was finished long ago, or the address has a mistake.")
        page = DeletionPage(
            stage=STAGES.get(deletion.stage, ""),
            done=deletion.done,
            total=deletion.total,
            note=deletion.note or "",
            finished=deletion.finished_at is not None,
        )
        response = await self.pages.show(request, "deletion", page)
        if not page.finished:
            response.headers["Refresh"] = "3"
        return response

    async def _show(self, request: web.Request, *, error: str = "") -> web.Response:
        account = (await signed_in(request)).account
        page = AccountPage(
            name=account.name,
            handle=account.handle,
            did=account.did,
            role=account.role,
            host=host_of(account),
            connected=await self.permissions.granted(account),
            waiting=(await self.permissions.publishing(account)).waiting,
            moving=await self._is_moving(account.actor_id),
            notice=NOTICES.get(request.query.get("done", ""), ""),
            error=error,
        )
        return await self.pages.show(request, "account", page, status=400 if error else 200)

    async def _is_moving(self, actor_id: int) -> bool:
        try:
            return (await self.moves.view(actor_id)).state not in {"linking", "cancelled", "done"}
        except MoveNotFoundError:
            return False
