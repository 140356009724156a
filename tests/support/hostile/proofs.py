"""What a client proves with signatures, checked without the product's own code: DPoP, client assertions, PKCE.

Source: RFC 9449 (DPoP), RFC 7523 (assertions), RFC 7636 (PKCE), RFC 7638 (thumbprints).
"""

from __future__ import annotations

import json
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

SKEW_S = 30
ASSERTION_LIFE_S = 60
PRIVATE_PARTS = {"d", "p", "q", "k"}


class ProofError(Exception):
    """A proof is not good. The text says why."""


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    if "=" in text:
        raise ProofError("base64url with padding")
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def hashed(text: str) -> str:
    """The base64url of the SHA-256, as `ath`, `code_challenge` and thumbprints have it."""
    return b64(sha256(text.encode()).digest())


def thumbprint(jwk: dict[str, Any]) -> str:
    required = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    return hashed(json.dumps(required, separators=(",", ":"), sort_keys=True))


def parts_of(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, unverified."""
    try:
        header, claims, _ = token.split(".")
        return json.loads(unb64(header)), json.loads(unb64(claims))
    except ValueError as error:
        raise ProofError(f"no JWT: {error}") from None


def verify_es256(token: str, jwk: dict[str, Any]) -> None:
    """Raise ProofError unless the JWT is signed with ES256 by this public key."""
    header, _ = parts_of(token)
    if header.get("alg") != "ES256":
        raise ProofError(f"alg is {header.get('alg')}, not ES256")
    if (jwk.get("kty"), jwk.get("crv")) != ("EC", "P-256"):
        raise ProofError("no P-256 key")
    if PRIVATE_PARTS & jwk.keys():
        raise ProofError("a private key was sent")
    x, y = (int.from_bytes(unb64(jwk[name]), "big") for name in ("x", "y"))
    signed, _, signature = token.rpartition(".")
    raw = unb64(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    try:
        key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        key.verify(der, signed.encode(), ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        raise ProofError("the signature is not of this key") from None


@dataclass
class Once:
    """Identifiers that may come once."""

    seen: set[str] = field(default_factory=set)

    def check(self, jti: Any) -> None:
        if not isinstance(jti, str) or len(jti) < 8:
            raise ProofError("no jti, or one that is too short")
        if jti in self.seen:
            raise ProofError("the jti was used before")
        self.seen.add(jti)


@dataclass
class Nonces:
    """The DPoP nonces of one server. `mode`: "steady", "storm" (no nonce is ever good enough) or "none"."""

    mode: str = "steady"
    current: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    handed_out: set[str] = field(default_factory=set)

    def rotate(self) -> None:
        """The nonces so far are good no more."""
        self.current = secrets.token_urlsafe(12)

    def header(self) -> dict[str, str]:
        if self.mode == "none":
            return {}
        if self.mode == "storm":
            self.rotate()
        self.handed_out.add(self.current)
        return {"DPoP-Nonce": self.current}

    def is_good(self, nonce: Any) -> bool:
        """Whether a proof with this nonce is taken; raises ProofError when it can be none of this server's."""
        if self.mode == "none":
            return True
        if nonce is not None and nonce not in self.handed_out:
            raise ProofError("the nonce is not of this server")
        return self.mode == "steady" and nonce == self.current


def check_dpop(proof: str | None, *, method: str, url: str, jtis: Once, access_token: str | None) -> tuple[str, Any]:
    """Check a DPoP proof but for its nonce; answer the key's thumbprint and the nonce.

    Raises:
        ProofError: it is not good.
    """
    if not proof:
        raise ProofError("no DPoP proof")
    header, claims = parts_of(proof)
    if header.get("typ") != "dpop+jwt":
        raise ProofError("typ is not dpop+jwt")
    jwk = header.get("jwk")
    if not isinstance(jwk, dict):
        raise ProofError("no jwk in the header")
    verify_es256(proof, jwk)
    if claims.get("htm") != method or claims.get("htu") != url:
        raise ProofError(f"made for {claims.get('htm')} {claims.get('htu')}, sent with {method} {url}")
    if abs(time.time() - claims.get("iat", 0)) > SKEW_S:
        raise ProofError("iat is not now")
    jtis.check(claims.get("jti"))
    wanted = None if access_token is None else hashed(access_token)
    if claims.get("ath") != wanted:
        raise ProofError("ath is not of the access token, or stands where there is none")
    return thumbprint(jwk), claims.get("nonce")


def check_assertion(assertion: str, *, client_id: str, audience: str, keys: list[dict[str, Any]], jtis: Once) -> str:
    """Check a client assertion; answer the id of its key.

    Raises:
        ProofError: it is not good.
    """
    header, claims = parts_of(assertion)
    kid = header.get("kid")
    found = [key for key in keys if kid is not None and key.get("kid") == kid]
    if len(found) != 1:
        raise ProofError(f"the client has no one key {kid!r}")
    verify_es256(assertion, found[0])
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise ProofError("iss and sub of the assertion are not the client_id")
    if claims.get("aud") != audience:
        raise ProofError(f"aud of the assertion is {claims.get('aud')!r}, not the issuer")
    now, issued, expires = time.time(), claims.get("iat", 0), claims.get("exp", 0)
    if not (abs(now - issued) <= SKEW_S and now < expires <= issued + ASSERTION_LIFE_S):
        raise ProofError("the assertion is not of now, or lives for more than a minute")
    jtis.check(claims.get("jti"))
    return kid
