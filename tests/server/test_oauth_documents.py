"""The documents by which authorization servers know this server, in each of its modes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.oauth import CONFIDENTIAL
from tests.support.server import Server, running_server
from tonearm.index.engine import Work, execute, select
from tonearm.services.identity_hash import MICROS
from tonearm.services.records import COLLECTIONS
from tonearm.services.signing_in.oauth_client_keys import LIVES_S, PUBLISHED_BEFORE_S, SUCCEEDED_S
from tonearm.services.signing_in.oauth_logins import OAuthLoginError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

METADATA = ("/oauth-client-metadata.json", "/client-metadata.json")
SCOPE = " ".join(["atproto", "blob:*/*", *sorted(f"repo:{name}" for name in COLLECTIONS)])


async def read(server: Server, path: str, status: int = 200) -> Any:
    async with server.http.get(server.url + path, allow_redirects=False) as answer:
        assert answer.status == status
        assert answer.content_type == "application/json"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        return await answer.json()


class Clock:
    """Time that a test moves on."""

    def __init__(self) -> None:
        self.at = 1_790_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
async def confidential(database: str, tmp_path: Path) -> AsyncIterator[Server]:
    async with running_server(tmp_path, database=database, public_url=CONFIDENTIAL) as server:
        yield server


async def test_under_https_the_server_is_a_confidential_client(confidential: Server) -> None:
    for path in METADATA:
        document = await read(confidential, path)
        assert document["client_id"] == CONFIDENTIAL + METADATA[0]
        assert document["jwks_uri"] == f"{CONFIDENTIAL}/jwks.json"
        assert document["redirect_uris"] == [f"{CONFIDENTIAL}/oauth/callback"]
        assert document["scope"] == SCOPE
    (key,) = (await read(confidential, "/jwks.json"))["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}  # and nothing private
    assert await read(confidential, "/jwks.json") == {"keys": [key]}


async def test_on_loopback_the_server_is_the_development_client(server: Server) -> None:
    for path in METADATA:
        document = await read(server, path)
        assert document["client_id"].startswith("http://localhost?redirect_uri=http%3A%2F%2F127.0.0.1")
        assert document["redirect_uris"] == [f"{server.url}/oauth/callback"]
        assert document["scope"] == SCOPE
    assert await read(server, "/jwks.json") == {"keys": []}
    assert server.core.oauth_logins.origin == server.url


async def test_under_another_url_nobody_can_log_in_and_is_told_why(tmp_path: Path) -> None:
    async with running_server(tmp_path, public_url="http://192.168.1.5:8070") as server:
        for path in METADATA:
            assert (await read(server, path, 404))["error"] == "OAuthUnavailable"
        assert await read(server, "/jwks.json") == {"keys": []}
        assert server.core.oauth_logins.origin is None
        with pytest.raises(OAuthLoginError, match="TONEARM_PUBLIC_URL") as raised:
            await server.core.oauth_logins.begin("alice.example.com", binding="cookie", purpose={})
        assert raised.value.name == "OAuthUnavailable"


async def test_the_permission_set_is_asked_for_when_it_is_set(tmp_path: Path) -> None:
    async with running_server(tmp_path, oauth_permission_set="on") as server:
        scope = (await read(server, METADATA[0]))["scope"].split(" ")
        assert "include:app.rocksky.authScrobbling" in scope
        assert set(SCOPE.split(" ")) < set(scope)  # a move asks for its own


async def test_keys_succeed_each_other_and_stay_while_something_is_bound_to_them(
    confidential: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, clock = confidential.core.oauth_sessions.client_keys, Clock()
    monkeypatch.setattr(type(keys), "_micros", lambda _keys, after_s: int((clock.at + after_s) * MICROS))
    first = await keys.signing()
    await keys.tidy()
    assert await ids(confidential) == [first.key_id]

    clock.at += LIVES_S + 1
    await keys.tidy()
    second, _ = await ids(confidential)
    assert (await keys.signing()).key_id == first.key_id  # servers may not have read the new one yet
    clock.at += PUBLISHED_BEFORE_S + 1
    assert (await keys.signing()).key_id == second

    await confidential.core.index.write(bind(first.key_id))
    clock.at += SUCCEEDED_S + 1
    await keys.tidy()
    assert await ids(confidential) == [second, first.key_id]
    assert (await keys.by_id(first.key_id)) is not None

    await confidential.core.index.write(release())
    await keys.tidy()
    assert await ids(confidential) == [second]
    assert await keys.by_id(first.key_id) is None


async def test_no_private_key_is_in_the_clear(confidential: Server) -> None:
    key = await confidential.core.oauth_sessions.client_keys.signing()
    (sealed,) = await confidential.core.index.read(sealed_keys())
    assert key.private()["d"].encode() not in sealed


async def ids(server: Server) -> list[str]:
    return [key["kid"] for key in (await read(server, "/jwks.json"))["keys"]]


def bind(key_id: str) -> Work[None]:
    yield execute(
        "INSERT INTO oauth_session (actor_id, session_id, client_key_id, sealed, created_at, updated_at) "
        "VALUES (77, 's', $1, $2, 0, 0)",
        key_id,
        b"",
    )


def release() -> Work[None]:
    yield execute("DELETE FROM oauth_session")


def sealed_keys() -> Work[list[bytes]]:
    return [row[0] for row in (yield select("SELECT sealed FROM oauth_client_key"))]
