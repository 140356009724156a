"""Service tokens: an account calls us through its PDS, or with a token that its PDS signed for us.

    {"typ": "JWT", "alg": "ES256K"}
    {"iss": "did:plc:caller", "aud": "did:web:us#tonearm", "lxm": "app.example.method", "iat": 1, "exp": 61, "jti": "x"}

The signature is that of the caller's repository key, which stands in their DID document. A document that was
remembered may be older than the key: when the signature does not fit, it is asked for once more.

A token is for one method of one service, lives an hour at most, and is taken once. What was taken is remembered until
it expires, in this process (docs/decisions/0007).

Source: https://atproto.com/specs/xrpc ("Inter-Service Authentication").
"""

from __future__ import annotations

import json
import math
import time
from binascii import a2b_base64
from collections import OrderedDict
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from tonearm.atproto.did_key import VerifyKey
from tonearm.atproto.formats import is_did
from tonearm.identity.resolution.errors import IdentityError, ResolutionUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tonearm.identity.resolution import DidDocument

LONGEST_TOKEN = 4096
LONGEST_LIFE_S = 3600
SKEW_S = 30
"""How far a caller's clock may be ahead of ours."""
REFRESH_EVERY_S = 2.0
"""A caller's document is asked for anew at most so often, whatever tokens come in its name."""
CALLERS = 5_000
KEYS = 2_000
SEEN = 100_000
MINUTE_S = 60
LAST_SECOND = 1e12
"""Times from here on are nonsense."""

ALGORITHMS = frozenset({"ES256", "ES256K"})
_TO_BASE64 = str.maketrans("-_+/", "+/\0\0")


class ServiceAuthError(Exception):
    """A service token is not good; the message says which check failed.

    `name` is `InvalidToken`, `ExpiredToken`, or `UpstreamFailure` when the caller's key cannot be found out now.
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


class Documents(Protocol):
    """What is needed of the resolver."""

    async def document(self, did: str, *, fresh: bool = False) -> DidDocument:
        """Answer a DID's document."""
        ...


class _Token(NamedTuple):
    algorithm: str
    issuer: str
    token_id: str
    expires_at: float
    signed: bytes
    signature: bytes


class ServiceAuth:
    """Verifies service tokens for one service."""

    def __init__(self, documents: Documents, audiences: Collection[str], *, now: Callable[[], float]) -> None:
        """Say who we are.

        Args:
            documents: finds DID documents.
            audiences: our DID, and our DID with the name of our service.
            now: seconds since 1970.
        """
        self._documents = documents
        self._audiences = frozenset(audiences)
        self._now = now
        self._seen = SeenTokens()
        self._keys: OrderedDict[str, VerifyKey] = OrderedDict()
        self._refreshed: OrderedDict[str, float] = OrderedDict()

    async def verify(self, token: str, nsid: str) -> str:
        """Return the DID of the caller.

        Args:
            token: as it came.
            nsid: the method that is called.

        Raises:
            ServiceAuthError: the token is not good for this method, here and now.
        """
        read = self._read(token, nsid)
        try:
            if not self._is_signed(read, await self._documents.document(read.issuer)) and not (
                self._may_refresh(read.issuer)
                and self._is_signed(read, await self._documents.document(read.issuer, fresh=True))
            ):
                raise ServiceAuthError("InvalidToken", "the signature is not that of the caller's key")
        except ResolutionUnavailableError as error:
            raise ServiceAuthError("UpstreamFailure", f"the caller's key cannot be looked up now: {error}") from None
        except IdentityError as error:
            raise ServiceAuthError("InvalidToken", f"the caller is not known: {error}") from None
        if not self._seen.is_first(read.issuer, read.token_id, read.expires_at, self._now()):
            raise ServiceAuthError("InvalidToken", "the token was used before (its jti is known)")
        return read.issuer

    def _read(self, token: str, nsid: str) -> _Token:
        signed, _, signature = token.rpartition(".")
        first, _, second = signed.partition(".")
        if len(token) > LONGEST_TOKEN or not token.isascii() or "." in second:
            raise ServiceAuthError("InvalidToken", "that is no service token")
        header, claims = _json(first), _json(second)
        if str(header.get("typ")).upper() != "JWT":
            raise ServiceAuthError("InvalidToken", "a service token has the typ JWT")
        algorithm = header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS or "crit" in header:
            raise ServiceAuthError("InvalidToken", "a service token has the alg ES256K or ES256")
        issuer, token_id = claims.get("iss"), claims.get("jti")
        if not isinstance(issuer, str) or not is_did(issuer):
            raise ServiceAuthError("InvalidToken", "iss must be the DID of an account")
        if not isinstance(token_id, str) or not token_id:
            raise ServiceAuthError("InvalidToken", "the token must have a jti, by which it is taken once")
        audience = claims.get("aud")
        if not isinstance(audience, str) or audience not in self._audiences:
            raise ServiceAuthError("InvalidToken", f"aud must be {min(self._audiences, key=len)}")
        if not nsid or claims.get("lxm") != nsid:  # what is no method, a page, takes no service tokens
            raise ServiceAuthError("InvalidToken", f"lxm must be the method that is called, {nsid}")
        expires_at = self._check_times(claims)
        return _Token(algorithm, issuer, token_id, expires_at, signed.encode(), _decoded(signature))

    def _check_times(self, claims: dict[str, Any]) -> float:
        now = self._now()
        issued_at, expires_at = _time(claims, "iat"), _time(claims, "exp")
        begins_at = _time(claims, "nbf") if "nbf" in claims else issued_at
        if issued_at > now + SKEW_S or begins_at > now + SKEW_S:
            raise ServiceAuthError("InvalidToken", "the token's time has not come: look at the clocks (iat, nbf)")
        if expires_at - issued_at > LONGEST_LIFE_S:
            raise ServiceAuthError("InvalidToken", f"a service token may live {LONGEST_LIFE_S} s at most (exp, iat)")
        if expires_at <= now:
            raise ServiceAuthError("ExpiredToken", "the token's time is over (exp)")
        return expires_at

    def _is_signed(self, token: _Token, document: DidDocument) -> bool:
        if document.signing_key is None:
            return False
        key = self._key(document.signing_key)
        return key.jwt_algorithm == token.algorithm and key.verify(token.signed, token.signature)

    def _key(self, name: str) -> VerifyKey:
        key = self._keys.get(name)
        if key is None:
            key = self._keys[name] = VerifyKey.from_did_key(name)
            if len(self._keys) > KEYS:
                self._keys.popitem(last=False)
        return key

    def _may_refresh(self, did: str) -> bool:
        now = time.monotonic()
        if now - self._refreshed.get(did, -math.inf) < REFRESH_EVERY_S:
            return False
        self._refreshed[did] = now
        self._refreshed.move_to_end(did)
        if len(self._refreshed) > CALLERS:
            self._refreshed.popitem(last=False)
        return True


class SeenTokens:
    """The tokens that were taken and have not expired, by the minute in which they will.

    Bounded by `limit`. When it is full, the issuer that fills the most of a minute loses that: whoever floods us with
    tokens weakens the protection of their own, not of others'.
    """

    def __init__(self, limit: int = SEEN) -> None:
        """Remember nothing yet."""
        self._limit = limit
        self._minutes: dict[int, dict[str, set[bytes]]] = {}
        self._count = 0

    def is_first(self, issuer: str, token_id: str, expires_at: float, now: float) -> bool:
        """Note a token and say whether it is new. The same token has the same `expires_at`."""
        for minute in [minute for minute in self._minutes if (minute + 1) * MINUTE_S <= now]:
            self._count -= sum(map(len, self._minutes.pop(minute).values()))
        if self._count >= self._limit:
            self._shed()
        seen = self._minutes.setdefault(int(expires_at // MINUTE_S), {}).setdefault(issuer, set())
        digest = sha256(token_id.encode(errors="surrogatepass")).digest()[:16]
        if digest in seen:
            return False
        seen.add(digest)
        self._count += 1
        return True

    def _shed(self) -> None:
        sizes = [
            (len(seen), minute, issuer) for minute, issuers in self._minutes.items() for issuer, seen in issuers.items()
        ]
        size, minute, issuer = max(sizes)
        del self._minutes[minute][issuer]
        self._count -= size


def is_service_token(token: str) -> bool:
    """Whether a bearer token is meant as a service token: a JWT of another kind than those that we sign ourselves."""
    try:
        header = _json(token.partition(".")[0]) if len(token) <= LONGEST_TOKEN else {}
    except ServiceAuthError:
        return False
    return "alg" in header and header["alg"] != "HS256"


def _json(segment: str) -> dict[str, Any]:
    try:
        value = json.loads(_decoded(segment))
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ServiceAuthError("InvalidToken", "that is no service token")
    return value


def _decoded(segment: str) -> bytes:
    try:
        return a2b_base64(segment.translate(_TO_BASE64) + "=" * (-len(segment) % 4), strict_mode=True)
    except ValueError:
        raise ServiceAuthError("InvalidToken", "that is no service token") from None


def _time(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < LAST_SECOND:
        raise ServiceAuthError("InvalidToken", f"the token must say its {name}, in seconds since 1970")
    return value
