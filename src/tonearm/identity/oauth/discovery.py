"""From a handle, a DID or a server's URL to the authorization server that speaks for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tonearm.atproto.formats import is_did, is_handle
from tonearm.identity.oauth.dpop import origin_of
from tonearm.identity.oauth.errors import IssuerMismatchError, OAuthError, ServerUnsuitableError
from tonearm.identity.oauth.metadata import issuer_for, server_metadata

if TYPE_CHECKING:
    from tonearm.identity.oauth.metadata import ServerMetadata
    from tonearm.identity.resolution import Identity, Resolver
    from tonearm.outbound import OutboundClient

_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\s]+")


class IdentifierError(OAuthError):
    """What was typed is neither a handle, a DID nor the URL of a server."""

    name = "IdentifierInvalid"


class LocalAccountError(OAuthError):
    """The account lives in the built-in PDS, which knows its password; there is no other server to ask."""

    name = "LocalAccount"


@dataclass(frozen=True, slots=True)
class Found:
    """Where a login goes. `identity` is None when it began from a server's URL: who it is shows at the end."""

    identity: Identity | None
    server: ServerMetadata


@dataclass(frozen=True, slots=True)
class Discovery:
    """Walks from names to servers. Nothing is kept between walks.

    Attributes:
        own_origin: this server's own, whose accounts have no authorization server.
    """

    resolver: Resolver
    outbound: OutboundClient
    own_origin: str

    async def find(self, identifier: str) -> Found:
        """Find where to log in.

        Raises:
            OAuthError: the text is no name, or its servers do not do.
            IdentityError: the name leads nowhere, or is not confirmed by the identity that it leads to.
        """
        text = cleaned(identifier)
        if re.match(r"https?://", text, re.IGNORECASE):
            return Found(None, await self._server_at(text))
        if not is_did(text) and not is_handle(text):
            raise IdentifierError(f"{text[:64]!r} is no handle. A handle looks like alice.example.com.")
        identity = await self.resolver.identity(text, fresh=True)
        return Found(identity, await self.server_of(identity))

    async def server_of(self, identity: Identity) -> ServerMetadata:
        """The authorization server that an identity's PDS names.

        Raises:
            OAuthError: there is none that keeps the rules, or it does not answer.
        """
        if identity.pds_url is None:
            raise ServerUnsuitableError(f"{identity.handle or identity.did} has no PDS, so it cannot log in.")
        if origin_of(identity.pds_url) == self.own_origin:
            raise LocalAccountError(
                f"{identity.handle or identity.did} is an account of this server: log in with its name and password."
            )
        return await self._server_of_pds(origin_of(identity.pds_url))

    async def prove(self, did: str, issuer: str) -> Identity:
        """Walk anew from a DID to its issuer, and answer the identity.

        Raises:
            IssuerMismatchError: the DID leads to another issuer, so this one may not speak for it.
            OAuthError: the walk ends on the way.
            IdentityError: the DID cannot be resolved.
        """
        identity = await self.resolver.identity(did, fresh=True)
        await self._check_issuer(did, identity.pds_url, issuer)
        return identity

    async def still_speaks(self, did: str, issuer: str) -> tuple[str, ServerMetadata]:
        """Walk anew from a DID to its issuer; answers its PDS and the issuer's metadata, and raises as `prove` does."""
        document = await self.resolver.document(did, fresh=True)
        server = await self._check_issuer(did, document.pds_url, issuer)
        return origin_of(document.pds_url or ""), server

    async def _check_issuer(self, did: str, pds_url: str | None, issuer: str) -> ServerMetadata:
        if pds_url is None or await issuer_for(self.outbound, origin_of(pds_url)) != issuer:
            raise IssuerMismatchError(f"{issuer} does not speak for {did}: the account is not of that server.")
        return await server_metadata(self.outbound, issuer, pds_url=origin_of(pds_url))

    async def _server_of_pds(self, pds_url: str) -> ServerMetadata:
        return await server_metadata(self.outbound, await issuer_for(self.outbound, pds_url), pds_url=pds_url)

    async def _server_at(self, url: str) -> ServerMetadata:
        try:
            origin = origin_of(url)
            is_server = bool(urlsplit(url).hostname) and "@" not in urlsplit(url).netloc
        except ValueError:
            is_server = False
        if not is_server:
            raise IdentifierError("This is no URL of a server. One looks like https://pds.example.com.")
        if origin == self.own_origin:
            raise LocalAccountError("This is this server: log in with your name and password.")
        try:
            return await self._server_of_pds(origin)
        except ServerUnsuitableError as first:
            try:
                return await server_metadata(self.outbound, origin)  # it may be the authorization server itself
            except ServerUnsuitableError:
                raise first from None


def cleaned(text: str) -> str:
    """A handle as people paste it: without spaces, invisible characters, a leading @ and `at://`; in lower case."""
    name = _INVISIBLE.sub("", text).removeprefix("at://").removeprefix("@")
    return name if name.startswith("did:") or "://" in name else name.lower().rstrip("/").rstrip(".")
