"""A local account becomes an identity elsewhere, and every record goes there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.support.moving import SCROBBLE, START, heard, history, link, moved, reached, same_after_reindex
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


async def test_a_move_by_the_methods_waits_for_a_lost_session_and_goes_on_after_the_next_login(
    home: Server, elsewhere: Elsewhere
) -> None:
    await home.scrobble(**SONGS[0], timestamp=START)
    await home.drained()
    proof = {"identifier": elsewhere.person.handle, "password": "not it"}
    status, refused = await home.tell("app.tonearm.move.linkAccount", proof, token=home.token)
    assert (status, refused["error"]) == (401, "AuthenticationRequired")
    proof["password"] = PASSWORD
    status, linked = await home.tell("app.tonearm.move.linkAccount", proof, token=home.token)
    assert status == 200, linked
    assert (linked["move"]["state"], linked["move"]["toHandle"]) == ("linked", elsewhere.person.handle)
    await home.core.sessions.drop(elsewhere.did)
    status, started = await home.tell("app.tonearm.move.startMove", token=home.token)
    assert (status, started["move"]["cancellable"]) == (200, True)
    move = started["move"]
    for _ in range(200):
        _, answer = await home.ask("app.tonearm.move.getMove", token=home.token)
        move = answer["move"]
        if "reason" in move:
            break
        await asyncio.sleep(0.02)
    assert (move["state"], move["reason"]) == ("checking", "PdsSessionLost")
    await link(home, home.first, elsewhere.did, PASSWORD, elsewhere.server.url)
    await home.tell("app.tonearm.move.startMove", token=home.token)
    await reached(home, home.first, "done")
    assert len(await elsewhere.records()) == 1
    status, _ = await home.tell("app.tonearm.move.deleteOldRepository", token=home.token)
    assert status == 200
    status, gone = await home.ask("app.tonearm.move.getMove", token=home.token)
    assert (status, gone["error"]) == (400, "MoveNotFound")


async def test_a_session_that_is_lost_while_records_are_copied_costs_none(home: Server, elsewhere: Elsewhere) -> None:
    for number in range(60):
        await home.scrobble(title=f"Song {number}", artist="Kate Bush", timestamp=START + number)
    await home.drained()
    await link(home, home.first, elsewhere.did, PASSWORD, elsewhere.server.url)
    await home.core.moves.start(home.first.actor_id)
    await reached(home, home.first, "copying", "settling", "done")
    await home.core.sessions.drop(elsewhere.did)
    await home.scrobble(title="Meanwhile", artist="Kate Bush", timestamp=START + 100)
    other = await home.core.password_logins.log_in(elsewhere.did, PASSWORD, address=None, pds_url=elsewhere.server.url)
    assert other.actor_id == home.first.actor_id
    await reached(home, home.first, "done")
    await home.drained()
    assert set(heard(await elsewhere.records()).values()) == {1}
    assert len(await elsewhere.records()) == 61
    await same_after_reindex(home)
