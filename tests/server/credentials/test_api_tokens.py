"""API tokens over the wire: shown once, listed without themselves, revoked for good, never stronger than their maker."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from tests.support.server import Person, Server, running_server
from tonearm.services.accounts import AccountError
from tonearm.services.credentials.api_tokens import MOST

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOKEN = "app.tonearm.token"
QUEUE = "app.tonearm.journal.getQueue"
CREATE = "app.rocksky.scrobble.createScrobble"
PLAY = {"title": "Wow", "artist": "Kate Bush"}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
def database(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    async with running_server(tmp_path_factory.mktemp("tokens"), database=database) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def who(server: Server) -> Person:
    return await server.create_account()


async def create(server: Server, who: Person, *, token: str | None = None, **wish: Any) -> tuple[int, Any]:
    return await server.tell(f"{TOKEN}.createToken", {"label": "radio", **wish}, token=token or who.token)


async def listed(server: Server, who: Person) -> list[dict[str, Any]]:
    status, answer = await server.ask(f"{TOKEN}.listTokens", token=who.token)
    assert status == 200, answer
    return answer["tokens"]


async def test_a_token_is_shown_once_and_does_what_its_scopes_allow(server: Server, who: Person) -> None:
    status, made = await create(server, who, scopes=["scrobble"], livesSeconds=3600)
    assert status == 200
    token, view = made["token"], made["view"]
    assert (view["label"], view["scopes"]) == ("radio", ["scrobble"])
    ends = datetime.fromisoformat(view["expiresAt"])
    assert timedelta(seconds=3500) < ends - datetime.now(UTC) <= timedelta(seconds=3600)
    assert (await server.tell(CREATE, PLAY, token=token))[0] == 200
    assert (await server.ask(QUEUE, token=token))[0] == 403
    assert (await server.ask(f"{TOKEN}.listTokens", token=token))[0] == 403
    seen = await listed(server, who)
    assert [each["label"] for each in seen] == ["radio", "test"]
    assert token not in json.dumps(seen)
    assert token.removeprefix("tnrm_") not in json.dumps(seen)


async def test_a_revoked_token_is_refused_at_once_and_listed_no_more(server: Server, who: Person) -> None:
    _, made = await create(server, who)
    assert (await server.ask(QUEUE, token=made["token"]))[0] == 200
    assert (await server.tell(f"{TOKEN}.revokeToken", {"id": made["view"]["id"]}, token=who.token))[0] == 200
    status, answer = await server.ask(QUEUE, token=made["token"])
    assert (status, answer["error"]) == (401, "InvalidToken")
    assert [each["label"] for each in await listed(server, who)] == ["test"]
    status, answer = await server.tell(f"{TOKEN}.revokeToken", {"id": made["view"]["id"]}, token=who.token)
    assert (status, answer["error"]) == (400, "TokenNotFound")


async def test_nobody_revokes_or_sees_a_token_of_somebody_else(server: Server, who: Person) -> None:
    _, made = await create(server, who)
    stranger = await server.create_account()
    status, answer = await server.tell(f"{TOKEN}.revokeToken", {"id": made["view"]["id"]}, token=stranger.token)
    assert (status, answer["error"]) == (400, "TokenNotFound")
    assert [each["label"] for each in await listed(server, stranger)] == ["test"]
    assert (await server.ask(QUEUE, token=made["token"]))[0] == 200


async def test_a_token_is_never_stronger_than_its_maker(server: Server, who: Person) -> None:
    maker = await server.core.api_tokens.create(who.actor_id, "maker", ["read", "manage"])
    status, made = await create(server, who, token=maker)
    assert (status, made["view"]["scopes"]) == (200, ["read", "manage"])
    status, answer = await create(server, who, token=maker, scopes=["read", "scrobble"])
    assert (status, answer["error"]) == (403, "Forbidden")
    weak = await server.core.api_tokens.create(who.actor_id, "weak", ["read", "scrobble"])
    status, answer = await create(server, who, token=weak, scopes=["read"])
    assert (status, answer["error"]) == (403, "Forbidden")


@pytest.mark.parametrize(
    "wish",
    [
        {"label": ""},
        {"label": " "},
        {"label": "x" * 121},
        {"scopes": []},
        {"scopes": ["root"]},
        {"scopes": ["read", "read", "read", "read"]},
        {"livesSeconds": 0},
        {"livesSeconds": -1},
        {"livesSeconds": 10**12},
    ],
    ids=str,
)
async def test_a_token_that_makes_no_sense_is_refused(server: Server, who: Person, wish: dict[str, Any]) -> None:
    status, answer = await create(server, who, **wish)
    assert (status, answer["error"]) == (400, "InvalidRequest")
    assert [each["label"] for each in await listed(server, who)] == ["test"]


async def test_an_account_has_no_more_tokens_than_it_may(server: Server, who: Person) -> None:
    for number in range(MOST - 1):
        await server.core.api_tokens.create(who.actor_id, f"token {number}")
    with pytest.raises(AccountError, match="at most 200"):
        await server.core.api_tokens.create(who.actor_id, "one more")
    status, answer = await create(server, who)
    assert (status, answer["error"]) == (400, "InvalidRequest")
    assert await server.core.api_tokens.revoke_all(who.actor_id) == MOST
    assert (await server.ask(QUEUE, token=who.token))[0] == 401
