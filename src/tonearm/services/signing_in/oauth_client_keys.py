"""The keys by which authorization servers know this server, and their succession.

A session is bound to the key that signed for it when it began, so a key is not replaced: a newer one joins it, signs
for sessions that begin from then on, and the old one stays, and stays published, until no session needs it. A new key
is published an hour before it is used, since servers keep the set of keys for a while.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tonearm.identity.oauth.keys import ALGORITHM, SigningKey, prepare
from tonearm.index.queries import oauth
from tonearm.index.queries.oauth import KeyRow
from tonearm.services.identity_hash import MICROS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tonearm.index.engine import Database
    from tonearm.services.repositories import Sealer

PUBLISHED_BEFORE_S = 3600.0
SUCCEEDED_S = 86_400.0
"""How long after its successor a key is kept at least, bound to something or not."""
LIVES_S = 90 * 86_400.0
"""How long a key signs for new sessions before the next one is made."""


@dataclass(frozen=True, slots=True)
class OAuthClientKeys:
    """The keys, sealed in the index's database."""

    database: Database
    sealer: Sealer
    now: Callable[[], float]

    async def signing(self) -> SigningKey:
        """The key for a session that begins now: the newest that has been published for long enough."""
        keys = await self._keys()
        known = [key for key in keys if key.created_at <= self._micros(-PUBLISHED_BEFORE_S)]
        return self._open((known or keys[-1:])[0])

    async def by_id(self, key_id: str) -> SigningKey | None:
        """The key that a session is bound to; None when it is gone, and the session with it."""
        for key in await self.database.read(oauth.client_keys()):
            if key.key_id == key_id:
                return self._open(key)
        return None

    async def published(self) -> list[dict[str, Any]]:
        """All public keys, as JWKs."""
        await prepare()
        return [
            {**self._open(key).public(), "kid": key.key_id, "use": "sig", "alg": ALGORITHM}
            for key in await self._keys()
        ]

    async def rotate(self) -> None:
        """Make a key to succeed the newest one."""
        await self._add(self._micros(0) + 1)

    async def tidy(self) -> None:
        """Let a key be made when the newest is old, and forget those that nothing is bound to."""
        keys = await self.database.read(oauth.client_keys())
        if keys and keys[0].created_at < self._micros(-LIVES_S):
            await self._add(self._micros(-LIVES_S))
        await self.database.write(oauth.drop_idle_client_keys(self._micros(-SUCCEEDED_S)))

    async def _keys(self) -> list[KeyRow]:
        """All keys, the newest first; there is one at least."""
        return await self.database.read(oauth.client_keys()) or await self._add(0)

    async def _add(self, when_newest_before: int) -> list[KeyRow]:
        await prepare()
        key = SigningKey.generate()
        sealed = self.sealer.seal(json.dumps(key.private()).encode(), key_context(key.key_id))
        row = KeyRow(key.key_id, sealed, self._micros(0))
        return await self.database.write(oauth.add_client_key(row, when_newest_before=when_newest_before))

    def _open(self, key: KeyRow) -> SigningKey:
        return SigningKey.from_private(json.loads(self.sealer.open(key.sealed, key_context(key.key_id))))

    def _micros(self, after_s: float) -> int:
        return int((self.now() + after_s) * MICROS)


def key_context(key_id: str) -> str:
    """What a client key is sealed for."""
    return f"oauth_client_key {key_id}"
