"""The handlers of all pages, built over their services when the first of them is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonearm.web.browser_logins import BrowserLogins
from tonearm.web.pages.account import AccountPages
from tonearm.web.pages.avatar import Avatars
from tonearm.web.pages.home import HomePages
from tonearm.web.pages.login import BEGINNINGS, LoginPages
from tonearm.web.pages.move import MovePages
from tonearm.web.pages.player_keys import KeyPages
from tonearm.web.pages.sessions import SessionPages
from tonearm.web.pages.tokens import TokenPages
from tonearm.xrpc.http.rate_limit import RateLimiter

if TYPE_CHECKING:
    from tonearm.web.pages.routes import PageServices
    from tonearm.web.rendering import Pages

WINDOW_S = 300
ADDRESSES = 10_000


@dataclass(frozen=True, slots=True)
class Handlers:
    """One object for each group of pages."""

    account: AccountPages
    avatars: Avatars
    home: HomePages
    keys: KeyPages
    login: LoginPages
    moves: MovePages
    sessions: SessionPages
    tokens: TokenPages


def build_handlers(pages: Pages, of: PageServices) -> Handlers:
    """Build the handlers."""
    avatars = Avatars(of.history, of.outbound, of.public_url)
    browsers = BrowserLogins(of.logins, of.trusted_proxies)
    beginnings = RateLimiter(BEGINNINGS, WINDOW_S, ADDRESSES)
    return Handlers(
        account=AccountPages(pages, of.permissions, of.lifecycle),
        avatars=avatars,
        home=HomePages(pages, of.history, of.permissions, avatars),
        keys=KeyPages(pages, of.player_keys),
        login=LoginPages(pages, browsers, of.accounts, of.oauth, of.passwords, of.collections, beginnings),
        moves=MovePages(pages, browsers, of.moves, of.oauth, of.passwords, of.collections, beginnings),
        sessions=SessionPages(pages, of.logins, of.permissions),
        tokens=TokenPages(pages, of.api_tokens),
    )
