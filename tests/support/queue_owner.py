"""A listener with a queue, and what stands between them and their repository."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tonearm.index import outbox
from tonearm.index.engine import Work, select
from tonearm.pds.errors import PdsError, PdsRefusedError

if TYPE_CHECKING:
    from tests.support.obstacles import Obstacles
    from tests.support.server import Person, Server

SCROBBLE = "app.rocksky.scrobble"
GET_QUEUE = "app.tonearm.journal.getQueue"
PLAYED_AT = 1_700_000_000
PLAY = {
    "title": "Cloudbustin",
    "artist": "Kate Bush",
    "album": "Hounds of Love",
    "albumArtist": "Kate Bush",
    "duration": 308_000,
    "timestamp": PLAYED_AT,
}


@dataclass
class Owner:
    """A listener, and what stands between them and their repository."""

    server: Server
    who: Person
    obstacles: Obstacles

    def hindered(self, error: PdsError, *collections: str) -> None:
        """From now on the repository answers with `error`: always, or when one of the collections is written to."""
        self.obstacles.refuse(self.who.did, error, *collections)

    def free(self) -> None:
        self.obstacles.free(self.who.did)

    async def publish(self) -> None:
        """One turn of the outbox, if it takes one for this listener now."""
        core = self.server.core
        due = await core.index.read(outbox.actors_with_writes(int(time.time() * 1e6), 1_000_000))
        if self.who.actor_id in due:
            await core.outbox.serve(self.who.actor_id)

    async def ask(self, **params: Any) -> tuple[int, Any]:
        return await self.server.ask(GET_QUEUE, token=self.who.token, **params)

    async def tell(self, method: str, **body: Any) -> tuple[int, Any]:
        return await self.server.tell(method, body, token=self.who.token)

    async def entries(self, **params: Any) -> list[dict[str, Any]]:
        status, page = await self.ask(**params)
        assert status == 200, page
        return page["entries"]

    async def entry(self) -> dict[str, Any]:
        """The one entry that there is."""
        (entry,) = await self.entries()
        return entry

    async def refused_play(self, **changes: Any) -> dict[str, Any]:
        """Submit a play whose scrobble record the repository refuses; answers its entry."""
        await self.server.scrobble(self.who, **{**PLAY, **changes})
        self.hindered(PdsRefusedError("InvalidRecord", "no such song"), SCROBBLE)
        await self.publish()
        return (await self.entries())[-1]

    async def history(self) -> list[dict[str, Any]]:
        status, page = await self.server.ask("app.rocksky.actor.getActorScrobbles", did=self.who.did, limit=1000)
        assert status == 200
        return page["scrobbles"]

    async def titles(self) -> list[str]:
        return [play["title"] for play in await self.history()]

    async def journal(self) -> list[tuple[str, str, bytes]]:
        """(source, outcome, what was sent) of each submission."""

        def work() -> Work[list[Any]]:
            return (
                yield select(
                    "SELECT source, outcome, raw FROM journal WHERE actor_id = $1 ORDER BY journal_id",
                    self.who.actor_id,
                )
            )

        return await self.server.core.index.read(work())
