"""A local account that moves to an identity elsewhere: the other side, and what must hold of both afterwards."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.reindexing import reindexed, rows, wiped
from tests.support.server import PASSWORD

if TYPE_CHECKING:
    from tests.support.server import Person, Server
    from tonearm.services.moves import MoveView

SCROBBLE = "app.rocksky.scrobble"
START = 1_600_000_000


@dataclass(frozen=True)
class Elsewhere:
    """An identity on another Tonearm's built-in PDS, and a way to write to its repository as another client does."""

    server: Server
    person: Person

    @property
    def did(self) -> str:
        return self.person.did

    async def records(self, collection: str = SCROBBLE) -> dict[str, Any]:
        return await self.server.records(collection, self.person)

    async def write(self, collection: str, rkey: str, record: dict[str, Any]) -> None:
        token = await session(self.server, self.person)
        body = {"repo": self.did, "collection": collection, "rkey": rkey, "record": record, "validate": False}
        status, answer = await self.server.tell("com.atproto.repo.createRecord", body, token=token)
        assert status == 200, answer


async def session(server: Server, person: Person) -> str:
    """An access token of the built-in PDS, by the account's own password."""
    status, answer = await server.tell(
        "com.atproto.server.createSession", {"identifier": person.did, "password": PASSWORD}
    )
    assert status == 200, answer
    return answer["accessJwt"]


async def link(server: Server, who: Person, did: str, password: str, pds_url: str) -> MoveView:
    """Prove the other side by a password, as the command does, and link the account to it."""
    other = await server.core.password_logins.log_in(did, password, address=None, pds_url=pds_url)
    return await server.core.moves.link(who.actor_id, other)


async def moved(server: Server, who: Person, *, limit_s: float = 60.0) -> MoveView:
    """Start a linked account's move and wait for its end."""
    await server.core.moves.start(who.actor_id)
    return await reached(server, who, "done", limit_s=limit_s)


async def reached(server: Server, who: Person, *states: str, limit_s: float = 60.0) -> MoveView:
    """Wait until an account's move is in one of these states."""
    async with asyncio.timeout(limit_s):
        while True:
            view = await server.core.moves.view(who.actor_id)
            if view.state in states:
                return view
            await asyncio.sleep(0.02)


async def same_after_reindex(server: Server) -> None:
    """The index is what the repositories make it: a rebuilt one is the same."""
    before = await rows(server)
    await wiped(server)
    outcomes = await reindexed(server)
    assert all(outcome.failure is None for outcome in outcomes.values()), outcomes
    after = await rows(server)
    for table, found in before.items():
        assert after[table] == found, table


async def history(server: Server, did: str) -> dict[str, dict[str, Any]]:
    """An actor's plays over HTTP, by record key."""
    found: dict[str, dict[str, Any]] = {}
    cursor: dict[str, str] = {}
    while True:
        status, page = await server.ask("app.rocksky.scrobble.getScrobbles", did=did, limit=500, **cursor)
        assert status == 200, page
        found.update({play["uri"]: play for play in page["scrobbles"]})
        if not page.get("cursor"):
            return {uri.rsplit("/", 1)[1]: play for uri, play in found.items()}
        cursor = {"cursor": page["cursor"]}


def heard(records: dict[str, Any]) -> Counter[tuple[str, str]]:
    """How often each (title, time) stands in scrobble records."""
    return Counter((record["title"], record["createdAt"]) for record in records.values())
