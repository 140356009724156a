"""Sessions on a remote PDS: login, rotation, loss."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from tests.support.pds_sessions import MemorySessions, write_of
from tests.unit.pds.remote_fakes import COMMITTED, DID, URL, FakePds, Given, a_session, refused, rotated_to
from tonearm.pds.errors import (
    PdsRateLimitedError,
    PdsRefusedError,
    PdsSessionLostError,
    PdsUnavailableError,
)
from tonearm.pds.remote import PdsSession, RemotePds, login, pds_base_url

WRITES = [write_of("3mabcdefghij2", {"$type": "app.rocksky.scrobble", "title": "x"})]
EXPIRED = refused("ExpiredToken", 400)


async def test_an_expired_token_is_rotated_once_and_the_batch_sent_once_more():
    fake = FakePds(applyWrites=[EXPIRED, Given(COMMITTED)], refreshSession=rotated_to(2))
    sessions = MemorySessions(a_session(1))
    await RemotePds(fake, sessions).apply_writes(DID, WRITES)
    assert [(s.method, s.token) for s in fake.sent] == [
        ("applyWrites", "access-1"),
        ("refreshSession", "refresh-1"),
        ("applyWrites", "access-2"),
    ]
    assert fake.sent[1].options["data"] is None
    assert sessions.sessions[DID] == a_session(2)


async def test_fresh_tokens_are_stored_before_they_are_used():
    sessions = MemorySessions(a_session(1))
    stored: list[PdsSession] = []
    second = Given(COMMITTED, before=lambda: stored.append(sessions.sessions[DID]))
    fake = FakePds(applyWrites=[EXPIRED, second], refreshSession=rotated_to(2))
    await RemotePds(fake, sessions).apply_writes(DID, WRITES)
    assert stored == [a_session(2)]


async def test_many_callers_share_one_rotation():
    fake = FakePds(applyWrites=[*[EXPIRED] * 20, Given(COMMITTED)], refreshSession=rotated_to(2))
    sessions = MemorySessions(a_session(1))
    pds = RemotePds(fake, sessions)
    await asyncio.gather(*(pds.apply_writes(DID, WRITES) for _ in range(20)))
    assert fake.methods().count("refreshSession") == 1
    assert sessions.log.count("save") == 1


async def test_a_session_that_another_process_rotated_is_taken_over():
    sessions = MemorySessions(a_session(1))
    moved_on = refused("ExpiredToken", 400)
    moved_on.before = lambda: sessions.sessions.update({DID: a_session(2)})
    fake = FakePds(applyWrites=[moved_on, Given(COMMITTED)])
    await RemotePds(fake, sessions).apply_writes(DID, WRITES)
    assert [s.token for s in fake.sent] == ["access-1", "access-2"]


async def test_two_processes_rotate_one_after_the_other():
    sessions = MemorySessions(a_session(1))
    fake = FakePds(applyWrites=[EXPIRED, EXPIRED, Given(COMMITTED)], refreshSession=[rotated_to(2), rotated_to(3)])
    one, two = RemotePds(fake, sessions), RemotePds(fake, sessions)
    await asyncio.gather(one.apply_writes(DID, WRITES), two.apply_writes(DID, WRITES))
    assert fake.methods().count("refreshSession") == 1
    assert sessions.sessions[DID] == a_session(2)


@pytest.mark.parametrize("answer", [refused("ExpiredToken", 400), refused("InvalidToken", 401)])
async def test_a_session_that_cannot_be_rotated_is_dropped_and_lost(answer: Given):
    sessions = MemorySessions(a_session(1))
    pds = RemotePds(FakePds(applyWrites=EXPIRED, refreshSession=answer), sessions)
    with pytest.raises(PdsSessionLostError):
        await pds.apply_writes(DID, WRITES)
    assert sessions.sessions == {}
    with pytest.raises(PdsSessionLostError):
        await pds.apply_writes(DID, WRITES)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused("InternalServerError", 500), PdsUnavailableError),
        (Given(b"<html>", 502), PdsUnavailableError),
        (Given(b"<html>", 401), PdsUnavailableError),
        (Given({}), PdsUnavailableError),
        (rotated_to(2, did="did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"), PdsUnavailableError),
        (Given({"did": DID, "handle": "a.test", "accessJwt": "a b", "refreshJwt": "\r\n"}), PdsUnavailableError),
        (aiohttp.ServerDisconnectedError(), PdsUnavailableError),
        (TimeoutError(), PdsUnavailableError),
        (refused("RateLimitExceeded", 429), PdsRateLimitedError),
        (refused("AccountTakedown", 401), PdsSessionLostError),
    ],
)
async def test_a_rotation_that_only_failed_keeps_the_session(answer: object, error: type[Exception]):
    sessions = MemorySessions(a_session(1))
    pds = RemotePds(FakePds(applyWrites=EXPIRED, refreshSession=answer), sessions)
    with pytest.raises(error):
        await pds.apply_writes(DID, WRITES)
    assert sessions.sessions[DID] == a_session(1)


async def test_a_fresh_token_that_is_refused_too_is_a_lost_session_and_no_endless_loop():
    fake = FakePds(applyWrites=EXPIRED, refreshSession=rotated_to(2))
    with pytest.raises(PdsSessionLostError):
        await RemotePds(fake, MemorySessions(a_session(1))).apply_writes(DID, WRITES)
    assert fake.methods() == ["applyWrites", "refreshSession", "applyWrites"]


async def test_a_closed_account_is_not_rotated():
    fake = FakePds(applyWrites=refused("AccountTakedown", 401))
    sessions = MemorySessions(a_session(1))
    with pytest.raises(PdsSessionLostError, match="AccountTakedown"):
        await RemotePds(fake, sessions).apply_writes(DID, WRITES)
    assert sessions.sessions[DID] == a_session(1)


async def test_a_caller_that_gives_up_does_not_lose_the_rotated_tokens():
    asked, release = asyncio.Event(), asyncio.Event()

    class SlowSessions(MemorySessions):
        async def save(self, did: str, session: PdsSession) -> None:
            await release.wait()
            await super().save(did, session)

    sessions = SlowSessions(a_session(1))
    fresh = rotated_to(2)
    fresh.before = asked.set
    fake = FakePds(applyWrites=EXPIRED, refreshSession=fresh)
    async with RemotePds(fake, sessions) as pds:
        call = asyncio.create_task(pds.apply_writes(DID, WRITES))
        await asked.wait()
        await asyncio.sleep(0.01)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert sessions.sessions[DID] == a_session(1)
        asyncio.get_running_loop().call_later(0.01, release.set)
    assert sessions.sessions[DID] == a_session(2)


async def test_a_failed_rotation_that_nobody_waits_for_is_no_unnoticed_exception():
    asked = asyncio.Event()
    failed = refused("InternalServerError", 500)
    failed.before = asked.set
    fake = FakePds(applyWrites=EXPIRED, refreshSession=failed)
    async with RemotePds(fake, MemorySessions(a_session(1))) as pds:
        call = asyncio.create_task(pds.apply_writes(DID, WRITES))
        await asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call


async def test_a_login_brings_a_session_and_sends_the_password_once():
    fake = FakePds(createSession=rotated_to(1))
    session = await login(fake, f"{URL}/", "alice.test", "app-pass")
    assert session == a_session(1)
    assert fake.sent[0].url == f"{URL}/xrpc/com.atproto.server.createSession"
    assert fake.sent[0].body == {"identifier": "alice.test", "password": "app-pass"}
    assert fake.sent[0].options["allow_redirects"] is False


@pytest.mark.parametrize("name", ["AuthenticationRequired", "AuthFactorTokenRequired", "AccountTakedown"])
async def test_a_refused_login_names_the_reason(name: str):
    with pytest.raises(PdsRefusedError) as raised:
        await login(FakePds(createSession=refused(name, 401, "No")), URL, "alice.test", "secret-word")
    assert (raised.value.name, raised.value.message) == (name, "No")
    assert "secret-word" not in str(raised.value)


@pytest.mark.parametrize("answer", [Given(b"<html>"), Given({"did": DID}), Given(b"", 302), Given(b"<html>", 401)])
async def test_a_login_at_something_that_is_no_pds_is_unavailable(answer: Given):
    with pytest.raises(PdsUnavailableError):
        await login(FakePds(createSession=answer), URL, "alice.test", "x")


async def test_a_login_by_did_must_bring_that_did():
    fake = FakePds(createSession=rotated_to(1))
    assert (await login(fake, URL, DID, "x")).did == DID
    with pytest.raises(PdsUnavailableError):
        await login(fake, URL, "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "x")


async def test_too_many_logins_say_when_to_come_back():
    with pytest.raises(PdsRateLimitedError):
        await login(FakePds(createSession=refused("RateLimitExceeded", 429)), URL, "alice.test", "x")


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("https://pds.example", "https://pds.example"),
        ("https://pds.example/", "https://pds.example"),
        ("HTTPS://PDS.example:443", "https://pds.example"),
        ("http://localhost:2583", "http://localhost:2583"),
        ("http://[::1]:2583/", "http://[::1]:2583"),
    ],
)
def test_a_pds_is_addressed_by_scheme_and_authority(text: str, base: str):
    assert pds_base_url(text) == base


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pds.example",
        "file:///etc/passwd",
        "ftp://pds.example",
        "https://",
        "https:///xrpc",
        "https://user@pds.example",
        "https://user:pass@pds.example",
        "https://pds.example/path",
        "https://pds.example/?q=1",
        "https://pds.example/#f",
        "https://pds.example:99999",
        "javascript:alert(1)",
    ],
)
def test_any_other_address_is_refused(text: str):
    with pytest.raises(PdsRefusedError):
        pds_base_url(text)


def test_a_session_shows_no_token():
    assert repr(a_session(7)) == f"PdsSession(did='{DID}', handle='alice.test', pds_url='{URL}')"
