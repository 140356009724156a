"""The built-in PDS of a running server, with something in the way of some listeners."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tonearm.services.repositories import Repository

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tonearm.core import Core
    from tonearm.pds.builtin.host import BuiltinPds
    from tonearm.pds.writer import CommitResult, RepoWrite

    Obstacle = Callable[[Sequence[RepoWrite]], Awaitable[None]]


class Obstacles:
    """Stands between the outbox and the built-in PDS (`RepoWriter`, and the routes to it).

    `before` and `after` hold, by DID, what happens before and after the commit of a batch: it may wait, or raise what
    a PDS raises. `calls` counts the batches that were tried.
    """

    def __init__(self, pds: BuiltinPds) -> None:
        self._pds = pds
        self.before: dict[str, Obstacle] = {}
        self.after: dict[str, Obstacle] = {}
        self.calls: dict[str, int] = {}

    @classmethod
    def put_up(cls, core: Core) -> Obstacles:
        """Lead the outbox of a server through here."""
        obstacles = cls(core.pds)
        core.outbox.routes = obstacles
        return obstacles

    def refuse(self, did: str, error: Exception, *collections: str, after: bool = False) -> None:
        """Raise `error` from now on: always, or when one of the collections is written to."""

        async def refuse(writes: Sequence[RepoWrite]) -> None:
            if not collections or any(write.collection in collections for write in writes):
                raise error

        (self.after if after else self.before)[did] = refuse

    def free(self, did: str) -> None:
        """Nothing is in the way any more."""
        self.before.pop(did, None)
        self.after.pop(did, None)

    async def tried(self, did: str, times: int = 1) -> None:
        """Wait until so many batches of a listener were tried."""
        for _ in range(2000):
            if self.calls.get(did, 0) >= times:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("the outbox tried nothing within 20 s")

    async def route(self, _actor_id: int, did: str) -> Repository:
        return Repository(self, host=did)

    async def apply_writes(self, did: str, writes: Sequence[RepoWrite]) -> CommitResult:
        self.calls[did] = self.calls.get(did, 0) + 1
        if did in self.before:
            await self.before[did](writes)
        result = await self._pds.apply_writes(did, writes)
        if did in self.after:
            await self.after[did](writes)
        return result

    async def existing(self, did: str, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        return await self._pds.existing(did, keys)

    async def latest_rev(self, did: str) -> str:
        return await self._pds.latest_rev(did)
