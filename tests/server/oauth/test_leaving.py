"""Somebody who logged in by OAuth leaves: their records, their session at the server, and a PDS that does not answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.support.everything import everything, places_of
from tests.support.hostile import json_answer
from tests.support.hostile.pds import APPLY_WRITES
from tonearm.services.lifecycle import deletion as lifecycle_deletion

if TYPE_CHECKING:
    import pytest

    from tests.server.oauth.dance import Dance
    from tests.support.server import Person as Listener

ACCOUNT = "app.tonearm.account"
SONG = {"title": "Roygbiv", "artist": "Boards of Canada", "timestamp": 1_700_000_000}


async def asked_to_delete(dance: Dance, who: Listener, records: str = "delete") -> str:
    body = {"did": who.did, "records": records}
    status, answer = await dance.server.tell(f"{ACCOUNT}.requestDelete", body, token=who.token)
    assert status == 200, answer
    return answer["deletion"]["id"]


async def until(dance: Dance, deletion_id: str, wanted: str, words: str = "") -> dict[str, Any]:
    """Wait until a field of the deletion has a value, with these words."""
    for _ in range(400):
        _, answer = await dance.server.ask(f"{ACCOUNT}.getDeletion", id=deletion_id)
        if words in answer["deletion"].get(wanted, ()):
            return answer["deletion"]
        await asyncio.sleep(0.05)
    raise AssertionError(answer)


async def test_records_go_by_the_session_and_then_the_session_at_its_server(dance: Dance) -> None:
    rosa = await dance.listener(dance.world.person("rosa"))
    await dance.server.scrobble(rosa, **SONG)
    await dance.server.drained()
    assert len(dance.world.pds.records) == 4
    deletion = await until(dance, await asked_to_delete(dance, rosa), "finishedAt")
    assert deletion["records"] == "delete"
    assert dance.world.pds.records == {}
    assert [grant.ended for grant in dance.world.authority.grants] == ["revoked"]
    assert places_of(await everything(dance.server.core), rosa.did, rosa.handle) == set()


async def test_records_stay_and_the_session_ends_when_they_are_to_be_kept(dance: Dance) -> None:
    rosa = await dance.listener(dance.world.person("rosa"))
    await dance.server.scrobble(rosa, **SONG)
    await until(dance, await asked_to_delete(dance, rosa, "keep"), "finishedAt")
    assert len(dance.world.pds.records) == 4
    assert dance.world.live == []


async def test_a_deletion_waits_for_a_pds_that_does_not_answer_and_goes_on(dance: Dance) -> None:
    rosa = await dance.listener(dance.world.person("rosa"))
    await dance.server.scrobble(rosa, **SONG)
    await dance.server.drained()
    dance.world.pds.instead[APPLY_WRITES] = json_answer({"error": "Unavailable"}, 503)
    deletion_id = await asked_to_delete(dance, rosa)
    held = await until(dance, deletion_id, "note", "does not answer")
    assert held["stage"] == "records"
    del dance.world.pds.instead[APPLY_WRITES]
    await until(dance, deletion_id, "finishedAt")
    assert dance.world.pds.records == {}


async def test_after_three_days_of_no_answer_records_stay_and_the_rest_goes(
    dance: Dance, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lifecycle_deletion.GIVE_UP_S == 3 * 86_400
    rosa = await dance.listener(dance.world.person("rosa"))
    await dance.server.scrobble(rosa, **SONG)
    await dance.server.drained()
    dance.world.pds.instead[APPLY_WRITES] = json_answer({"error": "Unavailable"}, 503)
    deletion_id = await asked_to_delete(dance, rosa)
    await until(dance, deletion_id, "note", "does not answer")
    monkeypatch.setattr(lifecycle_deletion, "GIVE_UP_S", 1.0)
    deletion = await until(dance, deletion_id, "finishedAt")
    assert (deletion["records"], len(dance.world.pds.records)) == ("kept", 4)
    assert "still in your repository" in deletion["note"]
    assert places_of(await everything(dance.server.core), rosa.did, rosa.handle) == set()


async def test_whoever_is_suspended_cannot_log_in_and_leaves_no_session(dance: Dance) -> None:
    person = dance.world.person("rosa")
    rosa = await dance.listener(person)
    await dance.server.core.oauth_sessions.end(rosa.did)
    await dance.server.core.lifecycle.deactivate(rosa.actor_id, by_administrator=True)
    async with dance.refused("NotAllowed", "suspended"):
        await dance.log_in(person.handle)


async def test_whoever_left_may_come_back_as_somebody_new(dance: Dance) -> None:
    person = dance.world.person("rosa")
    rosa = await dance.listener(person)
    await until(dance, await asked_to_delete(dance, rosa), "finishedAt")
    again = await dance.log_in(person.handle)
    assert again.first
    assert again.account.actor_id != rosa.actor_id
    assert again.account.role == "none"
    await dance.server.core.oauth_sessions.end(rosa.did)


async def test_what_waits_of_a_deactivated_account_reaches_the_pds_when_it_is_active_again(dance: Dance) -> None:
    rosa = await dance.listener(dance.world.person("rosa"))
    dance.world.pds.instead[APPLY_WRITES] = json_answer({"error": "Unavailable"}, 503)
    await dance.server.scrobble(rosa, **SONG)
    await dance.world.pds.was_asked(APPLY_WRITES)
    await dance.server.tell(f"{ACCOUNT}.deactivate", {}, token=rosa.token)
    del dance.world.pds.instead[APPLY_WRITES]
    await asyncio.sleep(1.5)
    assert dance.world.pds.records == {}, "nothing is written for somebody who is deactivated"
    await dance.server.tell(f"{ACCOUNT}.reactivate", {}, token=rosa.token)
    await dance.server.drained()
    assert len(dance.world.pds.records) == 4


async def test_how_a_deletion_went_is_forgotten_after_a_week(dance: Dance) -> None:
    rosa = await dance.listener(dance.world.person("rosa"))
    deletion_id = await asked_to_delete(dance, rosa)
    await until(dance, deletion_id, "finishedAt")
    deletions = dance.server.core.lifecycle.deletions
    await deletions.tidy()
    assert await deletions.find(deletion_id) is not None
    dance.clock.ahead_s += 8 * 86_400
    await deletions.tidy()
    assert await deletions.find(deletion_id) is None
