"""Which error each answer of a PDS becomes."""

from __future__ import annotations

import aiohttp
import pytest

from tests.support.pds_sessions import MemorySessions, write_of
from tests.unit.pds.remote_fakes import CID, DID, REV, FakePds, Given, a_session, refused
from tonearm.pds.errors import (
    PdsRateLimitedError,
    PdsRefusedError,
    PdsSessionLostError,
    PdsUnavailableError,
    PdsUnclearError,
)
from tonearm.pds.remote import RemotePds

WRITES = [write_of("3mabcdefghij2", {"$type": "app.rocksky.scrobble", "title": "x"})]
HTML = b"<html>Not here</html>"
CONNECT = aiohttp.ClientConnectorError(
    aiohttp.client_reqrep.ConnectionKey("h", 1, False, True, None, None, None), OSError()
)


async def outcome_of_write(answer: object) -> BaseException:
    pds = RemotePds(FakePds(applyWrites=answer, refreshSession=refused("ExpiredToken")), MemorySessions(a_session()))
    with pytest.raises(Exception) as raised:
        await pds.apply_writes(DID, WRITES)
    return raised.value


async def outcome_of_lookup(answer: object) -> BaseException:
    pds = RemotePds(FakePds(getRecord=answer), MemorySessions(a_session()))
    with pytest.raises(Exception) as raised:
        await pds.existing(DID, [("app.rocksky.scrobble", "x")])
    return raised.value


@pytest.mark.parametrize(
    "answer",
    [
        Given(HTML, 500),
        refused("InternalServerError", 500),
        refused("UpstreamFailure", 502),
        Given(HTML, 502),
        Given(HTML, 504),
        Given(HTML, 520),
        Given(HTML, 408),
        Given(HTML, 200),
        Given(b"", 200),
        Given(b"[1]", 200),
        Given(b"[" * 100_000, 200),
        Given({}, 200),
        Given({"commit": None}, 200),
        Given({"commit": {"cid": CID}}, 200),
        Given({"commit": {"cid": CID, "rev": "x"}}, 200),
        Given({"commit": {"cid": "x", "rev": REV}}, 200),
        Given({"commit": {"cid": CID, "rev": REV}}, 202),
        Given(b'{"commit": "' + b"x" * 5_000_000 + b'"}', 200),
        TimeoutError(),
        aiohttp.SocketTimeoutError(),
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientOSError(104, "reset"),
        aiohttp.ClientPayloadError(),
        ConnectionResetError(),
    ],
)
async def test_a_write_that_may_be_stored_is_unclear(answer: object):
    assert type(await outcome_of_write(answer)) is PdsUnclearError


@pytest.mark.parametrize(
    "answer",
    [
        CONNECT,
        aiohttp.ConnectionTimeoutError(),
        aiohttp.ClientConnectorDNSError(CONNECT._conn_key, OSError()),
        refused("NotEnoughResources", 503),
        Given(HTML, 503),
        refused("MethodNotImplemented", 501),
        refused("XRPCNotSupported", 404),
        refused("InvalidSwap", 400),
        refused("RepoDeactivated", 400),
        Given(HTML, 301),
        Given(HTML, 400),
        Given(HTML, 403),
        Given(HTML, 404),
    ],
)
async def test_a_write_that_cannot_be_stored_yet_is_unavailable(answer: object):
    assert type(await outcome_of_write(answer)) is PdsUnavailableError


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (refused("InvalidRequest", message="Invalid record key"), "InvalidRequest"),
        (refused("InvalidRecord", 422), "InvalidRecord"),
        (refused("PayloadTooLarge", 413), "PayloadTooLarge"),
        (Given(HTML, 413), "PayloadTooLarge"),
    ],
)
async def test_a_write_that_is_wrong_in_itself_is_refused(answer: object, name: str):
    error = await outcome_of_write(answer)
    assert type(error) is PdsRefusedError
    assert error.name == name


@pytest.mark.parametrize(
    "answer",
    [
        refused("AuthenticationRequired", 401),
        refused("ExpiredToken", 400),
        refused("InvalidToken", 401),
        refused("AccountTakedown", 401),
        refused("AccountDeactivated", 401),
        refused("AccountDeactivated", 400),
        refused("Forbidden", 403),
        refused("ScopeMissingError", 403),
    ],
)
async def test_a_write_without_leave_needs_a_login(answer: object):
    assert type(await outcome_of_write(answer)) is PdsSessionLostError


async def test_a_limited_write_says_when_to_come_back():
    error = await outcome_of_write(refused("RateLimitExceeded", 429, Retry_After="30"))
    assert type(error) is PdsRateLimitedError


@pytest.mark.parametrize(
    "answer",
    [
        refused("InternalServerError", 500),
        Given(HTML, 200),
        Given({"cid": "x"}, 200),
        Given({"value": {}}, 200),
        Given(HTML, 400),
        Given(HTML, 404),
        refused("RepoNotFound", 400),
        TimeoutError(),
        aiohttp.ServerDisconnectedError(),
        CONNECT,
    ],
)
async def test_a_lookup_without_an_answer_is_unavailable_and_never_absence(answer: object):
    assert type(await outcome_of_lookup(answer)) is PdsUnavailableError


@pytest.mark.parametrize("status", [400, 404])
async def test_only_the_pds_saying_so_is_absence(status: int):
    pds = RemotePds(FakePds(getRecord=refused("RecordNotFound", status)), MemorySessions(a_session()))
    assert await pds.existing(DID, [("app.rocksky.scrobble", "x")]) == {}


async def test_a_refusal_quotes_a_bounded_part_of_the_message():
    error = await outcome_of_write(refused("InvalidRequest", message="m" * 10_000))
    assert isinstance(error, PdsRefusedError)
    assert error.message == "m" * 500
