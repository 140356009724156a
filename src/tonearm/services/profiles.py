"""Profiles: what people call themselves, read from their repositories in the background."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tonearm.index.engine import Database


@dataclass(slots=True)
class Profiles:
    """Follows profiles and handles. `run` goes on until cancelled."""

    database: Database
    now: Callable[[], float]
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self, did: str) -> None:
        """Somebody has logged in, or an event says that an identity or a profile has changed: look soon."""
        del did
        self._woken.set()

    async def refresh(self, did: str) -> None:
        """Read somebody's handle and profile now."""
        del did
