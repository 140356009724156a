"""The handlers of all pages, built over their services when the first of them is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonearm.web.browser_logins import BrowserLogins
from tonearm.web.pages.account import AccountPages
from tonearm.web.pages.avatar import Avatars
from tonearm.web.pages.home import HomePages
from tonearm.web.pages.login import LoginPages
from tonearm.web.pages.moves import MovePages
from tonearm.web.pages.outside_logins import OutsideLogins
from tonearm.web.pages.player_keys import KeyPages
from tonearm.web.pages.sessions import SessionPages
from tonearm.web.pages.tokens import TokenPages
from tonearm.xrpc.http.rate_limit import RateLimiter

if TYPE_CHECKING:
    from tonearm.web.pages.routes import PageServices
    from tonearm.web.rendering import Pages

BEGINNINGS = 30
"""How many logins may be begun from one address in a window."""
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
    outside = OutsideLogins(pages, of.oauth, browsers, RateLimiter(BEGINNINGS, WINDOW_S, ADDRESSES))
    return Handlers(
        account=AccountPages(pages, of.permissions, of.lifecycle, of.moves),
        avatars=avatars,
        home=HomePages(pages, of.history, of.permissions, avatars),
        keys=KeyPages(pages, of.player_keys),
        login=LoginPages(pages, browsers, outside, of.passwords, of.collections),
        moves=MovePages(pages, of.moves, outside, of.collections),
        sessions=SessionPages(pages, of.logins, of.permissions),
        tokens=TokenPages(pages, of.api_tokens),
    )
