"""API tokens: made, shown once, listed, revoked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aiohttp import web

from tonearm.services.accounts import AccountError
from tonearm.web.contexts import TokenLine, TokensPage
from tonearm.web.errors import sentence
from tonearm.web.pages.shown import moment, moment_or_none
from tonearm.web.security import form_of, form_values, signed_in

if TYPE_CHECKING:
    from tonearm.services.credentials.api_tokens import ApiTokens
    from tonearm.web.rendering import Pages

DAYS = ("", "30", "90", "365")
NOTICES = {"revoked": "The token is revoked. Whatever used it is logged out."}


@dataclass(frozen=True, slots=True)
class TokenPages:
    """The handlers."""

    pages: Pages
    tokens: ApiTokens

    async def list(self, request: web.Request) -> web.Response:
        """Show the tokens and the form for another."""
        notice = NOTICES.get(request.query.get("done", ""), "")
        return await self._show(request, TokensPage((), notice=notice))

    async def make(self, request: web.Request) -> web.Response:
        """Make a token and show it: the answer to the form is the only page that holds it."""
        fields, scopes = await form_of(request), await form_values(request, "scope")
        label, days = fields.get("label", "").strip(), fields.get("days", "")
        filled = TokensPage((), label=label, scopes=frozenset(scopes), days=days if days in DAYS else "")
        errors = {
            **({} if label else {"label": "Give the token a name."}),
            **({} if scopes else {"scopes": "Choose at least one thing that the token may do."}),
        }
        if not errors:
            account = (await signed_in(request)).account
            lives_s = int(filled.days) * 86_400.0 if filled.days else None
            try:
                made = await self.tokens.create(account.actor_id, label, scopes, lives_s=lives_s)
            except AccountError as error:
                errors = {"label": sentence(error)}
            else:
                return await self._show(request, TokensPage((), made=made, made_label=label))
        return await self._show(request, replace(filled, errors=errors), status=400)

    async def revoke(self, request: web.Request) -> web.StreamResponse:
        """Revoke a token."""
        account = (await signed_in(request)).account
        await self.tokens.revoke(account.actor_id, (await form_of(request)).get("token_id", ""))
        raise web.HTTPSeeOther("/account/tokens?done=revoked")

    async def _show(self, request: web.Request, page: TokensPage, *, status: int = 200) -> web.Response:
        account = (await signed_in(request)).account
        lines = tuple(
            TokenLine(
                token.token_id,
                token.label,
                token.scopes,
                moment(token.created_at),
                moment_or_none(token.expires_at),
                moment_or_none(token.last_used_at),
            )
            for token in await self.tokens.tokens(account.actor_id)
        )
        return await self.pages.show(request, "tokens", replace(page, tokens=lines), status=status)
