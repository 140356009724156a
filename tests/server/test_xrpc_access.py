"""Who may call, and how often."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from tests.support.xrpc_server import ALICE, BOB, Methods, NoParams, NoteInput, NoteOutput, serving
from tonearm.xrpc.auth import ANYONE, READ, REFRESH, SCROBBLE, Access
from tonearm.xrpc.errors import XrpcError
from tonearm.xrpc.http.well_known import Health
from tonearm.xrpc.options import XrpcOptions


async def whoami(call: Any) -> NoteOutput:
    return NoteOutput(title=call.principal.did if call.principal else "nobody")


def methods() -> Methods:
    return (
        Methods()
        .query(whoami, "app.test.anyone", params=NoParams, output=NoteOutput, access=ANYONE)
        .query(whoami, "app.test.read", params=NoParams, output=NoteOutput, access=READ)
        .procedure(whoami, "app.test.scrobble", input=None, input_encoding=None, access=SCROBBLE)
        .procedure(whoami, "app.test.submit", input=NoteInput, access=SCROBBLE)
        .procedure(whoami, "app.test.refresh", input=None, input_encoding=None, access=REFRESH)
        .query(whoami, "app.test.nobody", params=NoParams, output=NoteOutput, access=Access())
    )


def bearer(*words: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {' '.join(words)}"}


@pytest.fixture
async def world():
    async with serving(methods()) as world:
        yield world


async def test_a_call_without_credentials_is_asked_for_them(world):
    answer = await world.get("app.test.read")
    assert (answer.status, answer.error) == (401, "AuthenticationRequired")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_credential_without_the_scope_is_forbidden_and_told_which(world):
    answer = await world.post("app.test.scrobble", headers=bearer(ALICE, "read"))
    assert (answer.status, answer.error) == (403, "Forbidden")
    assert "'scrobble'" in answer.json["message"]
    assert 'scope="scrobble"' in answer.headers["WWW-Authenticate"]


async def test_a_credential_with_the_scope_is_the_caller(world):
    answer = await world.get("app.test.read", headers=bearer(ALICE, "read", "scrobble"))
    assert answer.json["title"] == ALICE


async def test_anyone_may_call_with_and_without_credentials(world):
    assert (await world.get("app.test.anyone")).json["title"] == "nobody"
    assert (await world.get("app.test.anyone", headers=bearer(ALICE, "read"))).json["title"] == ALICE


async def test_a_bad_credential_is_never_an_anonymous_call(world):
    answer = await world.get("app.test.anyone", headers=bearer("bad"))
    assert (answer.status, answer.error) == (401, "InvalidToken")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_an_expired_token_is_answered_as_clients_expect(world):
    answer = await world.get("app.test.read", headers=bearer("expired"))
    assert (answer.status, answer.error) == (400, "ExpiredToken")


async def test_a_method_without_an_access_is_closed_to_all(world):
    assert (await world.get("app.test.nobody")).status == 401
    everything = bearer(ALICE, "read", "scrobble", "manage", "repo", "refresh")
    assert (await world.get("app.test.nobody", headers=everything)).status == 403


async def test_a_refresh_token_refreshes_and_nothing_else(world):
    token = bearer(ALICE, "refresh")
    assert (await world.post("app.test.refresh", headers=token)).status == 200
    assert (await world.get("app.test.read", headers=token)).status == 403
    assert (await world.get("app.test.anyone", headers=token)).status == 401


async def test_the_authenticator_learns_the_method():
    asked = []

    async def note(request: Any, nsid: str) -> None:
        asked.append((request.method, nsid))

    async with serving(methods(), authenticate=note) as world:
        await world.get("app.test.anyone")
    assert asked == [("GET", "app.test.anyone")]


async def test_an_authenticator_that_breaks_lets_nobody_in(caplog):
    async def broken(_request: Any, _nsid: str) -> None:
        raise RuntimeError("secret-key-material")

    async with serving(methods(), authenticate=broken) as world:
        answer = await world.get("app.test.anyone")
    assert (answer.status, answer.error) == (500, "InternalServerError")
    assert b"secret-key-material" not in answer.body


LIMITED = XrpcOptions(strict_errors=True, rate_limit=3, rate_window_s=60)


async def test_the_headers_count_down_within_the_window():
    async with serving(methods(), options=LIMITED) as world:
        answers = [await world.get("app.test.anyone") for _ in range(3)]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0"]
    for answer in answers:
        assert answer.headers["RateLimit-Limit"] == "3"
        assert answer.headers["RateLimit-Policy"] == "3;w=60"
        assert 0 < int(answer.headers["RateLimit-Reset"]) - time.time() <= 61


async def test_a_call_beyond_the_limit_is_refused_with_the_time_to_wait():
    async with serving(methods(), options=LIMITED) as world:
        for _ in range(3):
            assert (await world.get("app.test.anyone")).status == 200
        answer = await world.get("app.test.anyone")
    assert (answer.status, answer.error) == (429, "RateLimitExceeded")
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    assert answer.headers["RateLimit-Remaining"] == "0"


async def test_accounts_are_counted_apart_from_each_other_and_from_strangers():
    async with serving(methods(), options=LIMITED) as world:
        for _ in range(3):
            await world.get("app.test.read", headers=bearer(ALICE, "read"))
        assert (await world.get("app.test.read", headers=bearer(ALICE, "read"))).status == 429
        assert (await world.get("app.test.read", headers=bearer(BOB, "read"))).status == 200
        assert (await world.get("app.test.anyone")).status == 200


async def test_refused_calls_count_too():
    async with serving(methods(), options=LIMITED) as world:
        statuses = [(await world.get("app.test.read")).status for _ in range(4)]
        assert statuses == [401, 401, 401, 429]
    async with serving(methods(), options=LIMITED) as world:
        statuses = [(await world.get(f"app.test.unknown{n}")).status for n in range(4)]
        assert statuses == [501, 501, 501, 429]
    async with serving(methods(), options=LIMITED) as world:
        statuses = [(await world.request("DELETE", "app.test.read")).status for _ in range(4)]
        assert statuses == [400, 400, 400, 429]


async def test_guessing_credentials_is_limited_before_they_are_looked_at():
    asked = 0

    async def strict(request: Any, _nsid: str) -> Any:
        nonlocal asked
        asked += 1
        raise XrpcError("InvalidToken", "no", status=401)

    async with serving(methods(), options=LIMITED, authenticate=strict) as world:
        answers = [await world.get("app.test.read", headers=bearer("guess")) for _ in range(6)]
    assert [answer.status for answer in answers] == [401, 401, 401, 429, 429, 429]
    assert asked == 3
    assert answers[0].headers["RateLimit-Remaining"] == "2"


async def test_a_window_ends():
    options = XrpcOptions(rate_limit=1, rate_window_s=1)
    async with serving(methods(), options=options) as world:
        assert (await world.get("app.test.anyone")).status == 200
        assert (await world.get("app.test.anyone")).status == 429
        await asyncio.sleep(1.1)
        assert (await world.get("app.test.anyone")).status == 200


async def test_a_limit_of_zero_is_no_limit():
    async with serving(methods(), options=XrpcOptions(rate_limit=0)) as world:
        answers = [await world.get("app.test.anyone") for _ in range(5)]
        assert {answer.status for answer in answers} == {200}
        assert "RateLimit-Limit" not in answers[0].headers
        assert (await world.get("app.test.read", headers=bearer("bad"))).status == 401


async def test_a_forwarded_address_is_believed_from_trusted_proxies_only():
    def forwarded(address: str) -> dict[str, str]:
        return {"X-Forwarded-For": address}

    async with serving(methods(), options=LIMITED) as world:
        answers = [await world.get("app.test.anyone", headers=forwarded(f"10.0.0.{n}")) for n in range(4)]
        assert [answer.status for answer in answers] == [200, 200, 200, 429]
    trusting = XrpcOptions(rate_limit=3, rate_window_s=60, trusted_proxies=1)
    async with serving(methods(), options=trusting) as world:
        answers = [await world.get("app.test.anyone", headers=forwarded(f"10.0.0.{n}")) for n in range(4)]
        assert [answer.status for answer in answers] == [200] * 4
        spoofed = [await world.get("app.test.anyone", headers=forwarded(f"10.9.9.{n}, 10.1.1.1")) for n in range(4)]
        assert [answer.status for answer in spoofed] == [200, 200, 200, 429]


async def test_health_and_preflights_are_not_limited():
    options = XrpcOptions(rate_limit=1, rate_window_s=60)
    async with serving(methods(), options=options, health=Health("1")) as world:
        for _ in range(3):
            assert (await world.get("_health")).status == 200
            assert (await world.request("OPTIONS", "app.test.read")).status == 204
