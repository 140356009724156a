"""The metadata of PDSes and authorization servers: fetched, and held to every rule that atproto has for them.

Source: RFC 9728 and RFC 8414, as atproto's OAuth profile narrows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tonearm.identity.oauth.dpop import origin_of
from tonearm.identity.oauth.errors import ServerUnavailableError, ServerUnsuitableError
from tonearm.identity.oauth.keys import ALGORITHM
from tonearm.identity.oauth.scopes import ATPROTO
from tonearm.outbound import OutboundAnswerError, OutboundError, OutboundRefusedError

if TYPE_CHECKING:
    from tonearm.outbound import OutboundClient

RESOURCE_PATH = "/.well-known/oauth-protected-resource"
SERVER_PATH = "/.well-known/oauth-authorization-server"
LONGEST_URL = 2048
TIMEOUT_S = 10.0
CONFIDENTIAL, PUBLIC = "private_key_jwt", "none"


@dataclass(frozen=True, slots=True)
class ServerMetadata:
    """An authorization server that keeps the rules.

    Attributes:
        issuer: its name: a scheme, a host and perhaps a port, and nothing after it.
        revocation_endpoint: None when it has none, so that its tokens can only run out.
        auth_methods: how clients may prove who they are.
        scopes: what it says that it knows, or None when it does not say.
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    request_endpoint: str
    revocation_endpoint: str | None
    auth_methods: frozenset[str]

    def require(self, auth_method: str) -> None:
        """Check that we can prove who we are.

        Raises:
            ServerUnsuitableError: not in this way.
        """
        if auth_method not in self.auth_methods:
            raise ServerUnsuitableError(f"{self.issuer} does not take clients that authenticate by {auth_method}.")


async def issuer_for(outbound: OutboundClient, pds_url: str) -> str:
    """The one authorization server that a PDS names for itself.

    Raises:
        ServerUnsuitableError: it names none, several, or something that is no issuer.
        ServerUnavailableError: no answer.
    """
    document = await _document(outbound, pds_url, RESOURCE_PATH)
    if document is None:
        raise ServerUnsuitableError(f"{pds_url} does not say where its accounts log in: it may be too old for this.")
    if not _same_origin(document.get("resource"), pds_url):
        raise ServerUnsuitableError(f"{pds_url} describes itself as another server.")
    servers = document.get("authorization_servers")
    if not isinstance(servers, list) or len(servers) != 1 or not isinstance(servers[0], str):
        raise ServerUnsuitableError(f"{pds_url} must name exactly one authorization server.")
    return _issuer(servers[0], f"the authorization server that {pds_url} names")


async def server_metadata(outbound: OutboundClient, issuer: str, *, pds_url: str | None = None) -> ServerMetadata:
    """The metadata of an authorization server.

    Args:
        outbound: the client.
        issuer: its name.
        pds_url: the PDS that named it; it must not be left out of what the server says it protects.

    Raises:
        ServerUnsuitableError: a rule is broken.
        ServerUnavailableError: no answer.
    """
    document = await _document(outbound, issuer, SERVER_PATH)
    if document is None:
        raise ServerUnsuitableError(f"{issuer} is no authorization server.")
    if document.get("issuer") != issuer:
        raise ServerUnsuitableError(f"{issuer} calls itself by another name in its metadata.")
    _check_rules(issuer, document)
    resources = document.get("protected_resources")
    if pds_url is not None and resources is not None:
        named = resources if isinstance(resources, list) else []
        if not any(_same_origin(each, pds_url) for each in named):
            raise ServerUnsuitableError(f"{issuer} does not know the PDS {pds_url}, which names it.")
    return ServerMetadata(
        issuer=issuer,
        authorization_endpoint=_endpoint(issuer, document, "authorization_endpoint"),
        token_endpoint=_endpoint(issuer, document, "token_endpoint"),
        request_endpoint=_endpoint(issuer, document, "pushed_authorization_request_endpoint"),
        revocation_endpoint=(
            _endpoint(issuer, document, "revocation_endpoint") if "revocation_endpoint" in document else None
        ),
        auth_methods=frozenset(map(str, document["token_endpoint_auth_methods_supported"])),
    )


REQUIRED_TRUE = (
    "require_pushed_authorization_requests",
    "client_id_metadata_document_supported",
    "authorization_response_iss_parameter_supported",
)
REQUIRED_ENTRIES = {
    "response_types_supported": ("code",),
    "grant_types_supported": ("authorization_code", "refresh_token"),
    "code_challenge_methods_supported": ("S256",),
    "token_endpoint_auth_methods_supported": (),
    "dpop_signing_alg_values_supported": (ALGORITHM,),
    "scopes_supported": (ATPROTO,),
}


def _check_rules(issuer: str, document: dict[str, Any]) -> None:
    for name in REQUIRED_TRUE:
        if document.get(name) is not True:
            raise ServerUnsuitableError(f"{issuer} does not keep atproto's rules: {name} must be true.")
    for name, entries in REQUIRED_ENTRIES.items():
        given = document.get(name)
        if not isinstance(given, list) or not set(entries) <= {each for each in given if isinstance(each, str)}:
            wanted = f"must list {' and '.join(entries)}" if entries else "must be a list"
            raise ServerUnsuitableError(f"{issuer} does not keep atproto's rules: {name} {wanted}.")
    algorithms = document.get("token_endpoint_auth_signing_alg_values_supported")
    if CONFIDENTIAL in document["token_endpoint_auth_methods_supported"] and (
        not isinstance(algorithms, list) or ALGORITHM not in algorithms or "none" in algorithms
    ):
        raise ServerUnsuitableError(
            f"{issuer} does not keep atproto's rules: it must take {ALGORITHM}, and never none."
        )


async def _document(outbound: OutboundClient, origin: str, path: str) -> dict[str, Any] | None:
    """A metadata document; None when the server has none."""
    try:
        answer = await outbound.fetch(
            "GET", origin + path, headers={"Accept": "application/json"}, timeout_s=TIMEOUT_S, redirects=0
        )
    except OutboundRefusedError as error:
        raise ServerUnsuitableError(f"{origin} may not be asked: {error}") from error
    except OutboundAnswerError as error:
        raise ServerUnsuitableError(f"{origin} answers with no metadata: {error}") from error
    except OutboundError as error:
        raise ServerUnavailableError(f"{origin} does not answer. Try again later.") from error
    if answer.status >= 500 or answer.status == 429:
        raise ServerUnavailableError(f"{origin} cannot answer now (status {answer.status}). Try again later.")
    if answer.status in (404, 410):
        return None
    if answer.status != 200:
        raise ServerUnsuitableError(f"{origin} must answer for its metadata itself, not with status {answer.status}.")
    media_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    try:
        document = answer.json()
    except OutboundAnswerError:
        document = None
    if media_type != "application/json" or not isinstance(document, dict):
        raise ServerUnsuitableError(f"{origin} answers for its metadata with something that is no JSON object.")
    return document


def _issuer(text: str, what: str) -> str:
    """Check that a URL can be an issuer: an origin, spelled in the one way."""
    try:
        is_origin = len(text) <= LONGEST_URL and text == origin_of(text) and bool(urlsplit(text).hostname)
    except ValueError:
        is_origin = False
    if not is_origin or urlsplit(text).scheme not in ("https", "http"):
        raise ServerUnsuitableError(f"{what} must be https:// and a host, and nothing after it.")
    return text


def _endpoint(issuer: str, document: dict[str, Any], name: str) -> str:
    """An endpoint's URL. Plain http passes only at an issuer of plain http, which was allowed to be asked."""
    value = document.get(name)
    url = value if isinstance(value, str) and len(value) <= LONGEST_URL else ""
    try:
        parts = urlsplit(url)
        good = bool(parts.hostname) and parts.port != 0 and not parts.fragment and "@" not in parts.netloc
        # It may become a Location header.
        good = good and url.isascii() and url.isprintable() and " " not in url
        good = good and (parts.scheme == "https" or (parts.scheme == "http" and origin_of(url) == issuer))
    except ValueError:
        good = False
    if not good:
        raise ServerUnsuitableError(f"{issuer} does not keep atproto's rules: {name} must be an https URL.")
    return url


def _same_origin(value: object, origin: str) -> bool:
    try:
        return isinstance(value, str) and urlsplit(value).path in ("", "/") and origin_of(value) == origin_of(origin)
    except ValueError:
        return False
