"""A client's own metadata, fetched and checked as an authorization server does before it trusts a client_id."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp

REQUIRED = {
    "application_type": "web",
    "dpop_bound_access_tokens": True,
    "token_endpoint_auth_method": "private_key_jwt",
    "token_endpoint_auth_signing_alg": "ES256",
}


class BadClientError(Exception):
    """The client's metadata is not what it has to be. The text says why."""


@dataclass(frozen=True)
class Client:
    """What a client may do. `keys` is empty for a public one."""

    redirect_uris: list[str]
    scope: set[str]
    keys: list[dict[str, Any]] = field(default_factory=list)

    def allows(self, redirect_uri: str) -> bool:
        if redirect_uri in self.redirect_uris:
            return True
        if self.keys:
            return False
        # RFC 8252, 7.3: the port of a loopback redirect is free.
        return any(_without_port(redirect_uri) == _without_port(known) for known in self.redirect_uris)


def _without_port(url: str) -> tuple[str, str | None, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.path


async def client_of(client_id: str, origins: dict[str, str]) -> Client:
    """Read the client's metadata.

    Args:
        client_id: as it was sent.
        origins: where https origins that no network has are reached.

    Raises:
        BadClientError: it breaks a rule of the atproto profile.
    """
    parts = urlsplit(client_id)
    if parts.scheme == "http":
        return _localhost_client(client_id)
    if parts.scheme != "https" or parts.port or parts.fragment or parts.query or "@" in parts.netloc:
        raise BadClientError(f"{client_id} is no client_id")
    origin = f"https://{parts.netloc}"
    async with aiohttp.ClientSession() as http:
        said = await _json(http, client_id, origins.get(origin, origin) + parts.path)
        if said.get("client_id") != client_id:
            raise BadClientError("the document's client_id is not its URL")
        if ("jwks" in said) == ("jwks_uri" in said):
            raise BadClientError("jwks or jwks_uri, one of them")
        keys = said.get("jwks")
        if keys is None:
            uri = said["jwks_uri"]
            if not uri.startswith(origin + "/"):
                raise BadClientError("jwks_uri is of another origin")
            keys = await _json(http, uri, uri.replace(origin, origins.get(origin, origin)))
    _check(said, origin)
    return Client(said["redirect_uris"], set(said["scope"].split()), keys["keys"])


def _check(said: dict[str, Any], origin: str) -> None:
    for name, value in REQUIRED.items():
        if said.get(name) != value:
            raise BadClientError(f"{name} is {said.get(name)!r}, not {value!r}")
    if set(said.get("grant_types", ())) != {"authorization_code", "refresh_token"}:
        raise BadClientError("grant_types")
    if said.get("response_types") != ["code"]:
        raise BadClientError("response_types")
    if "atproto" not in said.get("scope", "").split():
        raise BadClientError("scope without atproto")
    if not said.get("redirect_uris") or not all(uri.startswith("https://") for uri in said["redirect_uris"]):
        raise BadClientError("redirect_uris")
    if "client_uri" in said and urlsplit(said["client_uri"]).netloc != urlsplit(origin).netloc:
        raise BadClientError("client_uri is of another origin")


def _localhost_client(client_id: str) -> Client:
    parts = urlsplit(client_id)
    if parts.netloc != "localhost" or parts.path not in ("", "/") or parts.fragment:
        raise BadClientError(f"{client_id} is no localhost client")
    query = parse_qs(parts.query, strict_parsing=True) if parts.query else {}
    if query.keys() - {"redirect_uri", "scope"}:
        raise BadClientError("a localhost client_id has redirect_uri and scope")
    uris = query.get("redirect_uri", ["http://127.0.0.1/", "http://[::1]/"])
    if not all(urlsplit(uri).hostname in ("127.0.0.1", "::1") for uri in uris):
        raise BadClientError("a localhost client is redirected to a loopback address")
    return Client(uris, set(query.get("scope", ["atproto"])[0].split()))


async def _json(http: aiohttp.ClientSession, name: str, url: str) -> dict[str, Any]:
    async with http.get(url, allow_redirects=False) as answer:
        if answer.status != 200 or answer.content_type != "application/json":
            raise BadClientError(f"{name} answered {answer.status} {answer.content_type}")
        return await answer.json()
