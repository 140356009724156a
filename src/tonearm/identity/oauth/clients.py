"""Who we are to an authorization server: a client id, and the document that describes it.

Under an https URL the client id is the address of a document that we serve, and we prove that we are that client by
signing. On loopback there is no address that a server could read: atproto gives every program there the client id
`http://localhost`, with what differs between them in its query, and no proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from tonearm.identity.oauth.errors import OAuthUnavailableError
from tonearm.identity.oauth.keys import ALGORITHM

if TYPE_CHECKING:
    from tonearm.identity.oauth.scopes import Scopes

METADATA_PATH = "/oauth-client-metadata.json"
KEYS_PATH = "/jwks.json"
CALLBACK_PATH = "/oauth/callback"
LOOPBACK = ("127.0.0.1", "::1")
GRANTS = ("authorization_code", "refresh_token")


@dataclass(frozen=True, slots=True)
class Client:
    """This server as an OAuth client.

    Attributes:
        client_id: how servers know us.
        redirect_uri: where browsers come back to.
        origin: where a browser has to be when it begins a login: that of `redirect_uri`.
        confidential: whether we sign to prove who we are.
        document: the client metadata, as served.
    """

    client_id: str
    redirect_uri: str
    origin: str
    confidential: bool
    document: dict[str, Any]


def client_at(public_url: str, scopes: Scopes) -> Client:
    """The client that a server at `public_url` is. `scopes` are the most that it will ever ask for.

    Raises:
        OAuthUnavailableError: no client id can be made of this URL.
    """
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return _confidential(public_url, scopes)
    if host in {*LOOPBACK, "localhost"}:
        name = f"[{host}]" if ":" in host else host.replace("localhost", LOOPBACK[0])
        return _development(f"http://{name}{f':{parts.port}' if parts.port else ''}", scopes)
    raise OAuthUnavailableError(
        f"Logging in with an account elsewhere needs a public URL that begins with https://, or http://127.0.0.1 on "
        f"one's own machine; this server's is {public_url}. Set TONEARM_PUBLIC_URL, or log in with an app password."
    )


def _confidential(public_url: str, scopes: Scopes) -> Client:
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    if parts.port not in (None, 443) or "." not in host or ":" in host or host.replace(".", "").isdigit():
        raise OAuthUnavailableError(
            f"Logging in with an account elsewhere needs a public URL with a domain name and no port; this server's is "
            f"{public_url}. Set TONEARM_PUBLIC_URL, or log in with an app password."
        )
    origin = f"https://{host}"
    document = {
        **_document(origin + METADATA_PATH, origin + CALLBACK_PATH, scopes),
        "application_type": "web",
        "client_uri": origin,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": ALGORITHM,
        "jwks_uri": origin + KEYS_PATH,
    }
    return Client(origin + METADATA_PATH, origin + CALLBACK_PATH, origin, confidential=True, document=document)


def _development(origin: str, scopes: Scopes) -> Client:
    redirect_uri = origin + CALLBACK_PATH
    client_id = "http://localhost?" + urlencode({"redirect_uri": redirect_uri, "scope": str(scopes)})
    document = {
        **_document(client_id, redirect_uri, scopes),
        "application_type": "native",
        "token_endpoint_auth_method": "none",
    }
    return Client(client_id, redirect_uri, origin, confidential=False, document=document)


def _document(client_id: str, redirect_uri: str, scopes: Scopes) -> dict[str, Any]:
    return {
        "client_id": client_id,
        "client_name": "Tonearm",
        "grant_types": list(GRANTS),
        "response_types": ["code"],
        "scope": str(scopes),
        "redirect_uris": [redirect_uri],
        "dpop_bound_access_tokens": True,
    }
