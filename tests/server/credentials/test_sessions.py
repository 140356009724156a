"""Sessions of apps and browsers: opened by a password, renewed by a token that is good once, ended for good."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from tests.support.server import PASSWORD, Person, Server, running_server
from tonearm.core import Core, open_core
from tonearm.identity.access_tokens import LIFE_S, PREFIX, AccessTokens
from tonearm.services.credentials.logins import APP_LIFE_S, BROWSER_LIFE_S, MOST, RefreshRefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.asyncio(loop_scope="module")

SESSION = "app.tonearm.session"
QUEUE = "app.tonearm.journal.getQueue"
CREATE = "app.rocksky.scrobble.createScrobble"
PLAY = {"title": "Wow", "artist": "Kate Bush"}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
def database(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    async with running_server(tmp_path_factory.mktemp("sessions"), database=database, trusted_proxies=1) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def who(server: Server) -> Person:
    return await server.create_account()


@pytest.fixture
def clock(server: Server, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds by which the time of sessions and tokens is ahead."""
    ahead = [0.0]

    def now() -> float:
        return time.time() + ahead[0]

    for keeper in (server.core.logins, server.core.api_tokens, server.core.last_used):
        monkeypatch.setattr(keeper, "now", now)
    monkeypatch.setattr(server.core.logins, "access_tokens", AccessTokens(server.core.logins.access_tokens.key, now))
    return ahead


async def log_in(server: Server, who: Person, **wish: Any) -> dict[str, Any]:
    status, opened = await server.tell(
        f"{SESSION}.createSession", {"identifier": who.name, "password": PASSWORD, **wish}
    )
    assert status == 200, opened
    return opened


async def refresh(server: Server, token: str) -> tuple[int, Any]:
    return await server.tell(f"{SESSION}.refreshSession", {"refreshToken": token})


async def may(server: Server, token: str) -> str | None:
    """The name of the error that a call with the token meets; None when it is let through."""
    _, answer = await server.ask(QUEUE, token=token)
    return answer.get("error")


async def test_a_password_opens_a_session_that_may_do_what_was_asked_for(server: Server, who: Person) -> None:
    opened = await log_in(server, who, label="kitchen radio", scopes=["scrobble", "read"])
    assert (opened["did"], opened["handle"], opened["scopes"]) == (who.did, who.handle, ["read", "scrobble"])
    assert (await server.tell(CREATE, PLAY, token=opened["accessJwt"]))[0] == 200
    status, answer = await server.ask(f"{SESSION}.listSessions", token=opened["accessJwt"])
    assert (status, answer["error"]) == (403, "Forbidden")
    everything = await log_in(server, who)
    assert everything["scopes"] == ["read", "scrobble", "manage"]
    status, listed = await server.ask(f"{SESSION}.listSessions", token=everything["accessJwt"])
    assert status == 200
    assert [(s["label"], s["kind"], s["current"]) for s in listed["sessions"]] == [
        ("an app without a name", "app", True),
        ("kitchen radio", "app", False),
    ]
    for secret in (opened["accessJwt"], opened["refreshToken"], everything["refreshToken"]):
        assert secret not in json.dumps(listed)


async def test_a_wrong_password_a_strange_scope_or_no_name_opens_nothing(server: Server, who: Person) -> None:
    for wish, wanted in (
        ({"password": "wrong"}, (401, "AuthenticationRequired")),
        ({"identifier": "nobody-here"}, (401, "AuthenticationRequired")),
        ({"scopes": ["root"]}, (400, "InvalidRequest")),
        ({"scopes": []}, (400, "InvalidRequest")),
        ({"label": " "}, (400, "InvalidRequest")),
        ({"label": "x" * 121}, (400, "InvalidRequest")),
    ):
        status, answer = await server.tell(
            f"{SESSION}.createSession", {"identifier": who.name, "password": PASSWORD, **wish}
        )
        assert (status, answer["error"]) == wanted, wish
    assert await server.core.logins.sessions(who.actor_id) == []


async def test_an_access_token_is_good_for_a_quarter_of_an_hour_and_no_longer(
    server: Server, who: Person, clock: list[float]
) -> None:
    token = (await log_in(server, who))["accessJwt"]
    for ahead, error in ((0, None), (LIFE_S - 2, None), (LIFE_S + 1, "ExpiredToken"), (10 * 86_400, "ExpiredToken")):
        clock[0] = ahead
        assert await may(server, token) == error, ahead


async def test_a_refresh_token_is_good_once(server: Server, who: Person) -> None:
    opened = await log_in(server, who)
    status, second = await refresh(server, opened["refreshToken"])
    assert status == 200
    assert second["sessionId"] == opened["sessionId"]
    assert second["refreshToken"] != opened["refreshToken"]
    assert await may(server, second["accessJwt"]) is None
    status, third = await refresh(server, second["refreshToken"])
    assert status == 200
    assert await may(server, third["accessJwt"]) is None


@pytest.mark.parametrize("age", [1, 2, 5])
async def test_using_a_spent_refresh_token_ends_the_whole_family(server: Server, who: Person, age: int) -> None:
    opened = await log_in(server, who)
    other = await log_in(server, who)
    tokens = [opened]
    for _ in range(age):
        tokens.append((await refresh(server, tokens[-1]["refreshToken"]))[1])
    status, answer = await refresh(server, opened["refreshToken"])
    assert (status, answer["error"]) == (400, "RefreshRefused")
    for each in tokens:
        assert await may(server, each["accessJwt"]) == "ExpiredToken"
        assert (await refresh(server, each["refreshToken"]))[1]["error"] == "RefreshRefused"
    assert await may(server, other["accessJwt"]) is None, "another session of the same account goes on"


async def test_of_many_who_use_a_refresh_token_at_once_one_gets_tokens_and_they_are_good_no_more(
    server: Server, who: Person
) -> None:
    opened = await log_in(server, who)
    answers = await asyncio.gather(*(refresh(server, opened["refreshToken"]) for _ in range(8)))
    assert sorted(status for status, _ in answers) == [200] + [400] * 7
    won = next(answer for status, answer in answers if status == 200)
    assert await may(server, won["accessJwt"]) == "ExpiredToken"
    assert (await refresh(server, won["refreshToken"]))[0] == 400


async def test_a_guessed_refresh_token_ends_nothing(server: Server, who: Person) -> None:
    opened = await log_in(server, who)
    prefix, family, turn = opened["refreshToken"].split(".")
    for guess in (
        f"{prefix}.{'A' * len(family)}.{turn}",
        f"{prefix}.{family[:-1]}.{turn}",
        f"{prefix}..{turn}",
        f"{prefix}.{family}",
        f"{prefix}.{family}.{turn}.x",
        f"tnrr_{'0' * 32}.{family}.{turn}",
        opened["refreshToken"].removeprefix("tnrr_"),
        opened["accessJwt"],
        "tnrr_",
        "",
        "ü.ü.ü",
        "x" * 5000,
    ):
        assert (await refresh(server, guess))[1]["error"] == "RefreshRefused", guess
    assert (await refresh(server, opened["refreshToken"]))[0] == 200


async def test_a_refresh_token_opens_no_method(server: Server, who: Person) -> None:
    opened = await log_in(server, who)
    assert await may(server, opened["refreshToken"]) == "InvalidToken"


async def test_a_session_that_is_not_used_for_ninety_days_is_over(
    server: Server, who: Person, clock: list[float]
) -> None:
    opened = await log_in(server, who)
    clock[0] = APP_LIFE_S - 60
    status, renewed = await refresh(server, opened["refreshToken"])
    assert status == 200, "in time"
    clock[0] += APP_LIFE_S - 60
    status, renewed = await refresh(server, renewed["refreshToken"])
    assert status == 200, "each use begins the time again"
    clock[0] += APP_LIFE_S + 1
    assert (await refresh(server, renewed["refreshToken"]))[1]["error"] == "RefreshRefused"
    assert await server.core.logins.sessions(who.actor_id) == []


def forged(token: str, key: bytes | None = None, **changes: Any) -> str:
    """The token with other claims (or header), signed with a key, or with the old signature."""
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    if "header" in changes:
        header = segment(changes.pop("header"))
    payload = segment({**claims, **changes})
    if key is not None:
        signature = b64(hmac.digest(key, f"{header}.{payload}".encode(), "sha256"))
    return f"{header}.{payload}.{signature}"


def segment(value: Any) -> str:
    return b64(json.dumps(value, separators=(",", ":")).encode())


def b64(plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


async def test_a_changed_or_forged_access_token_is_refused(server: Server, who: Person) -> None:
    opened = await log_in(server, who)
    token, key = opened["accessJwt"], server.core.logins.access_tokens.key
    other = await server.create_account()
    later = int(time.time()) + 10_000
    assert await may(server, forged(token, key, exp=later)) is None, "the forger's tools work, with the right key"
    bad = [
        forged(token, exp=later),
        forged(token, b"\0" * 32, exp=later),
        forged(token, key, sub=other.did),
        forged(token, key, sid=(await log_in(server, other))["sessionId"]),
        forged(token, key, sid="0" * 32),
        forged(token, key, exp="later"),
        forged(token, key, header={"typ": "at+jwt", "alg": "none", "kid": "tonearm"}),
        forged(token, key, header={"alg": "HS256"}),
        token.rpartition(".")[0] + ".",
        token.rpartition(".")[0],
        token + "A",
        token[:-4],
        PREFIX,
        PREFIX + "." * 20,
        PREFIX + "e30." + b64(hmac.digest(key, f"{PREFIX}e30".encode(), "sha256")),
        PREFIX + "W10." + b64(hmac.digest(key, f"{PREFIX}W10".encode(), "sha256")),
        PREFIX + "x" * 10_000,
    ]
    for each in bad:
        assert await may(server, each) in {"InvalidToken", "ExpiredToken"}, each
    without_exp = {"sub": who.did, "sid": opened["sessionId"]}
    signed = PREFIX + segment(without_exp)
    assert await may(server, f"{signed}.{b64(hmac.digest(key, signed.encode(), 'sha256'))}") == "InvalidToken"


async def test_a_session_that_was_ended_is_refused_at_once(server: Server, who: Person) -> None:
    mine, other = await log_in(server, who), await log_in(server, who)
    assert await may(server, other["accessJwt"]) is None
    status, _ = await server.tell(f"{SESSION}.revokeSession", {"id": other["sessionId"]}, token=mine["accessJwt"])
    assert status == 200
    assert await may(server, other["accessJwt"]) == "ExpiredToken"
    assert (await refresh(server, other["refreshToken"]))[1]["error"] == "RefreshRefused"
    assert (await server.tell(f"{SESSION}.revokeSession", {}, token=mine["accessJwt"]))[0] == 200
    assert await may(server, mine["accessJwt"]) == "ExpiredToken"


async def test_a_session_without_manage_ends_itself_and_no_other(server: Server, who: Person) -> None:
    weak, other = await log_in(server, who, scopes=["read"]), await log_in(server, who)
    status, answer = await server.tell(f"{SESSION}.revokeSession", {"id": other["sessionId"]}, token=weak["accessJwt"])
    assert (status, answer["error"]) == (403, "Forbidden")
    assert (await server.tell(f"{SESSION}.revokeSession", {}, token=weak["accessJwt"]))[0] == 200
    assert await may(server, other["accessJwt"]) is None


async def test_nobody_ends_or_sees_a_session_of_somebody_else(server: Server, who: Person) -> None:
    mine, stranger = await log_in(server, who), await server.create_account()
    status, answer = await server.tell(f"{SESSION}.revokeSession", {"id": mine["sessionId"]}, token=stranger.token)
    assert (status, answer["error"]) == (400, "SessionNotFound")
    assert (await server.ask(f"{SESSION}.listSessions", token=stranger.token))[1] == {"sessions": []}
    assert await may(server, mine["accessJwt"]) is None


async def test_a_cookie_is_good_until_thirty_days_after_its_last_use(
    server: Server, who: Person, clock: list[float]
) -> None:
    logins, last_used = server.core.logins, server.core.last_used
    cookie = await logins.open_browser(who.actor_id, agent="Firefox", address="192.0.2.7")
    session = await logins.browser(cookie)
    assert session is not None
    assert session.account.did == who.did
    await last_used.flush()
    clock[0] = BROWSER_LIFE_S - 60
    assert await logins.browser(cookie) is not None
    await last_used.flush()
    clock[0] += BROWSER_LIFE_S - 60
    assert await logins.browser(cookie) is not None, "each use begins the time again"
    await last_used.flush()
    clock[0] += BROWSER_LIFE_S + 1
    assert await logins.browser(cookie) is None


async def test_a_cookie_is_no_token_and_a_token_no_cookie(server: Server, who: Person) -> None:
    logins = server.core.logins
    cookie = await logins.open_browser(who.actor_id, agent="", address="")
    opened = await log_in(server, who)
    assert await may(server, cookie) == "InvalidToken"
    session = await logins.browser(cookie)
    assert session is not None
    turn = opened["refreshToken"].rpartition(".")[2]
    for wrong in (opened["accessJwt"], opened["refreshToken"], turn, session.session_id, who.token, "", "x" * 5000):
        assert await logins.browser(wrong) is None
    made = logins.access_tokens.make(who.did, session.session_id)[0]
    assert await may(server, made) == "ExpiredToken", "an access token of a browser's session is none"


async def test_every_session_has_a_csrf_secret_of_its_own_that_is_not_stored(server: Server, who: Person) -> None:
    logins = server.core.logins
    cookies = [await logins.open_browser(who.actor_id, agent="", address="") for _ in range(2)]
    first, second = [await logins.browser(cookie) for cookie in cookies]
    assert first is not None
    assert second is not None
    assert first.csrf_secret != second.csrf_secret
    again = await logins.browser(cookies[0])
    assert again is not None
    assert again.csrf_secret == first.csrf_secret
    assert first.csrf_secret.hex() not in repr(first)


async def test_all_sessions_but_one_are_ended(server: Server, who: Person) -> None:
    logins = server.core.logins
    kept = await logins.open_browser(who.actor_id, agent="", address="")
    session = await logins.browser(kept)
    assert session is not None
    apps = [await log_in(server, who) for _ in range(2)]
    for each in apps:
        assert await may(server, each["accessJwt"]) is None
    assert await logins.end_all(who.actor_id, but=session.session_id) == 2
    assert await logins.browser(kept) is not None
    for each in apps:
        assert await may(server, each["accessJwt"]) == "ExpiredToken"
    assert await logins.end_all(who.actor_id) == 1
    assert await logins.browser(kept) is None


async def test_when_a_session_was_last_used_is_written_once_a_minute_in_the_background(
    server: Server, who: Person, clock: list[float]
) -> None:
    opened = await log_in(server, who)
    logins, last_used = server.core.logins, server.core.last_used

    async def last() -> float | None:
        found = (await logins.sessions(who.actor_id))[0].last_used_at
        return None if found is None else found.timestamp()

    assert await last() is None
    assert await may(server, opened["accessJwt"]) is None
    await last_used.flush()
    first = await last()
    assert first == pytest.approx(time.time(), abs=5)
    clock[0] = 30
    assert await may(server, opened["accessJwt"]) is None
    await last_used.flush()
    assert await last() == first
    clock[0] = 90
    assert await may(server, opened["accessJwt"]) is None
    await last_used.flush()
    assert await last() == pytest.approx(time.time() + 90, abs=5)


async def test_uses_are_written_without_anybody_asking(server: Server, who: Person) -> None:
    await server.ask(QUEUE, token=who.token)
    for _ in range(100):
        if (await server.core.api_tokens.tokens(who.actor_id))[0].last_used_at is not None:
            break
        await asyncio.sleep(0.05)
    assert (await server.core.api_tokens.tokens(who.actor_id))[0].last_used_at is not None


async def test_sessions_whose_time_is_over_are_forgotten(server: Server, who: Person, clock: list[float]) -> None:
    await log_in(server, who)
    await server.core.logins.tidy()
    assert len(await server.core.logins.sessions(who.actor_id)) == 1
    clock[0] = APP_LIFE_S + 1
    await server.core.logins.tidy()
    clock[0] = 0
    assert await server.core.logins.sessions(who.actor_id) == []


async def test_wrong_passwords_here_count_with_those_of_every_other_way_in(server: Server, who: Person) -> None:
    wrong = {"identifier": who.name, "password": "wrong"}
    for number in range(10):
        nsid = f"{SESSION}.createSession" if number % 2 else "com.atproto.server.createSession"
        status, answer = await server.tell(nsid, wrong, headers={"X-Forwarded-For": f"192.0.2.{number}"})
        assert status == 401, answer
    status, answer = await server.tell(f"{SESSION}.createSession", {**wrong, "password": PASSWORD})
    assert (status, answer["error"]) == (429, "RateLimitExceeded")


async def test_a_session_too_many_ends_the_one_that_was_not_used_for_longest(
    server: Server, who: Person, clock: list[float]
) -> None:
    logins, idle = server.core.logins, await log_in(server, who)
    clock[0] = 60
    used = await log_in(server, who)
    for number in range(MOST - 2):
        clock[0] += 1
        await logins.open_app(who.actor_id, label=str(number), scopes=["read"])
    clock[0] += 60
    assert await may(server, used["accessJwt"]) is None
    await server.core.last_used.flush()
    stranger = await log_in(server, await server.create_account())
    for number in range(3):
        clock[0] += 1
        await logins.open_app(who.actor_id, label=f"newer {number}", scopes=["read"])
    assert len(await logins.sessions(who.actor_id)) == MOST
    assert await may(server, idle["accessJwt"]) == "ExpiredToken"
    assert await may(server, used["accessJwt"]) is None
    assert await may(server, stranger["accessJwt"]) is None


# Another process on the same database.


@pytest_asyncio.fixture(loop_scope="module")
async def other(server: Server) -> AsyncIterator[Core]:
    async with open_core(server.core.settings) as core:
        yield core


async def test_what_another_process_ends_is_refused_within_two_seconds(
    server: Server, who: Person, other: Core
) -> None:
    mine, weak = await log_in(server, who), await log_in(server, who)
    assert await may(server, mine["accessJwt"]) is None
    assert await may(server, who.token) is None
    assert (await other.logins.principal(mine["accessJwt"])).did == who.did, "both sign with the same key"
    assert await other.logins.end(who.actor_id, mine["sessionId"])
    assert await other.api_tokens.revoke_all(who.actor_id) == 1
    deadline = time.monotonic() + 2
    while (await may(server, mine["accessJwt"]), await may(server, who.token)) != ("ExpiredToken", "InvalidToken"):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    assert await may(server, weak["accessJwt"]) is None


async def test_of_two_processes_that_use_a_refresh_token_at_once_one_gets_tokens(
    server: Server, who: Person, other: Core
) -> None:
    for _ in range(20):
        spent = (await log_in(server, who))["refreshToken"]
        outcomes = await asyncio.gather(
            *(each.logins.refresh(spent) for each in (server.core, other, server.core, other)), return_exceptions=True
        )
        won = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
        assert len(won) == 1
        assert {type(outcome) for outcome in outcomes if isinstance(outcome, BaseException)} == {RefreshRefusedError}
        with pytest.raises(RefreshRefusedError):
            await other.logins.refresh(won[0].refresh_token)
