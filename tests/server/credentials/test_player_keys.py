"""Keys for players: made, listed, changed and removed by their owner alone, found by the api key, sealed at rest."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from tests.support.server import Person, Server, running_server
from tonearm.index.engine import Work, execute, select
from tonearm.services.credentials.player_keys import MOST, PlayerKeyNameError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tonearm.index.engine import Row

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEYS = "app.rocksky.apikey"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
def database(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    async with running_server(tmp_path_factory.mktemp("keys"), database=database) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def who(server: Server) -> Person:
    return await server.create_account()


async def create(server: Server, who: Person, name: str = "radio", **more: Any) -> dict[str, Any]:
    status, made = await server.tell(f"{KEYS}.createApikey", {"name": name, **more}, token=who.token)
    assert status == 200, made
    return made


async def listed(server: Server, who: Person, **params: int) -> list[dict[str, Any]]:
    status, answer = await server.ask(f"{KEYS}.getApikeys", token=who.token, **params)
    assert status == 200, answer
    return answer["apiKeys"]


async def remove(server: Server, who: Person, key_id: str) -> tuple[int, Any]:
    return await server.tell(f"{KEYS}.removeApikey?id={key_id}", token=who.token)


async def test_a_key_and_its_secret_are_in_the_answer_that_makes_it_and_never_again(
    server: Server, who: Person
) -> None:
    made = await create(server, who, description="in the kitchen")
    assert len(bytes.fromhex(made["apiKey"])) == len(bytes.fromhex(made["sharedSecret"])) == 16
    status, renamed = await server.tell(f"{KEYS}.updateApikey", {"id": made["id"], "name": "radio 2"}, token=who.token)
    assert (status, renamed["name"], renamed["description"]) == (200, "radio 2", "in the kitchen")
    seen = await listed(server, who)
    assert [(key["id"], key["name"]) for key in seen] == [(made["id"], "radio 2")]
    status, removed = await remove(server, who, made["id"])
    assert (status, removed["id"]) == (200, made["id"])
    assert await listed(server, who) == []
    for secret in (made["apiKey"], made["sharedSecret"]):
        for answer in (renamed, seen, removed):
            assert secret not in json.dumps(answer)


async def test_keys_are_listed_newest_first_and_by_pages(server: Server, who: Person) -> None:
    for number in range(5):
        await create(server, who, f"key {number}")
    assert [key["name"] for key in await listed(server, who)] == [f"key {n}" for n in (4, 3, 2, 1, 0)]
    assert [key["name"] for key in await listed(server, who, limit=2, offset=1)] == ["key 3", "key 2"]
    assert len(await listed(server, who, limit=0, offset=-3)) == 1
    assert await listed(server, who, offset=5) == []


async def test_a_key_is_found_by_its_api_key_until_it_is_switched_off_or_removed(server: Server, who: Person) -> None:
    keys = server.core.player_keys
    made = await create(server, who)
    found = await keys.by_api_key(made["apiKey"])
    assert found is not None
    key, account = found
    assert (key.key_id, key.api_key, key.shared_secret) == (made["id"], made["apiKey"], made["sharedSecret"])
    assert account.did == who.did
    for wrong in (made["sharedSecret"], made["id"], made["apiKey"].upper(), made["apiKey"][:-1], "", "ü", "%"):
        assert await keys.by_api_key(wrong) is None
    await keys.update(who.actor_id, made["id"], enabled=False)
    assert await keys.by_api_key(made["apiKey"]) is None
    assert (await keys.update(who.actor_id, made["id"], enabled=True)).enabled
    assert await keys.by_api_key(made["apiKey"]) is not None
    await remove(server, who, made["id"])
    assert await keys.by_api_key(made["apiKey"]) is None


async def test_nothing_but_name_and_note_can_be_changed_from_outside(server: Server, who: Person) -> None:
    """Mass assignment: what Rocksky's own server lets a caller do."""
    made, stranger = await create(server, who), await server.create_account()
    status, _ = await server.tell(
        f"{KEYS}.updateApikey",
        {
            "id": made["id"],
            "name": "mine",
            "userId": stranger.did,
            "actor_id": stranger.actor_id,
            "actorId": stranger.actor_id,
            "apiKey": "0" * 32,
            "api_key": "0" * 32,
            "sharedSecret": "0" * 32,
            "sealed": "AAAA",
            "enabled": 0,
            "createdAt": "2000-01-01T00:00:00Z",
        },
        token=who.token,
    )
    assert status in {200, 400}
    found = await server.core.player_keys.by_api_key(made["apiKey"])
    assert found is not None
    assert (found[0].shared_secret, found[1].did, found[0].enabled) == (made["sharedSecret"], who.did, True)
    assert (await listed(server, who))[0]["createdAt"] == made["createdAt"]
    assert await listed(server, stranger) == []


async def test_a_key_of_somebody_else_is_neither_seen_nor_changed_nor_removed(server: Server, who: Person) -> None:
    made, stranger = await create(server, who), await server.create_account()
    status, answer = await server.tell(
        f"{KEYS}.updateApikey", {"id": made["id"], "name": "stolen"}, token=stranger.token
    )
    assert (status, answer["error"]) == (400, "ApiKeyNotFound")
    status, answer = await remove(server, stranger, made["id"])
    assert (status, answer["error"]) == (400, "ApiKeyNotFound")
    assert [key["name"] for key in await listed(server, who)] == ["radio"]


async def test_who_may_not_manage_makes_no_key(server: Server, who: Person) -> None:
    weak = await server.core.api_tokens.create(who.actor_id, "weak", ["read", "scrobble"])
    for call in (
        server.tell(f"{KEYS}.createApikey", {"name": "x"}, token=weak),
        server.ask(f"{KEYS}.getApikeys", token=weak),
    ):
        status, answer = await call
        assert (status, answer["error"]) == (403, "Forbidden")


async def test_a_key_is_no_token(server: Server, who: Person) -> None:
    made = await create(server, who)
    for wrong in (made["apiKey"], made["sharedSecret"], made["id"]):
        status, answer = await server.ask("app.tonearm.journal.getQueue", token=wrong)
        assert (status, answer["error"]) == (400, "InvalidToken")


@pytest.mark.parametrize(
    "wish", [{"name": ""}, {"name": " "}, {"name": "x" * 121}, {"description": "x" * 1001}], ids=str
)
async def test_a_name_that_is_none_or_too_long_is_refused(server: Server, who: Person, wish: dict[str, str]) -> None:
    status, answer = await server.tell(f"{KEYS}.createApikey", {"name": "radio", **wish}, token=who.token)
    assert (status, answer["error"]) == (400, "InvalidName")
    assert await listed(server, who) == []


async def test_an_account_has_no_more_keys_than_it_may(server: Server, who: Person) -> None:
    for number in range(MOST):
        await server.core.player_keys.create(who.actor_id, f"key {number}")
    with pytest.raises(PlayerKeyNameError, match="at most 200"):
        await server.core.player_keys.create(who.actor_id, "one more")


async def test_a_sealed_key_does_not_open_in_another_row(server: Server, who: Person) -> None:
    """Whoever can write to the database cannot give a key the secret of another."""
    one, other = await create(server, who, "one"), await create(server, who, "other")

    def swap() -> Work[None]:
        rows = yield select("SELECT sealed FROM player_key WHERE key_id = $1", one["id"])
        yield execute("UPDATE player_key SET sealed = $2 WHERE key_id = $1", other["id"], rows[0][0])

    await server.core.index.write(swap())
    with pytest.raises(Exception, match="does not open"):
        await server.core.player_keys.by_api_key(other["apiKey"])
    await remove_rows(server)


async def remove_rows(server: Server) -> None:
    def work() -> Work[None]:
        yield execute("DELETE FROM player_key")

    await server.core.index.write(work())


async def test_the_api_key_is_looked_up_through_an_index(server: Server, who: Person) -> None:
    made = await create(server, who)

    def plan() -> Work[list[Row]]:
        if server.core.index.dialect == "postgresql":
            yield execute("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN" if server.core.index.dialect == "sqlite" else "EXPLAIN"
        digest = hashlib.sha256(made["apiKey"].encode()).digest()
        return (yield select(f"{explain} SELECT key_id FROM player_key WHERE api_key_hash = $1", digest))

    told = str(await server.core.index.write(plan()))
    assert "player_key_by_api_key" in told
