"""Who may do what: nothing without being let, tokens and passwords, and where no secret may be found."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from tests.support.server import PASSWORD, Person, Server, running_server
from tonearm.index.engine import Database, Work, execute, select
from tonearm.pds.remote.session import PdsSession
from tonearm.services.accounts import AccountError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.asyncio(loop_scope="module")

CREATE = "app.rocksky.scrobble.createScrobble"
QUEUE, DISCARD = "app.tonearm.journal.getQueue", "app.tonearm.journal.discardEntry"
SESSION = "com.atproto.server.createSession"
PLAY = {"title": "Wow", "artist": "Kate Bush", "timestamp": 1_700_000_000}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
def database(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """It believes one proxy, so that a test can call from any address."""
    async with running_server(tmp_path_factory.mktemp("accounts"), database=database, trusted_proxies=1) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def who(server: Server) -> Person:
    return await server.create_account()


def new_address() -> str:
    return f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"


async def login(
    server: Server, identifier: str, password: str = PASSWORD, *, address: str | None = None
) -> tuple[int, Any]:
    """Log in, from an address that nobody has called from unless one is given."""
    body, headers = {"identifier": identifier, "password": password}, {"X-Forwarded-For": address or new_address()}
    return await server.tell(SESSION, body, headers=headers)


async def refused(server: Server, identifier: str, password: str = PASSWORD, *, address: str | None = None) -> int:
    """Log in and be told to wait; answers for how many seconds."""
    body, headers = {"identifier": identifier, "password": password}, {"X-Forwarded-For": address or new_address()}
    async with server.http.post(f"{server.url}/xrpc/{SESSION}", json=body, headers=headers) as answer:
        assert (answer.status, (await answer.json())["error"]) == (429, "RateLimitExceeded"), identifier
        return int(answer.headers["Retry-After"])


async def session(server: Server, who: Person, password: str = PASSWORD) -> dict[str, str]:
    status, made = await login(server, who.handle, password)
    assert status == 200, made
    return made


def changed(sql: str, *values: Any) -> Work[None]:
    yield execute(sql, *values)


# Nothing without being let.


async def test_a_bad_credential_is_refused_on_public_methods_too(server: Server) -> None:
    for token in ("tnrm_" + "x" * 43, "rubbish", "a.b.c"):
        status, answer = await server.ask("app.rocksky.scrobble.getScrobbles", token=token)
        assert (status in {400, 401}, answer["error"]) == (True, "InvalidToken"), token


async def test_our_tokens_do_not_write_repositories_directly(server: Server, who: Person) -> None:
    body = {"repo": who.did, "collection": "app.rocksky.like", "record": {"$type": "app.rocksky.like"}}
    for method in ("createRecord", "putRecord", "deleteRecord", "applyWrites"):
        status, answer = await server.tell(f"com.atproto.repo.{method}", body, token=who.token)
        assert (status, answer["error"]) == (403, "Forbidden"), method


async def test_a_session_does_not_write_anothers_repository(server: Server, who: Person) -> None:
    token = (await session(server, who))["accessJwt"]
    record = {"$type": "com.example.note", "text": "I was here"}
    body = {"repo": server.did, "collection": "com.example.note", "record": record}
    status, answer = await server.tell("com.atproto.repo.createRecord", body, token=token)
    assert (status, answer["error"]) == (401, "AuthenticationRequired")
    assert await server.records("com.example.note") == {}
    status, _ = await server.tell("com.atproto.repo.createRecord", body | {"repo": who.did}, token=token)
    assert status == 200


async def test_an_app_password_scrobbles_but_does_not_manage(server: Server, who: Person) -> None:
    full = (await session(server, who))["accessJwt"]
    status, made = await server.tell("com.atproto.server.createAppPassword", {"name": "player"}, token=full)
    assert status == 200
    weak = (await session(server, who, made["password"]))["accessJwt"]
    assert (await server.tell(CREATE, PLAY, token=weak))[0] == 200
    assert (await server.ask(QUEUE, token=weak))[0] == 200
    for method, body in (
        (DISCARD, {"id": "fffffff"}),
        ("com.atproto.server.createAppPassword", {"name": "second"}),
        ("com.atproto.identity.updateHandle", {"handle": "other.test"}),
    ):
        status, answer = await server.tell(method, body, token=weak)
        assert (status, answer["error"]) == (403, "Forbidden"), method
    status, answer = await server.tell(DISCARD, {"id": "fffffff"}, token=full)
    assert (status, answer["error"]) == (400, "EntryNotFound")


async def test_a_refresh_token_is_good_for_refreshing_alone(server: Server, who: Person) -> None:
    opened = await session(server, who)
    for status, answer in (
        await server.tell(CREATE, PLAY, token=opened["refreshJwt"]),
        await server.ask(QUEUE, token=opened["refreshJwt"]),
        await server.ask("com.atproto.server.getSession", token=opened["refreshJwt"]),
        await server.ask("app.rocksky.scrobble.getScrobbles", token=opened["refreshJwt"]),
    ):
        assert (status in {401, 403}, answer["error"] in {"Forbidden", "InvalidToken"}) == (True, True)
    status, renewed = await server.tell("com.atproto.server.refreshSession", token=opened["refreshJwt"])
    assert (status, renewed["did"]) == (200, who.did)
    status, answer = await server.tell("com.atproto.server.refreshSession", token=opened["accessJwt"])
    assert status in {400, 401, 403}


async def test_a_session_that_was_ended_is_refused(server: Server, who: Person) -> None:
    opened = await session(server, who)
    assert (await server.ask(QUEUE, token=opened["accessJwt"]))[0] == 200
    status, _ = await server.tell("com.atproto.server.deleteSession", token=opened["refreshJwt"])
    assert status == 200
    status, answer = await server.ask(QUEUE, token=opened["accessJwt"])
    assert (status, answer["error"]) == (400, "ExpiredToken")


# Tokens.


@pytest.fixture
def clock(server: Server, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds by which the accounts' time is ahead."""
    ahead = [0.0]
    for keeper in (server.core.accounts, server.core.api_tokens, server.core.logins, server.core.accounts.failures):
        monkeypatch.setattr(keeper, "now", lambda: time.time() + ahead[0])
    return ahead


async def test_a_token_is_good_until_it_expires_and_no_longer(server: Server, who: Person, clock: list[float]) -> None:
    token = await server.core.api_tokens.create(who.actor_id, "short", lives_s=60)
    for ahead, good in ((0, True), (59, True), (60.5, False), (3600, False), (0, True)):
        clock[0] = ahead
        server.core.api_tokens._principals.clear()
        status, answer = await server.ask(QUEUE, token=token)
        assert (status, answer.get("error")) == ((200, None) if good else (401, "InvalidToken")), ahead


async def test_a_token_that_was_just_believed_expires_all_the_same(
    server: Server, who: Person, clock: list[float]
) -> None:
    token = await server.core.api_tokens.create(who.actor_id, "short", lives_s=60)
    clock[0] = 59.7
    assert (await server.ask(QUEUE, token=token))[0] == 200
    clock[0] = 60.1
    assert (await server.ask(QUEUE, token=token))[0] == 401


async def test_a_revoked_token_is_refused_within_two_seconds(server: Server, who: Person) -> None:
    assert (await server.ask(QUEUE, token=who.token))[0] == 200
    await server.core.index.write(
        changed("UPDATE api_token SET revoked_at = $2 WHERE actor_id = $1", who.actor_id, int(time.time() * 1e6))
    )
    revoked = time.monotonic()
    while (answer := await server.ask(QUEUE, token=who.token))[0] == 200:
        assert time.monotonic() < revoked + 2
        await asyncio.sleep(0.05)
    assert (answer[0], answer[1]["error"]) == (401, "InvalidToken")


async def test_a_role_is_the_one_that_was_granted_last(server: Server, who: Person, clock: list[float]) -> None:
    accounts = server.core.accounts
    for role in ("operator", "administrator", "none"):
        await accounts.grant(who.name, role)
        clock[0] += 1.5
        principal = await server.core.api_tokens.principal(who.token)
        assert principal is not None
        assert (principal.did, principal.role) == (who.did, role)
    with pytest.raises(AccountError, match="none, operator, administrator"):
        await accounts.grant(who.name, "root")


async def test_nobody_gets_a_role_by_being_made(server: Server, who: Person) -> None:
    assert (await server.core.accounts.named(who.name)).role == "none"
    remote = await server.core.accounts.add_remote(
        f"did:plc:{secrets.token_hex(12)}", "kate.example", "https://pds.example"
    )
    assert remote.role == "none"


# Passwords.


async def test_a_session_is_opened_by_name_handle_or_did(server: Server, who: Person) -> None:
    for identifier in (who.name, who.name.upper(), who.handle, f"@{who.handle}", who.handle.upper(), who.did):
        status, opened = await login(server, identifier)
        assert (status, opened.get("did")) == (200, who.did), identifier


@pytest.mark.parametrize("password", ["", " ", PASSWORD.upper(), PASSWORD + " ", PASSWORD[:-1], "x" * 5000])
async def test_another_password_opens_nothing(server: Server, who: Person, password: str) -> None:
    status, answer = await login(server, who.handle, password)
    assert (status, answer["error"]) == (401, "AuthenticationRequired")


async def test_an_unknown_account_is_answered_as_a_wrong_password(server: Server, who: Person) -> None:
    known = await login(server, who.handle, "wrong")
    for identifier in ("nobody-here", "nobody-here.test", "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "%", "' OR 1=1 --"):
        assert await login(server, identifier, PASSWORD) == known, identifier


async def test_after_ten_wrong_passwords_no_more_are_taken(server: Server, who: Person) -> None:
    for _ in range(10):
        assert (await login(server, who.handle, "wrong"))[0] == 401
    for identifier in (who.handle, who.name, who.did):
        for password in ("wrong", PASSWORD):
            assert 0 < await refused(server, identifier, password) <= 13
    assert (await login(server, server.handle))[0] == 200, "others are not kept out"
    assert (await server.ask(QUEUE, token=who.token))[0] == 200, "nor are their tokens"


async def test_after_ten_wrong_passwords_from_an_address_it_is_kept_out(server: Server, who: Person) -> None:
    """However many accounts are guessed at, whether they exist or not."""
    address = new_address()
    victims = [await server.create_account() for _ in range(2)]
    for number in range(10):
        identifier = victims[number].handle if number < 2 else f"ghost-{number}.test"
        assert (await login(server, identifier, "wrong", address=address))[0] == 401
    for identifier in (who.handle, "ghost-11.test"):
        assert 0 < await refused(server, identifier, address=address) <= 13
    assert 0 < await refused(server, who.handle, address=address.replace("::1", "::2")) <= 13, "a household's network"
    for victim in victims:
        assert (await login(server, victim.handle))[0] == 200, "the guessed at are not kept out"


async def test_an_app_password_opens_a_session_from_an_address_that_is_kept_out(server: Server, who: Person) -> None:
    address = new_address()
    full = (await session(server, who))["accessJwt"]
    status, made = await server.tell("com.atproto.server.createAppPassword", {"name": "player"}, token=full)
    assert status == 200
    for number in range(10):
        assert (await login(server, f"ghost-{number}.test", "wrong", address=address))[0] == 401
    await refused(server, who.handle, address=address)
    assert (await login(server, who.handle, made["password"], address=address))[0] == 200
    wrong = made["password"][:-1] + ("a" if made["password"][-1] != "a" else "b")
    await refused(server, who.handle, wrong, address=address)


async def test_who_has_waited_may_try_once_more(server: Server, who: Person, clock: list[float]) -> None:
    for number in range(10):
        assert (await login(server, who.handle, f"guess {number}"))[0] == 401
    clock[0] += await refused(server, who.handle)
    assert (await login(server, who.handle, "wrong"))[0] == 401
    clock[0] += await refused(server, who.handle)
    assert (await login(server, who.handle))[0] == 200


async def test_a_right_password_counts_for_nothing(server: Server, who: Person) -> None:
    address = new_address()
    for _ in range(9):
        assert (await login(server, who.handle, "wrong", address=address))[0] == 401
    for _ in range(5):
        assert (await login(server, who.handle, address=address))[0] == 200
    assert (await login(server, who.handle, "wrong", address=address))[0] == 401
    await refused(server, who.handle, address=address)


async def test_many_wrong_passwords_at_once_are_no_way_around_the_limit(server: Server, who: Person) -> None:
    answers = await asyncio.gather(*(login(server, who.handle, f"guess {n}") for n in range(30)))
    assert sorted(status for status, _ in answers) == [401] * 10 + [429] * 20


async def test_guessing_at_an_unknown_account_is_limited_too(server: Server) -> None:
    identifier = f"ghost{secrets.token_hex(4)}.test"
    answers = await asyncio.gather(*(login(server, identifier, f"guess {n}") for n in range(12)))
    assert [status for status, _ in answers].count(401) == 10


async def test_an_account_without_a_password_opens_for_none(server: Server) -> None:
    name = f"t{secrets.token_hex(4)}"
    await server.core.accounts.create_local(server.core.pds, name, None)
    for password in ("", "no such account", "None", name):
        assert (await login(server, name, password))[0] in {400, 401}


# Names.


async def test_a_name_is_given_once_however_it_is_written(server: Server) -> None:
    accounts, pds = server.core.accounts, server.core.pds
    name = f"Straße{secrets.token_hex(4)}"
    made = await accounts.create_local(pds, name, None)
    assert made.handle == f"strasse{name[6:]}.test"
    for same in (name, name.upper(), name.lower(), name.casefold(), made.handle):
        with pytest.raises(AccountError, match="taken"):
            await accounts.create_local(pds, same, None)
        assert (await accounts.named(same)).did == made.did


async def test_of_several_who_want_a_name_at_once_one_gets_it(server: Server) -> None:
    accounts, pds = server.core.accounts, server.core.pds
    name = f"n{secrets.token_hex(4)}"
    outcomes = await asyncio.gather(*(accounts.create_local(pds, name, None) for _ in range(5)), return_exceptions=True)
    made = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    assert len(made) == 1
    assert {type(outcome) for outcome in outcomes if isinstance(outcome, BaseException)} == {AccountError}
    assert (await accounts.named(name)).did == made[0].did


async def test_a_local_name_like_a_remote_handle_keeps_its_owner_not_out(server: Server) -> None:
    accounts = server.core.accounts
    handle, did = f"r{secrets.token_hex(4)}.example", f"did:plc:{secrets.token_hex(12)}"
    squatter = await accounts.create_local(server.core.pds, handle, PASSWORD)
    owner = await accounts.add_remote(did, handle, "https://pds.example")
    assert (owner.did, owner.handle, owner.pds_url) == (did, handle, "https://pds.example")
    assert (await accounts.named(did)).actor_id == owner.actor_id != squatter.actor_id
    again = await accounts.add_remote(did, f"new-{handle}", "https://pds.example")
    assert (again.actor_id, again.handle) == (owner.actor_id, f"new-{handle}")


# Secrets.


async def everything(database: Database) -> str:
    """All rows of all tables as text, bytes in hexadecimal too."""
    tables = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if database.dialect == "sqlite"
        else "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    )

    def work() -> Work[str]:
        told = []
        for (table,) in (yield select(tables)):
            for row in (yield select(f"SELECT * FROM {table}")):
                told += [value.hex() + repr(value) if isinstance(value, bytes) else repr(value) for value in row]
        return "\n".join(told)

    return await database.read(work())


async def test_no_secret_is_stored_or_logged_in_plain(
    server: Server, who: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    opened = await session(server, who)
    status, made = await server.tell(
        "com.atproto.server.createAppPassword", {"name": "player"}, token=opened["accessJwt"]
    )
    assert status == 200
    app = await session(server, who, made["password"])
    remote = PdsSession(who.did, who.handle, "https://pds.example", "access-of-elsewhere", "refresh-of-elsewhere")
    await server.core.sessions.save(who.did, remote)
    assert await server.core.sessions.load(who.did) == remote
    guess = "a guess that is almost right"
    await login(server, who.handle, guess)
    wrong_token = f"tnrm_{secrets.token_urlsafe(32)}"
    await server.ask(QUEUE, token=wrong_token)
    await server.tell(CREATE, PLAY, token=who.token)
    await server.tell(CREATE, {"title": 1}, token=opened["accessJwt"])
    renewed = (await server.tell("com.atproto.server.refreshSession", token=app["refreshJwt"]))[1]
    await server.drained()
    key = bytes.fromhex((server.core.settings.data_dir / "master.key").read_text())
    hidden = {
        "password": PASSWORD,
        "app password": made["password"],
        "token": who.token,
        "token without its prefix": who.token.removeprefix("tnrm_"),
        "token of another": wrong_token,
        "guess": guess,
        **{
            f"{name} of a session": held[name]
            for held in (opened, app, renewed)
            for name in ("accessJwt", "refreshJwt")
        },
        "remote access": remote.access_jwt,
        "remote refresh": remote.refresh_jwt,
        "master key": key.hex(),
    }
    logged = "\n".join(record.getMessage() + str(record.exc_info or "") for record in caplog.records)
    stored = await everything(server.core.index) + await everything(server.core.pds_database)
    assert who.did in stored
    files = b""
    if server.core.index.dialect == "sqlite":
        files = b"".join(
            path.read_bytes() for path in server.core.settings.data_dir.iterdir() if path.name != "master.key"
        )
        assert who.did.encode() in files
        assert key not in files
    for name, secret in hidden.items():
        assert secret not in stored, name
        assert secret.encode().hex() not in stored, name
        assert secret not in logged, name
        assert secret.encode() not in files, name


async def test_answers_hold_nothing_private(server: Server, who: Person) -> None:
    told = [
        await server.ask("app.rocksky.actor.getProfile", did=who.did),
        await server.ask("app.rocksky.actor.getProfile", did=who.did, token=server.token),
        await server.ask("com.atproto.repo.describeRepo", repo=who.did),
        await server.ask("com.atproto.server.describeServer"),
        await server.ask("app.rocksky.actor.getProfile", token=who.token),
    ]
    row = await server.core.accounts.named(who.name)
    assert row.password_hash
    for status, answer in told:
        assert status == 200
        for private in (row.password_hash, "argon2", "password", "administrator", "role", "token", who.token):
            assert private not in str(answer)
