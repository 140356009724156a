"""The ways from a DID to its document: our own, a PLC directory, a web server.

Source: https://atproto.com/specs/did ("Blessed DID Methods").
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

from tonearm.identity.resolution.document import DidDocument, read_document
from tonearm.identity.resolution.errors import BadDidDocumentError, DidNotFoundError, ResolutionUnavailableError
from tonearm.outbound import OutboundAnswerError, OutboundRefusedError, OutboundUnavailableError

if TYPE_CHECKING:
    from tonearm.outbound import OutboundClient

DOCUMENT_LIMIT_BYTES = 32_768
ASK_TIMEOUT_S = 8.0
LOCAL_BYTES = 1024
LOCAL_GOOD_S = 5.0
"""For documents of our own: what another process changed is seen within this."""

_plc = re.compile(r"did:plc:[a-z2-7]{24}").fullmatch
_web = re.compile(r"did:web:((?:[a-zA-Z0-9-]{1,63}\.)*[a-zA-Z0-9-]{1,63})(%3[aA][0-9]{1,5})?").fullmatch


class LocalIdentities(Protocol):
    """The identities that live on this server."""

    async def did_of(self, handle: str) -> str | None:
        """Answer whose a handle is."""
        ...

    async def document_of(self, did: str) -> dict[str, Any] | None:
        """Answer a DID document; None for an identity that lives elsewhere."""
        ...


class DidDocuments:
    """Finds DID documents."""

    def __init__(self, outbound: OutboundClient, local: LocalIdentities, plc_url: str) -> None:
        """Take the ways. `plc_url` is the origin of the directory."""
        self._outbound = outbound
        self._local = local
        self._plc_url = plc_url.rstrip("/")

    async def fetch(self, did: str) -> tuple[DidDocument, float | None]:
        """Find a document; and how long it is good, None for as long as usual.

        Raises:
            DidNotFoundError: there is none.
            BadDidDocumentError: there is something else in its place.
            ResolutionUnavailableError: no answer.
        """
        own = await self._local.document_of(did)
        if own is not None:
            return read_document(did, own, LOCAL_BYTES), LOCAL_GOOD_S
        if _plc(did):
            return await self._at(did, f"{self._plc_url}/{did}"), None
        web = _web(did)
        if web:
            return await self._at(did, f"{_web_origin(web[1], web[2])}/.well-known/did.json"), None
        raise DidNotFoundError(f"{did[:100]} is no did:plc, and no did:web of a host: the network uses no others")

    async def _at(self, did: str, url: str) -> DidDocument:
        try:
            answer = await self._outbound.fetch(
                "GET",
                url,
                headers={"Accept": "application/did+ld+json, application/json"},
                limit_bytes=DOCUMENT_LIMIT_BYTES,
                timeout_s=ASK_TIMEOUT_S,
            )
            if answer.status in (404, 410):
                raise DidNotFoundError(f"there is no {did}, or it was given up")
            if answer.status != 200:
                raise ResolutionUnavailableError(f"the DID document of {did} was asked for: {answer.status}")
            return read_document(did, answer.json(), len(answer.body))
        except OutboundUnavailableError as error:
            if error.unknown_host:
                raise DidNotFoundError(f"there is no host for {did}") from None
            raise ResolutionUnavailableError(f"no answer about {did}: {error}") from None
        except (OutboundAnswerError, OutboundRefusedError) as error:
            raise BadDidDocumentError(f"{did} has no usable document: {error}") from None


def _web_origin(host: str, port: str | None) -> str:
    # Public hosts have no port. One that has is private, and allowed as far as the outbound client was told.
    plain = port or host == "localhost"
    return f"{'http' if plain else 'https'}://{host.lower()}{unquote(port or '')}"
