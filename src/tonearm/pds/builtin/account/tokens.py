"""Session tokens: HS256 JWTs, one kind for access and one to refresh it with.

{"typ": "at+jwt", "alg": "HS256"}
{"scope": "com.atproto.access", "sub": "did:plc:...", "aud": "did:web:...", "iat": 1, "exp": 7201,
     "jti": "...", "sid": "..."}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from tonearm.pds.builtin.errors import SessionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from joserfc.jwk import OctKey

Kind: TypeAlias = Literal["at+jwt", "refresh+jwt"]

ACCESS_LIFE_S = 2 * 3600
REFRESH_LIFE_S = 90 * 86_400
KEY_BYTES = 32
TOKEN_LIMIT = 4_096
"""Longest token that is looked at, in characters."""

_SCOPE_FAMILY = "com.atproto"
FULL = f"{_SCOPE_FAMILY}.access"
APP_PASSWORD = f"{_SCOPE_FAMILY}.appPass"
APP_PASSWORD_PRIVILEGED = f"{_SCOPE_FAMILY}.appPassPrivileged"
REFRESH = f"{_SCOPE_FAMILY}.refresh"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good token says. `session_id` names the session, `token_id` the token itself."""

    did: str
    scope: str
    session_id: str
    token_id: str


class TokenMint:
    """Makes and reads session tokens."""

    def __init__(self, key: bytes, service_did: str, clock: Callable[[], float]) -> None:
        """Take the key (at least 32 bytes), the audience of all tokens, and the clock.

        Raises:
            ValueError: the key is too short.
        """
        if len(key) < KEY_BYTES:
            raise ValueError(f"the session key must have at least {KEY_BYTES} bytes")
        self._secret = key
        self._service_did = service_did
        self._clock = clock
        self._loaded: OctKey | None = None

    def make(self, kind: Kind, claims: Claims, life_s: float) -> str:
        """Return a signed token that lives `life_s` seconds."""
        from joserfc import jwt  # noqa: PLC0415 - off the path of the first answer

        now = int(self._clock())
        payload: dict[str, Any] = {"scope": claims.scope, "sub": claims.did, "aud": self._service_did, "iat": now}
        payload |= {"exp": now + int(life_s), "jti": claims.token_id, "sid": claims.session_id}
        return jwt.encode({"typ": kind, "alg": "HS256"}, payload, self._key())

    def read(self, kind: Kind, token: str) -> Claims:
        """Return what a token says.

        Raises:
            SessionError: `InvalidToken` when it is not one of ours of this kind, `ExpiredToken` when its time is over.
        """
        from joserfc import jwt  # noqa: PLC0415 - off the path of the first answer
        from joserfc.errors import JoseError  # noqa: PLC0415

        try:
            if len(token) > TOKEN_LIMIT:
                raise ValueError
            decoded = jwt.decode(token, self._key(), algorithms=["HS256"])
            header, payload = decoded.header, decoded.claims
            claims = Claims(payload["sub"], payload["scope"], payload["sid"], payload["jti"])
            good = header.get("typ") == kind and payload["aud"] == self._service_did
            expires_at = payload["exp"]
        except (JoseError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise SessionError("InvalidToken", "Token could not be verified") from error
        if not good or (kind == "refresh+jwt") != (claims.scope == REFRESH):
            raise SessionError("InvalidToken", "Token could not be verified")
        if expires_at <= self._clock():
            raise SessionError("ExpiredToken", "Token has expired")
        return claims

    def _key(self) -> OctKey:
        if self._loaded is None:
            from joserfc.jwk import OctKey  # noqa: PLC0415 - off the path of the first answer

            self._loaded = OctKey.import_key(self._secret)
        return self._loaded
