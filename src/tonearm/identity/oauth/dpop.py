"""Proofs that a request comes from whoever holds a session's key. Source: RFC 9449.

A server may ask for a nonce of its own in each proof, and change it at any time. The one that it gave last is kept for
each origin, apart for authorization servers and for PDSes, which may be one origin with two nonces.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tonearm.identity.oauth.keys import SigningKey

Role: TypeAlias = Literal["authorization", "resource"]

NONCE_LIMIT = 512
REMEMBERED = 4096


@dataclass(slots=True)
class Nonces:
    """The last nonce of each server, for the whole process."""

    _kept: OrderedDict[tuple[Role, str], str] = field(default_factory=OrderedDict)

    def of(self, role: Role, url: str) -> str | None:
        """The nonce for a request to this URL."""
        return self._kept.get((role, origin_of(url)))

    def note(self, role: Role, url: str, headers: Mapping[str, str]) -> bool:
        """Take the nonce out of an answer from this URL; True when it is another one than before."""
        nonce = headers.get("DPoP-Nonce", "")
        if not 0 < len(nonce) <= NONCE_LIMIT or not nonce.isascii() or not nonce.isprintable():
            return False
        key = (role, origin_of(url))
        changed = self._kept.get(key) != nonce
        self._kept[key] = nonce
        self._kept.move_to_end(key)
        while len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)
        return changed


@dataclass(frozen=True, slots=True)
class Prover:
    """Makes proofs, with the nonces that it has seen."""

    now: Callable[[], float]
    nonces: Nonces = field(default_factory=Nonces)

    def proof(self, key: SigningKey, role: Role, method: str, url: str, *, access_token: str | None = None) -> str:
        """The value of the `DPoP` header of one request."""
        parts = urlsplit(url)
        claims: dict[str, object] = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": f"{parts.scheme}://{parts.netloc}{parts.path or '/'}",
            "iat": int(self.now()),
        }
        nonce = self.nonces.of(role, url)
        if nonce is not None:
            claims["nonce"] = nonce
        if access_token is not None:
            claims["ath"] = unpadded(hashlib.sha256(access_token.encode()).digest())
        return key.sign({"typ": "dpop+jwt", "jwk": key.public()}, claims)


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, the port named only when it is not the scheme's own."""
    parts = urlsplit(url)
    default = {"https": 443, "http": 80}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != default else ""
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def unpadded(raw: bytes) -> str:
    """Base64 for URLs without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
