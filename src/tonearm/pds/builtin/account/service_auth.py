"""Tokens with which an account calls another service: signed by its repository's key, for one service and method."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Any

from tonearm.pds.builtin.errors import BuiltinPdsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tonearm.pds.builtin.account.keys import KeyRing

DEFAULT_LIFE_S = 60
METHODLESS_LIFE_S = 60
LONGEST_LIFE_S = 3600


class BadExpirationError(BuiltinPdsError):
    """The token would have ended already, or would live too long. The message says what is allowed."""


class ServiceAuth:
    """Makes service tokens."""

    def __init__(self, keys: KeyRing, *, clock: Callable[[], float]) -> None:
        self._keys = keys
        self._clock = clock

    async def token(self, did: str, audience: str, method: str | None, expires_at: int | None) -> str:
        """Return a token.

        Args:
            did: who calls.
            audience: the DID of the service that is called, with or without `#service`.
            method: the NSID that may be called; None for any, which the service may refuse.
            expires_at: seconds since 1970, at most an hour ahead (a minute without a method); None for a minute.

        Raises:
            BadExpirationError: `expires_at` is out of those bounds.
            RepoNotFoundError: there is no such account.
        """
        now = int(self._clock())
        expires_at = now + DEFAULT_LIFE_S if expires_at is None else expires_at
        if expires_at < now:
            raise BadExpirationError("exp is in the past")
        if expires_at - now > LONGEST_LIFE_S:
            raise BadExpirationError("exp may be an hour ahead at most")
        if method is None and expires_at - now > METHODLESS_LIFE_S:
            raise BadExpirationError("exp may be a minute ahead at most when no lxm is named")
        key = await self._keys.signing_key(did)
        claims: dict[str, Any] = {"iat": now, "iss": did, "aud": audience, "exp": expires_at}
        if method is not None:
            claims["lxm"] = method
        claims["jti"] = secrets.token_hex(16)
        signed = f"{_part({'typ': 'JWT', 'alg': key.public.jwt_algorithm})}.{_part(claims)}"
        return f"{signed}.{_base64url(key.sign(signed.encode()))}"


def _part(value: dict[str, Any]) -> str:
    return _base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
