"""Rocksky's part of the table of routes: who may call what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonearm.web.rocksky.login import AUTHORIZE, CLI_PAGE, FINISH
from tonearm.web.routes import WebRoute

if TYPE_CHECKING:
    from tonearm.web.rocksky.answers import FrontEnd
    from tonearm.web.rocksky.login import LoginRoutes
    from tonearm.web.rocksky.own import OwnRoutes

LOGIN_PATHS = frozenset({"/login", AUTHORIZE, "/token"})
"""Where credentials are tried or given: limited more than the others."""
PATHS = LOGIN_PATHS | {"/profile", "/access-tokens", "/access-tokens/{token_id}", "/apikeys", "/apikeys/{key_id}"}


@dataclass(frozen=True, slots=True)
class RockskyClients:
    """The handlers, by part."""

    login: LoginRoutes
    own: OwnRoutes
    front_end: FrontEnd

    def routes(self) -> list[WebRoute]:
        """Every route. None is opened by a browser's session, so no form needs a token of ours."""
        login, own = self.login, self.own
        rows = [
            WebRoute("GET", "/login", "anyone", login.get_login),
            WebRoute("POST", "/login", "anyone", login.post_login, form=False),
            WebRoute("GET", AUTHORIZE, "anyone", login.get_login),
            WebRoute("GET", FINISH, "signed-in", login.finish_local),
            WebRoute("GET", CLI_PAGE, "anyone", login.cli_page),
            WebRoute("GET", "/token", "anyone", login.get_token),
            WebRoute("GET", "/profile", "token", own.profile, scope="read"),
            WebRoute("GET", "/access-tokens", "token", own.list_tokens),
            WebRoute("POST", "/access-tokens", "token", own.create_token, form=False),
            WebRoute("DELETE", "/access-tokens/{token_id}", "token", own.delete_token, form=False),
            WebRoute("GET", "/apikeys", "token", own.list_keys),
            WebRoute("POST", "/apikeys", "token", own.create_key, form=False),
            WebRoute("PUT", "/apikeys/{key_id}", "token", own.update_key, form=False),
            WebRoute("DELETE", "/apikeys/{key_id}", "token", own.delete_key, form=False),
        ]
        preflight = self.front_end.preflight
        return rows + [WebRoute("OPTIONS", path, "anyone", preflight, form=False) for path in sorted(PATHS)]
