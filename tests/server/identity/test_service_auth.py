"""Service tokens: what a good one opens, and every way in which one can be bad."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.hostile import garbage, redirect, slow
from tests.support.hostile.directory import Directory
from tests.support.server import Server, running_server
from tests.support.service_tokens import b64, claims_of, signed
from tonearm.atproto.did_key import SigningKey

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

QUEUE = "app.tonearm.journal.getQueue"
SCROBBLES = "app.rocksky.scrobble.getScrobbles"
SCROBBLE = "app.rocksky.scrobble.createScrobble"
DID = "did:plc:" + "b" * 24
OTHER = "did:plc:" + "c" * 24
CURVES = ("k256", "p256")


@dataclass
class World:
    """A server, a directory, and somebody elsewhere who calls."""

    server: Server
    directory: Directory
    key: SigningKey
    did: str = DID

    @property
    def audience(self) -> str:
        return "did:web:" + self.server.url.removeprefix("http://").replace(":", "%3A")

    def publish(self, key: SigningKey, did: str = DID) -> None:
        self.directory.say(did, handle="carol.test", pds_url="https://pds.example", key=key.public_multibase())

    def claims(self, method: str = QUEUE, **changes: Any) -> dict[str, Any]:
        return claims_of(self.did, self.audience, method, **changes)

    def token(self, method: str = QUEUE, **changes: Any) -> str:
        return signed(self.key, self.claims(method, **changes))

    async def ask(self, token: str, method: str = QUEUE) -> tuple[int, Any]:
        status, answer = await self.server.ask(method, token=token)
        return status, answer.get("error") if status != 200 else answer

    async def refused(self, token: str, status: int = 401, error: str = "InvalidToken") -> None:
        assert await self.ask(token) == (status, error)
        # The same refusal where anybody may call: a bad credential is not an anonymous call.
        assert (await self.ask(token, SCROBBLES))[0] != 200


@asynccontextmanager
async def running_world(folder: Path, curve: str = "k256") -> AsyncIterator[World]:
    directory = Directory()
    async with directory.running():
        settings = {"plc_url": directory.origin, "allowed_private_hosts": f"localhost:{directory.port}"}
        async with running_server(folder, outbox=False, **settings) as server:
            world = World(server, directory, SigningKey.generate(curve))
            world.publish(world.key)
            yield world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_world(tmp_path) as running:
        yield running


@pytest.mark.parametrize("curve", CURVES)
async def test_a_token_of_either_curve_opens_the_method_that_it_names(tmp_path: Path, curve: str):
    async with running_world(tmp_path, curve) as world:
        assert (await world.ask(world.token()))[0] == 200
        assert (await world.ask(world.token(aud=f"{world.audience}#tonearm")))[0] == 200
        assert len(world.directory.log) == 1  # the document is remembered


async def test_our_document_names_the_audience_and_the_service(world: World):
    async with world.server.http.get(f"{world.server.url}/.well-known/did.json") as answer:
        document = await answer.json(content_type=None)
    assert document["id"] == world.audience
    assert document["service"] == [{"id": "#tonearm", "type": "TonearmAppView", "serviceEndpoint": world.server.url}]


async def test_a_stranger_may_read_and_nothing_else(world: World):
    play = {"title": "Cloudbusting", "artist": "Kate Bush"}
    status, answer = await world.server.tell(SCROBBLE, play, token=world.token(SCROBBLE))
    assert (status, answer["error"]) == (403, "Forbidden")


async def test_whoever_has_an_account_may_scrobble_but_has_no_role_and_may_not_manage(world: World):
    account = await world.server.core.accounts.add_remote(DID, "carol.test", "https://pds.example")
    await world.server.core.accounts.grant(account.name, "administrator")
    play = {"title": "Cloudbusting", "artist": "Kate Bush"}
    status, answer = await world.server.tell(SCROBBLE, play, token=world.token(SCROBBLE))
    assert status == 200, answer
    principal = await world.server.core.accounts.service_principal(DID)
    assert (principal.actor_id, principal.role, sorted(principal.scopes)) == (
        account.actor_id, "none", ["read", "scrobble"]
    )  # fmt: skip


@pytest.mark.parametrize("method", ["", "/profile", "app.rocksky.actor.getProfile"])
async def test_what_is_no_method_takes_no_service_token(world: World, method: str):
    await world.server.core.accounts.add_remote(DID, "carol.test", "https://pds.example")
    headers = {"Authorization": f"Bearer {world.token(method)}"}
    async with world.server.http.get(f"{world.server.url}/profile", headers=headers) as answer:
        assert (answer.status, (await answer.json())["error"]) == (401, "InvalidToken")


async def test_an_account_of_the_built_in_pds_calls_with_its_own_token(world: World):
    server = world.server
    who = await server.create_account()
    token = await server.core.pds.service_auth.token(who.did, world.audience, QUEUE, None)
    assert (await world.ask(token))[0] == 200
    assert world.directory.log == []


async def test_a_deactivated_account_has_no_say(world: World):
    server = world.server
    who = await server.create_account()
    await server.core.lifecycle.deactivate(who.actor_id)
    token = await server.core.pds.service_auth.token(who.did, world.audience, QUEUE, None)
    assert (await world.ask(token))[0] == 401


NOW = int(time.time())


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "did:web:elsewhere.example"},
        {"aud": None},
        {"aud": ["AUDIENCE"]},
        {"aud": "AUDIENCE#other"},
        {"aud": "AUDIENCE#"},
        {"lxm": "app.rocksky.scrobble.getScrobble"},
        {"lxm": "*"},
        {"lxm": None},
        {"lxm": [QUEUE]},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": 10**400},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": NOW + 7200},
        {"iat": None},
        {"iat": NOW + 3600, "exp": NOW + 3660},
        {"iat": NOW - 86_400},
        {"iat": -1},
        {"nbf": NOW + 3600},
        {"nbf": "now"},
        {"jti": None},
        {"jti": ""},
        {"jti": 5},
        {"iss": None},
        {"iss": "carol.test"},
        {"iss": DID + "#atproto_labeler"},
        {"iss": [DID]},
        {"iss": OTHER},
        {"iss": "did:key:zQ3shunBKsXixLxKtC5qeSG9E4J5RkGN57im31pcTzbNQnm5w"},
        {"iss": "did:web:127.0.0.1"},
        {"iss": "did:web:[::ffff:127.0.0.1]"},
        {"iss": "did:web:169.254.169.254"},
    ],
)
async def test_a_claim_that_is_wrong_is_refused(world: World, changes: dict[str, Any]):
    named = {k: json.loads(json.dumps(v).replace("AUDIENCE", world.audience)) for k, v in changes.items()}
    await world.refused(world.token(**named))


async def test_an_expired_token_is_refused_by_that_name(world: World):
    now = int(time.time())
    await world.refused(world.token(iat=now - 70, exp=now - 10), error="ExpiredToken")


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "at+jwt"},
        {"typ": "refresh+jwt"},
        {"typ": "dpop+jwt"},
        {"typ": None},
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "ES256"},
        {"alg": "ES384"},
        {"alg": "RS256"},
        {"alg": ["ES256K"]},
        {"crit": ["b64"], "b64": False},
    ],
)
async def test_a_header_that_is_wrong_is_refused(world: World, header: dict[str, Any]):
    await world.refused(signed(world.key, world.claims(), header))


async def test_an_algorithm_of_the_other_curve_is_refused(tmp_path: Path):
    async with running_world(tmp_path, "p256") as world:
        await world.refused(signed(world.key, world.claims(), {"alg": "ES256K"}))


@pytest.mark.parametrize("curve", CURVES)
async def test_a_signature_must_be_there_and_be_the_callers_and_be_low(tmp_path: Path, curve: str):
    async with running_world(tmp_path, curve) as world:
        good = world.token()
        text, _, signature = good.rpartition(".")
        stolen = f"{text.split('.')[0]}.{b64(json.dumps(world.claims(iss=OTHER)).encode())}.{signature}"
        for bad in (
            f"{text}.",
            text,
            f"{text}.{signature[:-4]}",
            f"{text}.{signature}AA",
            f"{text}.{b64(bytes(64))}",
            f"{text}.{b64(bytes([255] * 64))}",
            stolen,
            signed(SigningKey.generate(curve), world.claims()),
            signed(world.key, world.claims(), high_s=True),
        ):
            await world.refused(bad)
        assert (await world.ask(good))[0] == 200


@pytest.mark.parametrize("name", ["public_multibase", "did_key"])
async def test_a_mac_made_with_the_public_key_is_refused(world: World, name: str):
    secret = getattr(world.key, name)().encode()
    text = f"{b64(json.dumps({'typ': 'JWT', 'alg': 'HS256'}).encode())}.{b64(json.dumps(world.claims()).encode())}"
    mac = b64(hmac.digest(secret, text.encode(), hashlib.sha256))
    status, _ = await world.ask(f"{text}.{mac}")
    assert status in (400, 401)


@pytest.mark.parametrize(
    "token",
    ["a.b.c", "...", "eyJhbGciOiJFUzI1NksifQ", "eyJhbGciOiJFUzI1NksifQ..", "eyJhbGciOiJFUzI1NksifQ.W10.AA"],
)
async def test_what_is_no_token_is_refused(world: World, token: str):
    status, error = await world.ask(token)
    assert (status in (400, 401), error) == (True, "InvalidToken")


async def test_claims_that_no_parser_should_choke_on_are_refused(world: World):
    head = b64(b'{"typ":"JWT","alg":"ES256K"}')
    for claims in (b"[" * 2000, b"\xff", b"null", b'{"iss":' + b"9" * 2500 + b"}", b'{"jti":"\\ud800"}'):
        text = f"{head}.{b64(claims)}"
        await world.refused(f"{text}.{b64(world.key.sign(text.encode()))}")
    await world.refused(world.token(pad="x" * 5000), status=400)  # too long to be looked at
    assert (await world.ask(world.token(jti="\ud800")))[0] == 200


async def test_a_token_is_taken_once(world: World):
    token = world.token()
    assert (await world.ask(token))[0] == 200
    await world.refused(token)
    both = await asyncio.gather(*(world.ask(again) for again in [world.token()] * 8))
    assert sorted(status for status, _ in both) == [200] + [401] * 7


async def test_a_refused_token_is_not_used_up(world: World):
    token = world.token()
    wrong_method, _ = await world.ask(token, SCROBBLES)
    assert wrong_method == 401
    assert (await world.ask(token))[0] == 200


async def test_a_new_key_is_found_by_asking_once_more(world: World):
    assert (await world.ask(world.token()))[0] == 200
    old, world.key = world.key, SigningKey.generate("p256")
    world.publish(world.key)
    assert (await world.ask(world.token()))[0] == 200
    await world.refused(signed(old, world.claims()))
    path = world.directory.path_of(DID)
    assert len(world.directory.asked(path)) <= 3


async def test_forged_tokens_do_not_make_us_ask_again_and_again(world: World):
    assert (await world.ask(world.token()))[0] == 200
    stranger = SigningKey.generate("k256")
    for _ in range(20):
        await world.refused(signed(stranger, world.claims()))
    assert len(world.directory.log) <= 3


async def test_a_caller_without_a_document_is_refused_and_one_that_nobody_can_look_up_may_come_again(world: World):
    await world.refused(signed(world.key, world.claims(iss=OTHER)))
    path = world.directory.path_of(DID)
    world.directory.instead[path] = garbage("busy", status=503)
    status, error = await world.ask(world.token())
    assert (status, error) == (502, "UpstreamFailure")


@pytest.mark.parametrize(
    "document",
    [
        {"id": OTHER},
        {"verificationMethod": []},
        {"verificationMethod": [{"id": f"{DID}#other", "type": "Multikey", "publicKeyMultibase": "KEY"}]},
        {"verificationMethod": [{"id": "#atproto", "type": "JsonWebKey2020", "publicKeyMultibase": "KEY"}]},
        {"verificationMethod": [{"id": "#atproto", "type": "Multikey", "publicKeyMultibase": "zNoKey"}]},
        {"verificationMethod": {"id": "#atproto"}},
    ],
)
async def test_a_document_without_the_callers_key_opens_nothing(world: World, document: dict[str, Any]):
    text = json.dumps(document).replace("KEY", world.key.public_multibase())
    world.directory.documents[DID] |= json.loads(text)
    await world.refused(world.token())


async def test_a_document_that_redirects_into_our_own_network_is_not_followed(world: World):
    world.directory.instead[world.directory.path_of(DID)] = redirect(f"{world.server.url}/xrpc/_health")
    assert (await world.ask(world.token()))[1] == "UpstreamFailure"


async def test_a_document_that_does_not_come_holds_up_nobody_else(world: World):
    world.directory.instead[world.directory.path_of(DID)] = slow()
    waiting = asyncio.create_task(world.ask(world.token()))
    await asyncio.sleep(0.05)
    started = time.monotonic()
    assert (await world.server.ask(SCROBBLES))[0] == 200
    assert time.monotonic() - started < 2
    waiting.cancel()


async def test_the_document_of_a_web_host_counts_as_well(tmp_path: Path):
    async with running_world(tmp_path) as world:
        did = world.directory.web_did
        world.publish(world.key, did)
        assert (await world.ask(signed(world.key, world.claims(iss=did))))[0] == 200


async def test_no_token_is_in_the_log(world: World, caplog: pytest.LogCaptureFixture):
    caplog.set_level("DEBUG")
    tokens = [world.token(), world.token(aud="did:web:x"), signed(SigningKey.generate("k256"), world.claims())]
    for token in tokens:
        await world.ask(token)
    assert not [token for token in tokens if token.rpartition(".")[2] in caplog.text]
