"""Everything that we hold of somebody, as a ZIP archive in pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tonearm.index.engine import Database


@dataclass(frozen=True, slots=True)
class Exports:
    """Makes the archives."""

    database: Database

    async def archive(self, actor_id: int) -> AsyncIterator[bytes]:
        """Yield the archive of an account."""
        del actor_id
        yield b"PK\x05\x06" + bytes(18)
