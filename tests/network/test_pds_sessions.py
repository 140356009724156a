"""Sessions and app passwords, on the reference PDS and on ours."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.network.xrpc_calls import SCROBBLE, create, rkeys, scrobble

if TYPE_CHECKING:
    from tests.network.targets import Target
    from tests.network.xrpc_calls import Reply, Xrpc

EXPIRED_OR_INVALID = ("ExpiredToken", "InvalidToken")


def claims(jwt: str) -> dict[str, Any]:
    return json.loads(base64.urlsafe_b64decode(jwt.split(".")[1] + "=="))


def assert_token_refused(reply: Reply) -> None:
    assert reply.status in (400, 401)
    assert reply.error in EXPIRED_OR_INVALID


def assert_wrong_kind_of_token(reply: Reply) -> None:
    """The reference calls it an invalid token; a server may also say that it lacks the scope."""
    if reply.status == 403:
        assert reply.error == "Forbidden"
    else:
        assert_token_refused(reply)


async def session_with(target: Target, password: str) -> dict[str, Any]:
    return await target.anyone.ok(
        "com.atproto.server.createSession", {"identifier": target.account.handle, "password": password}
    )


async def write_one(api: Xrpc, did: str) -> Reply:
    return await api.post(
        "com.atproto.repo.applyWrites",
        {"repo": did, "validate": False, "writes": [create(rkeys(1)[0], scrobble(1))]},
    )


@pytest.mark.parametrize("identifier", ["handle", "did"])
async def test_a_session_is_made_from_a_handle_or_a_did(target: Target, identifier: str):
    session = await target.anyone.ok(
        "com.atproto.server.createSession",
        {"identifier": getattr(target.account, identifier), "password": target.account.password},
    )
    assert session["did"] == target.did
    assert session["handle"] == target.account.handle
    assert session["active"] is True
    assert claims(session["accessJwt"])["sub"] == target.did
    assert claims(session["refreshJwt"])["scope"] == "com.atproto.refresh"

    told = await target.anyone.with_token(session["accessJwt"]).ask("com.atproto.server.getSession")
    assert told["did"] == target.did
    assert told["handle"] == target.account.handle
    assert told["active"] is True


@pytest.mark.parametrize("change", [{"password": "wrong"}, {"identifier": "nobody.test"}])
async def test_wrong_credentials_are_refused_alike(target: Target, change: dict[str, str]):
    body = {"identifier": target.account.handle, "password": target.account.password} | change
    reply = await target.anyone.post("com.atproto.server.createSession", body)
    assert reply.status == 401
    assert reply.error == "AuthenticationRequired"


async def test_a_refreshed_session_works_and_an_access_token_cannot_refresh(target: Target):
    session = await session_with(target, target.account.password)
    assert_wrong_kind_of_token(await target.api.post("com.atproto.server.refreshSession"))

    refresher = target.anyone.with_token(session["refreshJwt"])
    fresh = await refresher.ok("com.atproto.server.refreshSession")
    assert fresh["did"] == target.did
    assert fresh["handle"] == target.account.handle
    assert claims(fresh["refreshJwt"])["jti"] != claims(session["refreshJwt"])["jti"]
    told = await target.anyone.with_token(fresh["accessJwt"]).ask("com.atproto.server.getSession")
    assert told["did"] == target.did


async def test_a_refresh_token_makes_one_session_however_often_it_is_used(target: Target):
    session = await session_with(target, target.account.password)
    refresher = target.anyone.with_token(session["refreshJwt"])
    first = await refresher.ok("com.atproto.server.refreshSession")
    again = await refresher.post("com.atproto.server.refreshSession")
    # The reference allows the same rotation again for a while, in case its answer was lost; a PDS may also refuse.
    if again.status == 200:
        assert claims(again.json["refreshJwt"])["jti"] == claims(first["refreshJwt"])["jti"]
    else:
        assert_token_refused(again)


async def test_a_refresh_token_is_no_access_token(target: Target):
    session = await session_with(target, target.account.password)
    holder = target.anyone.with_token(session["refreshJwt"])
    assert_wrong_kind_of_token(await holder.get("com.atproto.server.getSession"))
    assert_wrong_kind_of_token(await write_one(holder, target.did))
    assert await target.records() == {}


async def test_a_deleted_session_cannot_be_refreshed(target: Target):
    session = await session_with(target, target.account.password)
    holder = target.anyone.with_token(session["refreshJwt"])
    reply = await holder.post("com.atproto.server.deleteSession")
    assert reply.status == 200
    assert_token_refused(await holder.post("com.atproto.server.refreshSession"))


async def test_an_app_password_writes_and_makes_no_further_app_passwords(target: Target):
    made = await target.api.ok("com.atproto.server.createAppPassword", {"name": "player"})
    assert made["name"] == "player"
    assert len(made["password"]) >= 16
    listed = await target.api.ask("com.atproto.server.listAppPasswords")
    entry = next(p for p in listed["passwords"] if p["name"] == "player")
    assert "password" not in entry
    assert entry["createdAt"] == made["createdAt"]

    session = await session_with(target, made["password"])
    assert claims(session["accessJwt"])["scope"].startswith("com.atproto.appPass")
    holder = target.anyone.with_token(session["accessJwt"])
    assert (await write_one(holder, target.did)).status == 200
    assert len(await target.records(SCROBBLE)) == 1
    reply = await holder.post("com.atproto.server.createAppPassword", {"name": "another"})
    assert reply.status in (400, 401, 403)


async def test_a_name_of_an_app_password_is_used_once(target: Target):
    first = await target.api.ok("com.atproto.server.createAppPassword", {"name": "player"})
    reply = await target.api.post("com.atproto.server.createAppPassword", {"name": "player"})
    assert reply.status >= 400  # a bare 500 on the reference
    assert (await session_with(target, first["password"]))["did"] == target.did


async def test_a_revoked_app_password_ends_its_sessions(target: Target):
    made = await target.api.ok("com.atproto.server.createAppPassword", {"name": "lost phone"})
    session = await session_with(target, made["password"])
    await target.api.ok("com.atproto.server.revokeAppPassword", {"name": "lost phone"})
    reply = await target.anyone.post(
        "com.atproto.server.createSession", {"identifier": target.did, "password": made["password"]}
    )
    assert reply.status == 401
    refresher = target.anyone.with_token(session["refreshJwt"])
    assert_token_refused(await refresher.post("com.atproto.server.refreshSession"))
    listed = await target.api.ask("com.atproto.server.listAppPasswords")
    assert "lost phone" not in [p["name"] for p in listed["passwords"]]


@pytest.mark.parametrize("token", [None, "nonsense", "a.b.c"])
async def test_without_a_good_token_nothing_is_written(target: Target, token: str | None):
    reply = await write_one(target.anyone.with_token(token), target.did)
    assert reply.status == 401 or (reply.status == 400 and reply.error in EXPIRED_OR_INVALID)
    assert await target.records() == {}


async def test_a_token_of_one_account_does_not_write_for_another(target: Target):
    stranger = await target.login(await target.new_account())
    reply = await write_one(stranger, target.did)
    assert reply.status in (400, 401, 403)
    assert await target.records() == {}
