"""API tokens: named, scoped, revocable. Shown once; only the SHA-256 is kept."""

from __future__ import annotations

import secrets
from hashlib import sha256

PREFIX = "tnrm_"
SCOPES = ("read", "scrobble", "manage")


def new_token() -> str:
    """A token with 256 bits of chance. The prefix lets secret scanners find it where it should not be."""
    return PREFIX + secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is kept of a token. A fast hash is enough for 256 bits of chance."""
    return sha256(token.encode()).digest()
