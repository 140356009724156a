"""Service tokens as a PDS makes them, and as nobody should."""

from __future__ import annotations

import json
import secrets
import time
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tonearm.atproto.did_key import SigningKey

ORDERS = {
    "k256": 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141,
    "p256": 0xFFFFFFFF_00000000_FFFFFFFF_FFFFFFFF_BCE6FAAD_A7179E84_F3B9CAC2_FC632551,
}


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims_of(issuer: str, audience: str, method: str, **changes: Any) -> dict[str, Any]:
    """The claims of a good token; a change to None leaves a claim out."""
    now = int(time.time())
    claims = {"iss": issuer, "aud": audience, "lxm": method, "iat": now, "exp": now + 60, "jti": secrets.token_hex(8)}
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


def signed(key: SigningKey, claims: Any, header: dict[str, Any] | None = None, *, high_s: bool = False) -> str:
    """A token; `header` changes or (None) leaves out parts of the header."""
    parts = {"typ": "JWT", "alg": key.public.jwt_algorithm, **(header or {})}
    parts = {name: value for name, value in parts.items() if value is not None}
    text = f"{b64(json.dumps(parts).encode())}.{b64(json.dumps(claims).encode())}"
    signature = key.sign(text.encode())
    if high_s:
        other = ORDERS[key.curve] - int.from_bytes(signature[32:], "big")
        signature = signature[:32] + other.to_bytes(32, "big")
    return f"{text}.{b64(signature)}"
