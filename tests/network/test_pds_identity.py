"""Handles and service tokens, on the reference PDS and on ours."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from atproto_server.auth.jwt import parse_jwt, verify_jwt_async

from tests.network.xrpc_calls import Xrpc

if TYPE_CHECKING:
    import aiohttp

    from tests.network.targets import Target
    from tests.support.real_pds import RealAccount, RealPds

AUDIENCE = "did:web:scrobble.example"
METHOD = "app.rocksky.scrobble.createScrobble"


async def test_a_handle_resolves_to_its_account(target: Target):
    told = await target.anyone.ask("com.atproto.identity.resolveHandle", handle=target.account.handle)
    assert told == {"did": target.did}


async def test_an_unknown_handle_does_not_resolve(target: Target):
    domain = target.account.handle.partition(".")[2]
    reply = await target.anyone.get("com.atproto.identity.resolveHandle", handle=f"nobody-at-all.{domain}")
    assert reply.status == 400


async def test_what_is_no_handle_is_refused(target: Target):
    reply = await target.anyone.get("com.atproto.identity.resolveHandle", handle="no handle")
    assert reply.status == 400
    assert reply.error == "InvalidRequest"


@pytest.mark.needs_node
async def test_the_real_pds_describes_the_document_that_is_in_its_directory(
    real_pds: RealPds, real_account: RealAccount, http: aiohttp.ClientSession
):
    described = await Xrpc(http, real_pds.url).ask("com.atproto.repo.describeRepo", repo=real_account.did)
    async with http.get(f"{real_pds.plc_url}/{real_account.did}") as answer:
        assert await answer.json(content_type=None) == described["didDoc"]


async def test_a_service_token_is_signed_by_the_account_for_one_method(target: Target):
    expiry = int(time.time()) + 60
    token = (await target.api.ask("com.atproto.server.getServiceAuth", aud=AUDIENCE, lxm=METHOD, exp=expiry))["token"]
    key = await target.signing_key()

    async def key_of(issuer: str, _refresh: bool) -> str:
        assert issuer == target.did
        return key

    payload = await verify_jwt_async(token, key_of, own_did=AUDIENCE)
    assert payload.iss == target.did
    assert payload.aud == AUDIENCE
    assert payload.exp == expiry
    assert payload.lxm == METHOD
    assert payload.jti
    header = parse_jwt(token)[2]
    assert header["typ"] == "JWT"
    assert header["alg"] in ("ES256K", "ES256")


async def test_service_tokens_differ_and_expire_within_a_minute_by_default(target: Target):
    tokens = [
        (await target.api.ask("com.atproto.server.getServiceAuth", aud=AUDIENCE, lxm=METHOD))["token"] for _ in range(2)
    ]
    assert tokens[0] != tokens[1]

    async def key_of(_issuer: str, _refresh: bool) -> str:
        return await target.signing_key()

    payload = await verify_jwt_async(tokens[0], key_of, own_did=AUDIENCE)
    assert 0 < payload.exp - time.time() <= 61


@pytest.mark.parametrize("case", ["in the past", "far ahead", "no method for long"])
async def test_a_service_token_of_bad_length_is_refused(target: Target, case: str):
    now = int(time.time())
    params = {
        "in the past": {"lxm": METHOD, "exp": now - 60},
        "far ahead": {"lxm": METHOD, "exp": now + 7200},
        "no method for long": {"exp": now + 600},
    }[case]
    reply = await target.api.get("com.atproto.server.getServiceAuth", aud=AUDIENCE, **params)
    assert reply.status == 400
    assert reply.error == "BadExpiration"


async def test_a_service_token_needs_a_session(target: Target):
    assert (await target.anyone.get("com.atproto.server.getServiceAuth", aud=AUDIENCE, lxm=METHOD)).status == 401
