"""Sessions, app passwords and service tokens of the built-in PDS."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from tests.support.builtin_pds import JWT_KEY, PASSWORD
from tonearm.atproto.did_key import VerifyKey
from tonearm.identity.passwords import TooManyFailuresError
from tonearm.pds.builtin.account.service_auth import BadExpirationError
from tonearm.pds.builtin.account.sessions import BELIEVED_S, GRACE_S
from tonearm.pds.builtin.account.tokens import ACCESS_LIFE_S, REFRESH_LIFE_S
from tonearm.pds.builtin.errors import (
    InvalidWriteError,
    RepoInactiveError,
    SessionError,
)

if TYPE_CHECKING:
    from tests.support.builtin_pds import World
    from tonearm.pds.builtin.host import BuiltinPds

AUDIENCE = "did:web:scrobble.example"
HERE = "192.0.2.1"


def payload(token: str, part: int = 1) -> dict[str, Any]:
    return json.loads(base64.urlsafe_b64decode(token.split(".")[part] + "=="))


async def refused(pds: BuiltinPds, token: str, name: str) -> None:
    with pytest.raises(SessionError) as error:
        await pds.session_principal(token)
    assert error.value.name == name


async def test_a_password_opens_a_session_of_two_hours_and_ninety_days(pds: BuiltinPds, world: World, did: str) -> None:
    login = await pds.sessions.open("alice.test", PASSWORD, HERE)
    access, refresh = payload(login.access_jwt), payload(login.refresh_jwt)
    assert payload(login.access_jwt, 0) == {"typ": "at+jwt", "alg": "HS256"}
    assert payload(login.refresh_jwt, 0) == {"typ": "refresh+jwt", "alg": "HS256"}
    assert (access["sub"], access["scope"], access["aud"]) == (did, "com.atproto.access", pds.service_did)
    assert access["exp"] - access["iat"] == ACCESS_LIFE_S
    assert refresh["exp"] - refresh["iat"] == REFRESH_LIFE_S
    assert (await pds.session_principal(login.access_jwt)).scopes == {"repo", "account", "privileged"}
    assert (await pds.session_principal(login.refresh_jwt)).scopes == {"refresh"}
    world.clock.now += ACCESS_LIFE_S
    await refused(pds, login.access_jwt, "ExpiredToken")


@pytest.mark.parametrize(("identifier", "password"), [("alice.test", "wrong"), ("nobody.test", PASSWORD), ("", "")])
async def test_wrong_credentials_open_nothing(pds: BuiltinPds, did: str, identifier: str, password: str) -> None:
    with pytest.raises(SessionError) as error:
        await pds.sessions.open(identifier, password, HERE)
    assert error.value.name == "AuthenticationRequired"


async def test_wrong_passwords_are_limited_until_time_has_passed(pds: BuiltinPds, world: World, did: str) -> None:
    for _ in range(10):
        with pytest.raises(SessionError):
            await pds.sessions.open("alice.test", "wrong", HERE)
    with pytest.raises(TooManyFailuresError) as error:
        await pds.sessions.open("alice.test", PASSWORD, HERE)
    with pytest.raises(TooManyFailuresError):
        await pds.sessions.open(did, PASSWORD, HERE)
    _, secret = await pds.sessions.app_passwords.create(await pds.accounts.named(did), "player", 1, privileged=False)
    assert (await pds.sessions.open(did, secret, HERE)).repo.did == did, "an app password cannot be guessed"
    world.clock.now += error.value.retry_after_s + 1
    assert (await pds.sessions.open("alice.test", PASSWORD, HERE)).repo.did == did


async def test_a_refresh_token_is_exchanged_once_and_again_only_in_the_grace_time(
    pds: BuiltinPds, world: World, did: str
) -> None:
    first = await pds.sessions.open("alice.test", PASSWORD, HERE)
    second = await pds.sessions.renew(first.refresh_jwt)
    again = await pds.sessions.renew(first.refresh_jwt)
    assert payload(again.refresh_jwt)["jti"] == payload(second.refresh_jwt)["jti"]
    assert payload(second.refresh_jwt)["jti"] != payload(first.refresh_jwt)["jti"]
    third = await pds.sessions.renew(again.refresh_jwt)
    world.clock.now += GRACE_S + 1
    await pds.sessions.renew(third.refresh_jwt)
    with pytest.raises(SessionError) as error:
        await pds.sessions.renew(first.refresh_jwt)
    assert error.value.name == "ExpiredToken"
    with pytest.raises(SessionError):
        await pds.sessions.renew(third.refresh_jwt)
    assert await world.rows("SELECT COUNT(*) FROM pds_session") == [(0,)]


async def test_a_closed_session_ends_its_access_tokens_too(pds: BuiltinPds, world: World, did: str) -> None:
    login, other = [await pds.sessions.open("alice.test", PASSWORD, HERE) for _ in range(2)]
    await pds.session_principal(login.access_jwt)
    await pds.sessions.close(login.refresh_jwt)
    await refused(pds, login.access_jwt, "ExpiredToken")
    with pytest.raises(SessionError):
        await pds.sessions.renew(login.refresh_jwt)
    assert (await pds.session_principal(other.access_jwt)).did == did


async def test_a_session_closed_in_another_process_ends_within_seconds(pds: BuiltinPds, world: World, did: str) -> None:
    login = await pds.sessions.open("alice.test", PASSWORD, HERE)
    await pds.session_principal(login.access_jwt)
    await world.do("DELETE FROM pds_session")
    world.clock.now += BELIEVED_S + 0.1
    await refused(pds, login.access_jwt, "ExpiredToken")


def forged(claims: dict[str, Any], key: bytes = JWT_KEY, **header: Any) -> str:
    head = {"alg": "HS256", "typ": "at+jwt", **header}
    return jwt.encode(head, claims, OctKey.import_key(key), algorithms=["HS256", "HS512"])


async def test_tokens_that_are_not_quite_ours_are_refused(pds: BuiltinPds, world: World, did: str) -> None:
    login = await pds.sessions.open("alice.test", PASSWORD, HERE)
    good = payload(login.access_jwt)
    assert (await pds.session_principal(forged(good))).did == did
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').decode().rstrip("=")
    bad = [
        "",
        "x",
        "a.b.c",
        "." * 5000,
        forged(good, b"another key of at least 32 bytes!"),
        forged(good, alg="HS512"),
        forged(good, typ="JWT"),
        forged(good | {"aud": AUDIENCE}),
        forged(good | {"scope": "com.atproto.refresh"}),
        forged(good | {"scope": "com.atproto.other"}),
        forged({key: value for key, value in good.items() if key != "exp"}),
        forged({key: value for key, value in good.items() if key != "sid"}),
        f"{none}.{login.access_jwt.split('.')[1]}.",
    ]
    for token in bad:
        await refused(pds, token, "InvalidToken")


async def test_a_key_that_is_too_short_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="32"):
        world.host(jwt_key=b"short")


async def test_an_app_password_opens_sessions_of_its_own_scope(pds: BuiltinPds, world: World, did: str) -> None:
    repo = await pds.accounts.named(did)
    _, secret = await pds.sessions.app_passwords.create(repo, "player", 1, privileged=False)
    _, other = await pds.sessions.app_passwords.create(repo, "chat", 2, privileged=True)
    assert [item.name for item in await pds.sessions.app_passwords.all_of(repo)] == ["player", "chat"]
    for identifier in ("alice.test", did, "alice", "@Alice.test"):
        login = await pds.sessions.open(identifier, secret, HERE)
        assert (await pds.session_principal(login.access_jwt)).scopes == {"repo"}
    login = await pds.sessions.open(did, other, HERE)
    assert (await pds.session_principal(login.access_jwt)).scopes == {"repo", "privileged"}
    renewed = await pds.sessions.renew(login.refresh_jwt)
    assert (await pds.session_principal(renewed.access_jwt)).scopes == {"repo", "privileged"}
    ((hint, stored),) = await world.rows("SELECT hint, secret_hash FROM pds_app_password WHERE name = 'player'")
    assert stored.startswith("$argon2id$")
    assert hint == secret[:4]
    assert secret not in stored


async def test_an_app_password_is_good_for_its_account_alone(pds: BuiltinPds, did: str) -> None:
    await pds.create_repository("bob.test")
    _, secret = await pds.sessions.app_passwords.create(await pds.accounts.named(did), "player", 1, privileged=False)
    wrong = secret[:-1] + ("a" if secret[-1] != "a" else "b")
    for identifier, password in (("bob.test", secret), ("alice.test", wrong), ("alice.test", secret.upper())):
        with pytest.raises(SessionError):
            await pds.sessions.open(identifier, password, HERE)


async def test_a_revoked_app_password_ends_its_sessions_and_no_others(pds: BuiltinPds, did: str) -> None:
    repo = await pds.accounts.named(did)
    _, secret = await pds.sessions.app_passwords.create(repo, "player", 1, privileged=False)
    theirs, own = await pds.sessions.open(did, secret, HERE), await pds.sessions.open(did, PASSWORD, HERE)
    await pds.session_principal(theirs.access_jwt)
    await pds.sessions.revoke_app_password(repo, "player")
    await refused(pds, theirs.access_jwt, "ExpiredToken")
    with pytest.raises(SessionError):
        await pds.sessions.renew(theirs.refresh_jwt)
    with pytest.raises(SessionError):
        await pds.sessions.open(did, secret, HERE)
    assert (await pds.session_principal(own.access_jwt)).did == did


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "player"])
async def test_a_name_of_an_app_password_is_short_and_used_once(pds: BuiltinPds, did: str, name: str) -> None:
    repo = await pds.accounts.named(did)
    await pds.sessions.app_passwords.create(repo, "player", 1, privileged=False)
    with pytest.raises(InvalidWriteError):
        await pds.sessions.app_passwords.create(repo, name, 1, privileged=False)


async def test_an_account_that_was_taken_down_opens_no_session(pds: BuiltinPds, did: str) -> None:
    login = await pds.sessions.open(did, PASSWORD, HERE)
    await pds.accounts.set_status(did, "takendown")
    with pytest.raises(RepoInactiveError):
        await pds.sessions.open(did, PASSWORD, HERE)
    with pytest.raises(RepoInactiveError):
        await pds.sessions.renew(login.refresh_jwt)
    await pds.accounts.set_status(did, "deactivated")
    assert (await pds.sessions.open(did, PASSWORD, HERE)).repo.status == "deactivated"


async def test_ended_tokens_are_forgotten(pds: BuiltinPds, world: World, did: str) -> None:
    await pds.sessions.open(did, PASSWORD, HERE)
    await pds.tidy()
    assert await world.rows("SELECT COUNT(*) FROM pds_session") == [(1,)]
    world.clock.now += REFRESH_LIFE_S + 1
    await pds.tidy()
    assert await world.rows("SELECT COUNT(*) FROM pds_session") == [(0,)]


async def test_a_service_token_is_signed_by_the_repositorys_key(pds: BuiltinPds, world: World, did: str) -> None:
    now = int(world.clock.now)
    token = await pds.service_auth.token(did, AUDIENCE, "app.rocksky.scrobble.createScrobble", now + 3600)
    signed, _, signature = token.rpartition(".")
    key = (await pds.accounts.did_document(did))["verificationMethod"][0]["publicKeyMultibase"]
    assert VerifyKey.from_multibase(key).verify(signed.encode(), base64.urlsafe_b64decode(signature + "=="))
    assert payload(token, 0) == {"typ": "JWT", "alg": "ES256K"}
    claims = payload(token)
    assert len(claims.pop("jti")) >= 16
    assert claims == {
        "iat": now,
        "iss": did,
        "aud": AUDIENCE,
        "exp": now + 3600,
        "lxm": "app.rocksky.scrobble.createScrobble",
    }


@pytest.mark.parametrize(("method", "ahead"), [("a.b.c", -1), ("a.b.c", 3601), (None, 61)])
async def test_a_service_token_lives_within_its_bounds(
    pds: BuiltinPds, world: World, did: str, method: str | None, ahead: int
) -> None:
    with pytest.raises(BadExpirationError):
        await pds.service_auth.token(did, AUDIENCE, method, int(world.clock.now) + ahead)
