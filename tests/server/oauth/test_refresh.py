"""Refreshing a session: its server is verified again, and whatever goes wrong loses no play."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.hostile import ABSENT, endless, json_answer, once, redirect
from tests.support.hostile.authorization import REVOKE, TOKEN
from tests.support.hostile.pds import APPLY_WRITES
from tonearm.index.outbox import ActorState, actor_state

if TYPE_CHECKING:
    from tests.server.oauth.dance import Dance
    from tests.support.server import Person as Listener

SONG = {"title": "Roygbiv", "artist": "Boards of Canada"}


class Player:
    """Somebody who has logged in and plays songs, and whose access token is good no more."""

    def __init__(self, dance: Dance, listener: Listener) -> None:
        self.dance, self.listener = dance, listener
        self.played = self.published = 0

    async def play(self) -> str:
        self.played += 1
        at = 1_700_000_000 + 1000 * self.played
        return (await self.dance.server.scrobble(self.listener, **SONG, timestamp=at))["uri"]

    async def state(self) -> ActorState:
        return await self.dance.server.core.index.read(actor_state(self.listener.actor_id))

    async def waits_for_login(self) -> None:
        """The outbox has stopped for this person, who has no session; and nothing was dropped."""
        for _ in range(500):
            if (await self.state()).waiting_for_login:
                break
            await asyncio.sleep(0.02)
        assert (await self.state()).waiting_for_login
        status, queue = await self.dance.server.ask("app.tonearm.journal.getQueue", token=self.listener.token)
        assert (status, {entry["state"] for entry in queue["entries"]}) == (200, {"waitingForLogin"}), queue
        plays = [entry for entry in queue["entries"] if entry["collection"] == "app.rocksky.scrobble"]
        assert len(plays) == self.played - self.published

    async def session_is_gone(self) -> None:
        assert not await self.dance.server.core.oauth_sessions.has(self.listener.did)
        assert (await self.dance.rows())["oauth_session"] == 0

    async def comes_back(self) -> None:
        """The next login lets everything out that waited."""
        await self.dance.log_in(self.listener.did)
        await self.dance.server.drained()
        assert len(self.dance.world.pds.records) >= self.played


@pytest.fixture
async def player(dance: Dance) -> Player:
    listener = await dance.listener(dance.world.person("rosa"))
    (grant,) = dance.world.live
    grant.access_tokens.clear()
    return Player(dance, listener)


def refreshes(dance: Dance) -> list[int]:
    """The statuses of the refreshes, without those that were told to bring a nonce."""
    asked = [seen for seen in dance.world.authority.asked(TOKEN) if seen.form["grant_type"] == "refresh_token"]
    return [seen.status for seen in asked]


async def refreshed(dance: Dance) -> None:
    """Wait for a refresh, however it ends."""
    for _ in range(1000):
        if refreshes(dance) and refreshes(dance)[-1]:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("there was no refresh within 10 s")


async def test_an_access_token_that_ended_is_refreshed_once(dance: Dance, player: Player) -> None:
    uri = await player.play()
    await dance.server.drained()
    assert uri in dance.world.pds.records
    assert refreshes(dance) == [200]
    (grant,) = dance.world.live
    assert len(grant.spent) == 1


async def test_a_refresh_for_another_account_ends_the_session(dance: Dance, player: Player) -> None:
    saul = dance.world.person("saul")
    dance.world.authority.tokens = {"sub": saul.did}
    await player.play()
    await player.waits_for_login()
    await player.session_is_gone()
    assert dance.world.live == []
    dance.world.authority.tokens = {}
    await player.comes_back()


@pytest.mark.parametrize(
    "change",
    [{"sub": ABSENT}, {"token_type": "Bearer"}, {"access_token": ABSENT}, {"scope": "repo:app.rocksky.scrobble"}],
)
async def test_a_refresh_outside_the_profile_ends_the_session(
    dance: Dance, player: Player, change: dict[str, Any]
) -> None:
    dance.world.authority.tokens = change
    await player.play()
    await player.waits_for_login()
    await player.session_is_gone()
    dance.world.authority.tokens = {}
    await player.comes_back()


async def test_a_session_without_a_refresh_token_ends_with_its_access_token(dance: Dance) -> None:
    dance.world.authority.tokens = {"refresh_token": ABSENT}
    player = Player(dance, await dance.listener(dance.world.person("rosa")))
    uri = await player.play()
    await dance.server.drained()
    assert uri in dance.world.pds.records
    dance.world.live[0].access_tokens.clear()
    player.published = 1
    await player.play()
    await player.waits_for_login()
    await player.session_is_gone()
    assert refreshes(dance) == []
    dance.world.authority.expire()
    dance.world.authority.tokens = {}
    await player.comes_back()


async def test_a_refresh_that_brings_no_refresh_token_is_the_last_one(dance: Dance, player: Player) -> None:
    """By OAuth the old token stays good; this server takes it for a replay."""
    dance.world.authority.tokens = {"refresh_token": ABSENT}
    await player.play()
    await dance.server.drained()
    dance.world.live[0].access_tokens.clear()
    player.published = 1
    await player.play()
    await player.waits_for_login()
    await player.session_is_gone()
    dance.world.forgive("replayed")
    dance.world.authority.tokens = {}
    await player.comes_back()


async def test_a_replayed_refresh_token_ends_the_session_and_the_plays_wait(dance: Dance, player: Player) -> None:
    """The server says that a token was replayed: it has ended the session, and there is nothing to try again."""
    said = {"error": "invalid_grant", "error_description": "Refresh token replayed"}
    dance.world.authority.instead[TOKEN] = json_answer(said, 400)
    await player.play()
    await player.waits_for_login()
    await player.session_is_gone()
    assert refreshes(dance) == [400]
    dance.world.authority.instead.clear()
    dance.world.authority.expire()
    await player.comes_back()


async def test_an_answer_that_is_lost_in_a_refresh_loses_no_play(dance: Dance, player: Player) -> None:
    """The server has rotated the token, and nobody knows the new one. The old one, sent again, ends the session."""
    authority = dance.world.authority
    authority.loses.add(TOKEN)
    await player.play()
    await refreshed(dance)
    authority.loses.clear()
    await player.waits_for_login()
    await player.session_is_gone()
    authority.expire()
    authority.complaints.clear()
    await player.comes_back()


async def test_a_session_that_its_owner_ended_at_the_server_waits_for_login(dance: Dance, player: Player) -> None:
    dance.world.authority.expire()
    await player.play()
    await player.waits_for_login()
    await player.session_is_gone()
    await player.comes_back()


async def test_a_server_that_is_down_keeps_the_session(dance: Dance, player: Player) -> None:
    authority = dance.world.authority
    authority.instead[TOKEN] = json_answer({}, 503)
    await player.play()
    await refreshed(dance)
    await asyncio.sleep(0.1)
    assert not (await player.state()).waiting_for_login
    assert await dance.server.core.oauth_sessions.has(player.listener.did)
    authority.instead.clear()
    await dance.server.core.outbox.resume(player.listener.actor_id)
    await dance.server.drained()
    assert len(dance.world.live) == 1


async def test_a_pds_that_names_another_issuer_gets_no_refresh(dance: Dance, player: Player) -> None:
    world = dance.world
    world.pds.resource = {"authorization_servers": [world.strange_authority.origin]}
    world.strange_authority.pds_origins = [world.pds.origin]
    await player.play()
    await player.waits_for_login()
    await player.session_is_gone()
    assert refreshes(dance) == []
    assert world.strange_authority.asked(TOKEN) == []
    await world.authority.was_asked(REVOKE, 200)
    assert world.live == []


async def test_an_account_that_moved_away_sends_its_tokens_nowhere(dance: Dance, player: Player) -> None:
    rosa, world = player.listener, dance.world
    world.directory.move(rosa.did, world.strange_pds.origin)
    await player.play()
    await player.waits_for_login()
    assert [seen for seen in world.strange_pds.log if "Authorization" in seen.headers] == []
    assert refreshes(dance) == []
    await world.authority.was_asked(REVOKE, 200)
    assert world.live == []


async def test_an_issuer_that_breaks_the_rules_meanwhile_gets_no_refresh(dance: Dance, player: Player) -> None:
    authority = dance.world.authority
    authority.metadata = {"issuer": dance.world.strange_authority.origin}
    await player.play()
    await dance.world.pds.was_asked(APPLY_WRITES, 401)
    await asyncio.sleep(0.2)
    assert refreshes(dance) == []
    assert await dance.server.core.oauth_sessions.has(player.listener.did)
    authority.metadata = {}
    await dance.server.core.outbox.resume(player.listener.actor_id)
    await dance.server.drained()


async def test_what_a_server_quotes_of_a_refresh_is_not_logged(
    dance: Dance, player: Player, caplog: pytest.LogCaptureFixture
) -> None:
    (grant,) = dance.world.live
    token = grant.refresh_token
    said = {"error": "invalid_grant", "error_description": f"Refresh token {token} is not known\nWARNING all is well"}
    dance.world.authority.instead[TOKEN] = json_answer(said, 400)
    await player.play()
    await player.waits_for_login()
    assert "is not known" in caplog.text
    assert token not in caplog.text
    assert "\nWARNING all" not in caplog.text
    status, queue = await dance.server.ask("app.tonearm.journal.getQueue", token=player.listener.token)
    assert status == 200
    assert token not in str(queue)


async def test_a_refresh_token_does_not_follow_a_redirect(dance: Dance, player: Player) -> None:
    world = dance.world
    world.authority.instead[TOKEN] = once(redirect(world.strange_authority.origin + TOKEN, 307))
    await player.play()
    await refreshed(dance)
    await asyncio.sleep(0.1)
    assert world.strange_authority.log == []


async def test_an_endless_refresh_is_cut_off(dance: Dance, player: Player) -> None:
    world = dance.world
    world.authority.instead[TOKEN] = once(endless())
    await player.play()
    await refreshed(dance)
    await asyncio.sleep(0.1)
    assert world.authority.sent[TOKEN] < 8 * 1024**2


async def test_many_plays_at_once_refresh_once(dance: Dance, player: Player) -> None:
    await asyncio.gather(*(player.play() for _ in range(20)))
    await dance.server.drained()
    assert refreshes(dance) == [200]
    assert len(dance.world.pds.records) >= 20


async def test_a_write_that_the_person_did_not_grant_is_not_a_lost_session(dance: Dance, player: Player) -> None:
    (grant,) = dance.world.live
    grant.scope = "atproto"
    await player.play()
    await dance.world.pds.was_asked(APPLY_WRITES, 403)
    await player.waits_for_login()
    assert grant.ended == ""
