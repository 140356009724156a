"""Access tokens of our own sessions: HS256 JWTs that live a quarter of an hour.

    {"typ": "at+jwt", "alg": "HS256", "kid": "tonearm"}
    {"sub": "did:plc:...", "sid": "...", "iat": 1, "exp": 901}

There is one header, compared as text: no other algorithm can be asked for, and a token of another issuer is told apart
by its first characters.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

LIFE_S = 900
LONGEST = 1024
"""The longest token that is looked at, in characters."""
REMEMBERED = 10_000


class AccessTokenError(Exception):
    """An access token is not good. `name` is `InvalidToken`, or `ExpiredToken` when only its time is over."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


class AccessClaims(NamedTuple):
    """What a good token says: whose it is, of which session, and the second at which its time is over."""

    did: str
    session_id: str
    expires_at: float


def _segment(plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


PREFIX = _segment(b'{"typ":"at+jwt","alg":"HS256","kid":"tonearm"}') + "."


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """Makes and verifies access tokens with one key, which is the server's own and no person's.

    A token whose signature was right is remembered by its hash, and its time looked at again each time: reading it
    anew costs five times as much.
    """

    key: bytes = field(repr=False)
    now: Callable[[], float]
    _verified: dict[bytes, AccessClaims] = field(default_factory=dict, repr=False)

    def make(self, did: str, session_id: str) -> tuple[str, float]:
        """A token for a session, and the second at which its time is over."""
        now = int(self.now())
        claims = {"sub": did, "sid": session_id, "iat": now, "exp": now + LIFE_S}
        signed = PREFIX + _segment(json.dumps(claims, separators=(",", ":")).encode())
        return f"{signed}.{_segment(self._signature(signed))}", float(now + LIFE_S)

    def verify(self, token: str) -> AccessClaims:
        """What a token says.

        Raises:
            AccessTokenError: it is none of ours, was changed, or its time is over.
        """
        digest = sha256(token.encode(errors="replace")).digest()
        claims = self._verified.get(digest)
        if claims is None:
            claims = self._read(token)
            if len(self._verified) >= REMEMBERED:
                self._verified.clear()
            self._verified[digest] = claims
        if claims.expires_at <= self.now():
            raise AccessTokenError("ExpiredToken", "This access token's time is over: refresh it.")
        return claims

    def _read(self, token: str) -> AccessClaims:
        signed, _, signature = token.rpartition(".")
        if len(token) > LONGEST or not signed.startswith(PREFIX) or not token.isascii():
            raise AccessTokenError("InvalidToken", "This is no access token of this server.")
        if not hmac.compare_digest(signature, _segment(self._signature(signed))):
            raise AccessTokenError("InvalidToken", "This access token's signature is wrong.")
        try:
            payload = signed[len(PREFIX) :]
            claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
            return AccessClaims(claims["sub"], claims["sid"], float(claims["exp"]))
        except (binascii.Error, ValueError, KeyError, TypeError) as error:
            raise AccessTokenError("InvalidToken", "This is no access token of this server.") from error

    def _signature(self, signed: str) -> bytes:
        return hmac.digest(self.key, signed.encode(), "sha256")
