"""The hostile peers notice what a client does wrong: without this, a test of an honest login would prove nothing."""

from __future__ import annotations

import json
import secrets
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from tests.support.hostile import HostileWorld
from tests.support.hostile.authorization import PAR, REVOKE, TOKEN
from tests.support.hostile.pds import APPLY_WRITES
from tests.support.hostile.proofs import b64, hashed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

REDIRECT = "http://127.0.0.1:9/cb"
SCOPE = "atproto repo:app.rocksky.scrobble"
CLIENT_ID = "http://localhost?" + urlencode({"redirect_uri": REDIRECT, "scope": SCOPE})
VERIFIER = secrets.token_urlsafe(32)


class SmallClient:
    """A public client written down as the RFCs say; `header` and `claims` change its proofs."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http
        self.header: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}
        self.nonces: dict[str, str] = {}
        self.new_key()

    def new_key(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        numbers = self.key.public_key().public_numbers()
        x, y = (b64(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        self.jwk = {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    def proof(self, method: str, url: str, token: str | None) -> str:
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk, **self.header}
        claims = {"jti": secrets.token_urlsafe(12), "htm": method, "htu": url, "iat": int(time.time())}
        claims |= {"nonce": self.nonces[origin]} if origin in self.nonces else {}
        claims |= {"ath": hashed(token)} if token else {}
        signed = ".".join(b64(json.dumps(part).encode()) for part in (header, claims | self.claims))
        r, s = decode_dss_signature(self.key.sign(signed.encode(), ec.ECDSA(SHA256())))
        return f"{signed}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    async def post(self, url: str, *, token: str | None = None, **body: Any) -> tuple[int, Any]:
        headers = {"DPoP": self.proof("POST", url, token)}
        if token:
            headers["Authorization"] = f"DPoP {token}"
        async with self.http.post(url, headers=headers, **body) as answer:
            self.nonces["{0.scheme}://{0.netloc}".format(urlsplit(url))] = answer.headers["DPoP-Nonce"]
            return answer.status, await answer.json() if answer.content_type == "application/json" else None

    async def form(self, url: str, **form: str) -> tuple[int, Any]:
        return await self.post(url, data={"client_id": CLIENT_ID, **form})

    async def push(self, world: HostileWorld, **changes: str) -> tuple[int, Any]:
        asked = {
            "response_type": "code",
            "code_challenge_method": "S256",
            "code_challenge": hashed(VERIFIER),
            "state": secrets.token_urlsafe(24),
            "redirect_uri": REDIRECT,
            "scope": SCOPE,
        }
        return await self.form(world.authority.origin + PAR, **{**asked, **changes})

    async def log_in(self, world: HostileWorld, **changes: str) -> tuple[int, Any]:
        status, _ = await self.push(world)
        assert status == 400, "the first request has no nonce"
        status, pushed = await self.push(world)
        assert status == 201, pushed
        query = {"client_id": CLIENT_ID, "request_uri": pushed["request_uri"]}
        url = f"{world.authority.origin}/oauth/authorize?{urlencode(query)}"
        async with self.http.get(url, allow_redirects=False) as answer:
            self.callback = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
        return await self.exchange(world, **changes)

    async def exchange(self, world: HostileWorld, **changes: str) -> tuple[int, Any]:
        form = {"grant_type": "authorization_code", "code": self.callback["code"], "redirect_uri": REDIRECT}
        return await self.form(world.authority.origin + TOKEN, **{**form, "code_verifier": VERIFIER, **changes})

    async def write(self, world: HostileWorld, did: str, token: str, collection: str) -> tuple[int, Any]:
        write = {"$type": "com.atproto.repo.applyWrites#create", "collection": collection, "rkey": "3l", "value": {}}
        body = {"repo": did, "writes": [write]}
        return await self.post(world.pds.origin + APPLY_WRITES, token=token, json=body)


@pytest.fixture
async def client() -> AsyncIterator[SmallClient]:
    async with aiohttp.ClientSession() as http:
        yield SmallClient(http)


async def test_an_honest_client_logs_in_writes_refreshes_and_revokes(world: HostileWorld, client: SmallClient) -> None:
    rosa = world.person("rosa")
    status, tokens = await client.log_in(world)
    assert (status, tokens["sub"], tokens["token_type"]) == (200, rosa.did, "DPoP")
    assert client.callback["iss"] == world.authority.origin
    assert (await client.write(world, rosa.did, tokens["access_token"], "app.rocksky.scrobble"))[0] == 401
    assert (await client.write(world, rosa.did, tokens["access_token"], "app.rocksky.scrobble"))[0] == 200
    assert (await client.write(world, rosa.did, tokens["access_token"], "app.bsky.feed.post"))[0] == 403
    token_url = world.authority.origin + TOKEN
    status, newer = await client.form(token_url, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert status == 200
    assert (await client.form(world.authority.origin + REVOKE, token=newer["refresh_token"]))[0] == 200
    assert (world.live, world.complaints) == ([], [])


@pytest.mark.parametrize(
    ("header", "claims", "complaint"),
    [
        ({"typ": "JWT"}, {}, "typ"),
        ({"alg": "none"}, {}, "alg is none"),
        ({"jwk": {}}, {}, "no P-256 key"),
        ({}, {"htm": "GET"}, "made for GET"),
        ({}, {"htu": "https://other.example/"}, "made for POST https://other.example/"),
        ({}, {"iat": 1}, "iat"),
        ({}, {"jti": "short"}, "jti"),
        ({}, {"jti": "the-same-each-time"}, "used before"),
        ({}, {"nonce": "made-up-by-the-client"}, "nonce"),
        ({}, {"ath": "x"}, "ath"),
    ],
)
async def test_a_proof_that_is_not_good_is_refused(
    world: HostileWorld, client: SmallClient, header: dict[str, Any], claims: dict[str, Any], complaint: str
) -> None:
    world.person("rosa")
    client.header, client.claims = header, claims
    await client.push(world)
    status, said = await client.push(world)
    assert (status, said["error"]) == (401, "invalid_client")
    assert complaint in world.complaints[-1]


async def test_a_code_serves_once_and_only_its_own_verifier_and_key(world: HostileWorld, client: SmallClient) -> None:
    world.person("rosa")
    assert (await client.log_in(world, code_verifier="x" * 43))[0] == 400
    client.nonces.clear()
    assert (await client.log_in(world))[0] == 200
    assert (await client.exchange(world))[1]["error_description"] == "the code was used before"
    assert [grant.ended for grant in world.authority.grants] == ["code replayed"]


async def test_a_replayed_refresh_token_ends_the_session(world: HostileWorld, client: SmallClient) -> None:
    world.person("rosa")
    _, tokens = await client.log_in(world)
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert (await client.form(world.authority.origin + TOKEN, **form))[0] == 200
    assert (await client.form(world.authority.origin + TOKEN, **form))[0] == 400
    assert world.live == []


@pytest.mark.parametrize(
    "change",
    [
        {"code_challenge_method": "plain"},
        {"code_challenge": "short"},
        {"state": "1"},
        {"redirect_uri": "https://other.example/cb"},
        {"scope": "repo:app.rocksky.scrobble"},
        {"scope": f"{SCOPE} transition:generic"},
        {"response_type": "token"},
    ],
)
async def test_a_request_outside_the_profile_is_refused(
    world: HostileWorld, client: SmallClient, change: dict[str, str]
) -> None:
    await client.push(world)
    status, _ = await client.push(world, **change)
    assert status == 400
    assert len(world.complaints) == 1
