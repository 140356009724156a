"""The documents by which authorization servers know this server: the client's metadata and its public keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from tonearm.identity.oauth.clients import KEYS_PATH, METADATA_PATH
from tonearm.identity.oauth.errors import OAuthUnavailableError
from tonearm.web.routes import WebRoute

if TYPE_CHECKING:
    from tonearm.services.signing_in.oauth_logins import OAuthLogins

OTHER_METADATA_PATH = "/client-metadata.json"
"""Where Rocksky has it too."""
HEADERS = {"Cache-Control": "public, max-age=600", "Access-Control-Allow-Origin": "*"}


def oauth_document_routes(logins: OAuthLogins) -> list[WebRoute]:
    """Serve them to anyone. Without a public URL that servers could know us by, there is no metadata."""

    async def metadata(_request: web.Request) -> web.Response:
        if isinstance(logins.client, OAuthUnavailableError):
            return _answer({"error": logins.client.name, "message": str(logins.client)}, status=404)
        return _answer(logins.client.document)

    async def keys(_request: web.Request) -> web.Response:
        client = logins.client
        confidential = not isinstance(client, OAuthUnavailableError) and client.confidential
        return _answer({"keys": await logins.sessions.client_keys.published() if confidential else []})

    return [
        WebRoute("GET", METADATA_PATH, "anyone", metadata),
        WebRoute("GET", OTHER_METADATA_PATH, "anyone", metadata),
        WebRoute("GET", KEYS_PATH, "anyone", keys),
    ]


def _answer(document: dict[str, Any], *, status: int = 200) -> web.Response:
    return web.json_response(document, status=status, headers=HEADERS)
