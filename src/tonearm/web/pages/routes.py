"""The pages' part of the table of routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonearm.web.pages.account import AccountPages
from tonearm.web.pages.avatar import PATH, Avatars
from tonearm.web.pages.home import HomePages
from tonearm.web.pages.login import BEGINNINGS, LoginPages
from tonearm.web.pages.player_keys import KeyPages
from tonearm.web.pages.sessions import SessionPages
from tonearm.web.pages.tokens import TokenPages
from tonearm.web.routes import INACTIVE_PAGE, WebRoute
from tonearm.xrpc.http.rate_limit import RateLimiter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tonearm.outbound import OutboundClient
    from tonearm.services.accounts import Accounts
    from tonearm.services.api_tokens import ApiTokens
    from tonearm.services.history import History
    from tonearm.services.lifecycle.lifecycle import Lifecycle
    from tonearm.services.logins import Logins
    from tonearm.services.oauth_logins import OAuthLogins
    from tonearm.services.password_logins import PasswordLogins
    from tonearm.services.pds_permissions import PdsPermissions
    from tonearm.services.player_keys import PlayerKeys
    from tonearm.web.pages.login import BrowserLogins
    from tonearm.web.rendering import Pages

WINDOW_S = 300
ADDRESSES = 10_000


@dataclass(frozen=True, slots=True)
class PageServices:
    """What the pages are made from."""

    accounts: Accounts
    api_tokens: ApiTokens
    browsers: BrowserLogins
    history: History
    logins: Logins
    oauth: OAuthLogins
    passwords: PasswordLogins
    permissions: PdsPermissions
    player_keys: PlayerKeys
    lifecycle: Lifecycle
    outbound: OutboundClient
    public_url: str
    collections: Iterable[str]


def login_pages(pages: Pages, of: PageServices) -> LoginPages:
    """The log-in pages; the callback of OAuth ends in them, too."""
    beginnings = RateLimiter(BEGINNINGS, WINDOW_S, ADDRESSES)
    return LoginPages(pages, of.browsers, of.accounts, of.oauth, of.passwords, of.collections, beginnings)


def page_routes(pages: Pages, of: PageServices, login: LoginPages) -> list[WebRoute]:
    """Every page, and who may see it."""
    avatars = Avatars(of.history, of.outbound, of.public_url)
    home = HomePages(pages, of.history, of.permissions, avatars)
    tokens = TokenPages(pages, of.api_tokens)
    keys = KeyPages(pages, of.player_keys)
    sessions = SessionPages(pages, of.logins, of.permissions)
    account = AccountPages(pages, of.permissions, of.lifecycle)
    return [
        WebRoute("GET", "/", "anyone", home.home),
        WebRoute("GET", "/account/login", "anyone", login.form),
        WebRoute("POST", "/account/login", "anyone", login.begin),
        WebRoute("POST", "/account/login/password", "anyone", login.with_password),
        WebRoute("GET", PATH, "signed-in", avatars.serve),
        WebRoute("GET", "/account", "signed-in", account.account),
        WebRoute("POST", "/account/disconnect", "signed-in", account.disconnect),
        WebRoute("GET", "/account/export", "signed-in", account.export, inactive=True),
        WebRoute("POST", "/account/deactivate", "signed-in", account.deactivate),
        WebRoute("GET", INACTIVE_PAGE, "signed-in", account.inactive, inactive=True),
        WebRoute("POST", "/account/reactivate", "signed-in", account.reactivate, inactive=True),
        WebRoute("GET", "/account/delete", "signed-in", account.delete_form),
        WebRoute("POST", "/account/delete", "signed-in", account.delete),
        WebRoute("GET", "/account/deletions/{deletion_id}", "anyone", account.deletion),
        WebRoute("GET", "/account/tokens", "signed-in", tokens.list),
        WebRoute("POST", "/account/tokens", "signed-in", tokens.make),
        WebRoute("POST", "/account/tokens/revoke", "signed-in", tokens.revoke),
        WebRoute("GET", "/account/keys", "signed-in", keys.list),
        WebRoute("POST", "/account/keys", "signed-in", keys.make),
        WebRoute("POST", "/account/keys/remove", "signed-in", keys.remove),
        WebRoute("GET", "/account/sessions", "signed-in", sessions.list),
        WebRoute("POST", "/account/sessions/end", "signed-in", sessions.end),
        WebRoute("POST", "/account/sessions/end-others", "signed-in", sessions.end_others),
        WebRoute("POST", "/account/logout", "signed-in", sessions.log_out, inactive=True),
    ]
