"""A local account becomes an identity elsewhere, and every record goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.moving import SCROBBLE, START, heard, history, link, moved, same_after_reindex
from tests.support.server import PASSWORD
from tests.support.world import SONGS

if TYPE_CHECKING:
    from tests.support.moving import Elsewhere
    from tests.support.server import Server

COLLECTIONS = (SCROBBLE, "app.rocksky.song", "app.rocksky.album", "app.rocksky.artist")


async def test_every_record_is_in_the_outside_repository_under_its_key(server: Server, elsewhere: Elsewhere) -> None:
    who = server.first
    for number in range(40):
        await server.scrobble(who, **SONGS[number % len(SONGS)], timestamp=START + 300 * number)
    await server.drained()
    before = {collection: await server.records(collection, who) for collection in COLLECTIONS}
    await link(server, who, elsewhere.did, PASSWORD, elsewhere.server.url)
    view = await moved(server, who)
    assert {collection: await elsewhere.records(collection) for collection in COLLECTIONS} == before
    total = sum(map(len, before.values()))
    assert (view.total, view.copied, view.passed_over, view.waiting, view.refused) == (total, total, 0, 0, 0)
    plays = await history(server, elsewhere.did)
    assert plays.keys() == before[SCROBBLE].keys()
    assert {play["uri"].split("/")[2] for play in plays.values()} == {elsewhere.did}
    await same_after_reindex(server)


async def test_plays_that_come_afterwards_go_to_the_outside_repository(server: Server, elsewhere: Elsewhere) -> None:
    who = server.first
    await server.scrobble(who, **SONGS[0], timestamp=START)
    await link(server, who, elsewhere.did, PASSWORD, elsewhere.server.url)
    await moved(server, who)
    made = await server.scrobble(who, **SONGS[1], timestamp=START + 500)
    again = await server.scrobble(who, **SONGS[0], timestamp=START)
    await server.drained()
    records = await elsewhere.records()
    assert set(heard(records).values()) == {1}
    assert {made["uri"].rsplit("/", 1)[1], again["uri"].rsplit("/", 1)[1]} == records.keys()
    await same_after_reindex(server)
