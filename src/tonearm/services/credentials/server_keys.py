"""Keys that the server makes for itself: random, sealed in the database, the same for all its processes.

They are not derived from the master key: another master key would be the end of every token that they signed.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonearm.index.queries import sealed as queries

if TYPE_CHECKING:
    from tonearm.index.engine import Database
    from tonearm.services.repositories import Sealer

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class ServerKeys:
    """The server's own keys, by what they are for."""

    database: Database
    sealer: Sealer

    async def key(self, name: str) -> bytes:
        """The key of this name; made at the first time, by whichever process is first."""
        kept = await self.database.read(queries.server_key(name))
        if kept is None:
            fresh = self.sealer.seal(secrets.token_bytes(KEY_BYTES), sealed_context(name))
            kept = await self.database.write(queries.add_server_key(name, fresh))
        return self.sealer.open(kept, sealed_context(name))


def sealed_context(name: str) -> str:
    """What binds a sealed key to its row."""
    return f"server_key {name}"
