"""Sessions by OAuth with the real PDS: refreshed, lost, ended, and resumed."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.oauth import CONFIDENTIAL, Guest, guest, log_in, oauth_server
from tonearm.identity.oauth.errors import ServerRefusedError
from tonearm.identity.oauth.metadata import server_metadata
from tonearm.outbound import OutboundUnavailableError
from tonearm.pds.errors import PdsSessionLostError, PdsUnavailableError
from tonearm.services.signing_in import oauth_client_keys

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.support.real_pds import RealPds
    from tests.support.server import Server
    from tonearm.outbound import OutboundAnswer
    from tonearm.services.signing_in.oauth_store import KeptSession

pytestmark = pytest.mark.needs_node


@pytest.fixture(params=["", CONFIDENTIAL])
async def listener(request: pytest.FixtureRequest, real_pds: RealPds, tmp_path: Path) -> AsyncIterator[Guest]:
    async with oauth_server(real_pds, tmp_path, public_url=request.param) as server:
        yield await guest(server, real_pds)


@contextmanager
def losing(server: Server, *fates: str) -> Iterator[list[str]]:
    """Lose requests to the token endpoint, one by one: `before` they arrive, or `after`, with the answer."""
    outbound = server.core.outbound
    real, left, sent = outbound.fetch, list(fates), []

    async def fetch(method: str, url: str, **more: Any) -> OutboundAnswer:
        if not url.endswith("/oauth/token"):
            return await real(method, url, **more)
        sent.append(url)
        fate = left[0] if left else ""
        if fate != "before":
            answer = await real(method, url, **more)
            if answer.status == 400 and b"use_dpop_nonce" in answer.body:
                return answer  # nothing has happened yet
            if fate == "":
                return answer
        left.pop(0)
        raise OutboundUnavailableError("lost", sent=True)

    outbound.fetch = fetch  # type: ignore[method-assign]
    try:
        yield sent
    finally:
        outbound.fetch = real  # type: ignore[method-assign]


async def at_the_server(server: Server, session: KeptSession) -> str:
    """What the server says to the session's refresh token: `good`, or the code of its refusal."""
    sessions = server.core.oauth_sessions
    proofs = await sessions._proofs(session)
    assert proofs is not None
    assert session.refresh_token is not None
    metadata = await server_metadata(server.core.outbound, session.issuer)
    try:
        await sessions.endpoints.refresh(metadata, proofs, session.refresh_token)
    except ServerRefusedError as error:
        return error.code
    return "good"


async def test_a_worn_out_access_token_is_exchanged_and_the_play_arrives(listener: Guest):
    before = await listener.kept()
    await listener.spoil()
    await listener.scrobble("Babooshka")
    await listener.server.drained()
    after = await listener.kept()
    assert await listener.titles() == ["Babooshka"]
    assert after.refresh_token != before.refresh_token
    assert (after.session_id, after.dpop_key, after.client_key_id) == (
        before.session_id,
        before.dpop_key,
        before.client_key_id,
    )


async def test_many_calls_at_once_refresh_once(listener: Guest):
    await listener.spoil()
    with losing(listener.server) as sent:
        stale = await listener.kept()
        fresh = await asyncio.gather(*(listener.server.core.oauth_sessions.refreshed(stale) for _ in range(8)))
    assert len({session.access_token for session in fresh}) == 1
    assert len(sent) <= 2  # one that asks for a nonce at most
    assert fresh[0] == await listener.kept()


async def test_an_answer_that_is_lost_leaves_the_plays_waiting_until_the_next_login(listener: Guest):
    server = listener.server
    await listener.spoil()
    with losing(server, "after"):
        await listener.scrobble("The Dreaming")
        await waits(listener)
    assert await listener.session() is None
    await listener.scrobble("Houdini")
    await asyncio.sleep(0.2)
    assert await listener.titles() == []
    await log_in(server, listener.pds, listener.account)
    await server.drained()
    assert await listener.titles() == ["Houdini", "The Dreaming"]
    assert not (await listener.state()).waiting_for_login


async def waits(listener: Guest) -> None:
    for _ in range(500):
        if (await listener.state()).waiting_for_login:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the outbox does not wait for a login")


async def test_a_request_that_never_arrived_costs_nothing(listener: Guest):
    await listener.spoil()
    with losing(listener.server, "before"):
        await listener.scrobble("Army Dreamers")
        await listener.server.drained()
    assert await listener.titles() == ["Army Dreamers"]


async def test_two_answers_that_are_lost_end_the_session(listener: Guest):
    await listener.spoil()
    with losing(listener.server, "before", "before"), pytest.raises(PdsSessionLostError, match="Log in again"):
        await listener.server.core.oauth_sessions.refreshed(await listener.kept())
    assert await listener.session() is None


async def test_a_session_that_was_revoked_leaves_the_plays_waiting(listener: Guest):
    server, session = listener.server, await listener.kept()
    await server.core.oauth_sessions._revoke(session)
    await listener.spoil()
    await listener.scrobble("Breathing")
    await waits(listener)
    assert "Log in again" in str((await listener.state()).message)
    assert await listener.session() is None
    await log_in(server, listener.pds, listener.account)
    await server.drained()
    assert await listener.titles() == ["Breathing"]


async def test_logging_out_revokes_at_the_server(listener: Guest):
    session = await listener.kept()
    await listener.server.core.oauth_sessions.end(listener.account.did)
    assert not await listener.server.core.oauth_sessions.has(listener.account.did)
    assert await at_the_server(listener.server, session) == "invalid_grant"
    await listener.server.core.oauth_sessions.end(listener.account.did)


async def test_another_login_revokes_the_session_before(listener: Guest):
    old = await listener.kept()
    await log_in(listener.server, listener.pds, listener.account)
    await asyncio.gather(*listener.server.core.oauth_sessions._tasks)
    assert await at_the_server(listener.server, old) == "invalid_grant"
    assert (await listener.kept()).session_id != old.session_id
    await listener.scrobble("Suspended in Gaffa")
    await listener.server.drained()
    assert await listener.titles() == ["Suspended in Gaffa"]


async def test_a_login_during_a_refresh_is_what_stays(listener: Guest, monkeypatch: pytest.MonkeyPatch):
    """What the old session's refresh brings comes too late, and is given back."""
    server, stale = listener.server, await listener.kept()
    real, answered, may_go_on = server.core.outbound.fetch, asyncio.Event(), asyncio.Event()

    async def fetch(method: str, url: str, **more: Any) -> OutboundAnswer:
        answer = await real(method, url, **more)
        if b"grant_type=refresh_token" in (more.get("body") or b"") and answer.status == 200:
            answered.set()
            await may_go_on.wait()
        return answer

    monkeypatch.setattr(server.core.outbound, "fetch", fetch)
    refresh = asyncio.create_task(server.core.oauth_sessions.refreshed(stale))
    await answered.wait()
    await log_in(server, listener.pds, listener.account)
    newer = await listener.kept()
    may_go_on.set()
    assert await refresh == newer == await listener.kept()
    assert newer.session_id != stale.session_id


async def test_a_server_that_is_down_keeps_the_session(listener: Guest, monkeypatch: pytest.MonkeyPatch):
    async def fetch(method: str, url: str, **more: Any) -> OutboundAnswer:
        raise OutboundUnavailableError("down", sent=False)

    stale = await listener.kept()
    monkeypatch.setattr(listener.server.core.outbound, "fetch", fetch)
    with pytest.raises(PdsUnavailableError):
        await listener.server.core.oauth_sessions.refreshed(stale)
    monkeypatch.undo()
    assert await listener.kept() == stale
    assert await listener.server.core.oauth_sessions.refreshed(stale) != stale


async def test_a_session_outlives_the_rotation_of_the_clients_keys(
    real_pds: RealPds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async with oauth_server(real_pds, tmp_path, public_url=CONFIDENTIAL) as server:
        first = await guest(server, real_pds)
        keys = server.core.oauth_sessions.client_keys
        await keys.rotate()
        before = await guest(server, real_pds)  # the new key is published and not used yet
        monkeypatch.setattr(oauth_client_keys, "PUBLISHED_BEFORE_S", -1.0)
        second = await guest(server, real_pds)
        used = [(await each.kept()).client_key_id for each in (first, before, second)]
        assert used[0] == used[1] != used[2]
        async with server.http.get(f"{server.url}/jwks.json") as answer:
            assert {key["kid"] for key in (await answer.json())["keys"]} == set(used)
        for each in (first, second):
            await each.spoil()
            await each.scrobble("Wuthering Heights")
        await server.drained()
        assert [await each.titles() for each in (first, second)] == [["Wuthering Heights"]] * 2
