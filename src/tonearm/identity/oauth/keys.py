"""ES256 keys as JWK, and what they sign.

`joserfc` is imported at the first use: it is no part of the start. That takes a tenth of a second, so whoever may be
the first awaits `prepare`, which does it beside the event loop.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

    from joserfc.jwk import ECKey

ALGORITHM = "ES256"
CURVE = "P-256"
PUBLIC_MEMBERS = frozenset({"kty", "crv", "x", "y"})


async def prepare() -> None:
    """Get ready to use keys, without holding up anybody else."""
    if "joserfc.jwt" not in sys.modules:
        await asyncio.to_thread(import_module, "joserfc.jwt")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key on P-256, known by its thumbprint."""

    _key: ECKey = field(repr=False)
    key_id: str
    """The thumbprint of the public key. Source: RFC 7638."""

    @classmethod
    def generate(cls) -> Self:
        """Make a key."""
        from joserfc.jwk import ECKey  # noqa: PLC0415 - not at the start

        return cls._of(ECKey.generate_key(CURVE))

    @classmethod
    def from_private(cls, jwk: Mapping[str, Any]) -> Self:
        """Read what `private` made."""
        from joserfc.jwk import ECKey  # noqa: PLC0415 - not at the start

        return cls._of(ECKey.import_key(dict(jwk)))

    @classmethod
    def _of(cls, key: ECKey) -> Self:
        return cls(key, key.thumbprint())

    def private(self) -> dict[str, Any]:
        """The private key as a JWK, to be sealed."""
        return dict(self._key.as_dict(private=True))

    def public(self) -> dict[str, Any]:
        """The public key as a JWK: kty, crv, x and y, and nothing else."""
        return {
            name: value for name, value in self._key.as_dict(private=False).items() if name in ["kty", "crv", "x", "y"]
        }

    def sign(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
        """A compact JWT with these claims; the header gets the algorithm."""
        from joserfc import jwt  # noqa: PLC0415 - not at the start

        return jwt.encode({"alg": ALGORITHM, **header}, dict(claims), self._key, algorithms=[ALGORITHM])
