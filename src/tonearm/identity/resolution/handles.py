"""The ways from a handle to a DID.

Source: https://atproto.com/specs/handle ("Handle Resolution").
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from tonearm.atproto.formats import is_did
from tonearm.identity.resolution.errors import ResolutionUnavailableError
from tonearm.lexicons import nsids
from tonearm.outbound import OutboundAnswerError, OutboundError, OutboundRefusedError, OutboundUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import dns.asyncresolver

    from tonearm.outbound import OutboundClient

DNS_TIMEOUT_S = 4.0
ASK_TIMEOUT_S = 6.0
WELL_KNOWN_LIMIT_BYTES = 4096
WELL_KNOWN_REDIRECTS = 3
UNRESOLVABLE = (".alt", ".arpa", ".example", ".internal", ".invalid", ".local", ".localhost", ".onion", ".test")
"""Domains in which no public name can be; only a backend of the administrator's knows handles in them."""


class HandleBackend(Protocol):
    """One way from a handle to a DID."""

    async def did_of(self, handle: str) -> str | None:
        """Answer the DID that the handle (in lower case) points at, unverified; None when this way knows of none.

        Raises:
            ResolutionUnavailableError: whoever would know does not answer.
        """
        ...


class HandleServer:
    """Asks a server that resolves handles, such as a PDS, named by the administrator."""

    def __init__(self, outbound: OutboundClient, origin: str) -> None:
        """Take the origin of the server."""
        self._outbound = outbound
        self._url = f"{origin.rstrip('/')}/xrpc/{nsids.COM_ATPROTO_IDENTITY_RESOLVE_HANDLE}?handle="

    async def did_of(self, handle: str) -> str | None:
        """Ask for the handle."""
        try:
            answer = await self._outbound.fetch("GET", self._url + handle, timeout_s=ASK_TIMEOUT_S)
            body = answer.json()
        except OutboundError as error:
            raise ResolutionUnavailableError(f"the server for handles gives no answer: {error}") from None
        if answer.status == 200 and isinstance(body, dict):
            return _did(body.get("did"))
        if answer.status in (400, 404):
            return None
        raise ResolutionUnavailableError(f"the server for handles answered {answer.status}")


class DnsHandles:
    """Reads the TXT record `_atproto.HANDLE`."""

    def __init__(self, nameservers: Sequence[tuple[str, int]] | None = None) -> None:
        """Use the given name servers, (address, port), or those of the machine."""
        self._nameservers = nameservers

    async def did_of(self, handle: str) -> str | None:
        """Look the record up. Two different DIDs are none."""
        if handle.endswith(UNRESOLVABLE) and self._nameservers is None:
            return None
        await asyncio.to_thread(import_module, "dns.asyncresolver")  # a tenth of a second, once
        import dns.exception  # noqa: PLC0415 - not needed to start
        import dns.resolver  # noqa: PLC0415

        try:
            answer = await self._resolver().resolve(f"_atproto.{handle}", "TXT", lifetime=DNS_TIMEOUT_S, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return None
        except (dns.exception.DNSException, OSError) as error:
            raise ResolutionUnavailableError(f"DNS gives no answer about {handle}: {type(error).__name__}") from None
        texts = [b"".join(record.strings).decode("latin-1") for record in answer]
        found = {text.removeprefix("did=") for text in texts if text.startswith("did=")}
        return _did(found.pop()) if len(found) == 1 else None

    def _resolver(self) -> dns.asyncresolver.Resolver:
        import dns.asyncresolver  # noqa: PLC0415 - not needed to start
        import dns.nameserver  # noqa: PLC0415

        if self._nameservers is None:
            return dns.asyncresolver.Resolver()
        resolver = dns.asyncresolver.Resolver(configure=False)
        resolver.nameservers = [dns.nameserver.Do53Nameserver(*address) for address in self._nameservers]
        return resolver


class WellKnownHandles:
    """Asks the handle's own web server for `/.well-known/atproto-did`."""

    def __init__(self, outbound: OutboundClient, origin_of: Callable[[str], str] = "https://{}".format) -> None:
        """Use the client. `origin_of` says where the web server of a handle is."""
        self._outbound = outbound
        self._origin_of = origin_of

    async def did_of(self, handle: str) -> str | None:
        """Ask the web server. An answer of another kind than a DID is none."""
        url = self._origin_of(handle)
        if handle.endswith(UNRESOLVABLE) and url == f"https://{handle}":
            return None
        try:
            answer = await self._outbound.fetch(
                "GET",
                f"{url}/.well-known/atproto-did",
                headers={"Accept": "text/plain"},
                limit_bytes=WELL_KNOWN_LIMIT_BYTES,
                timeout_s=ASK_TIMEOUT_S,
                redirects=WELL_KNOWN_REDIRECTS,
            )
        except (OutboundAnswerError, OutboundRefusedError):
            return None
        except OutboundUnavailableError as error:
            if error.unknown_host:
                return None
            raise ResolutionUnavailableError(f"the web server of {handle} gives no answer: {error}") from None
        if answer.status >= 500 or answer.status == 429:
            raise ResolutionUnavailableError(f"the web server of {handle} answered {answer.status}")
        return _did(answer.body.decode("latin-1").strip()) if answer.status == 200 else None


def _did(text: object) -> str | None:
    return text if isinstance(text, str) and is_did(text) else None
