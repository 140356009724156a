"""Accounts on the real PDS: their profile is followed, their records and sessions end with them. Real directory too."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.server import Person, Server, running_server
from tonearm.atproto import did_plc
from tonearm.atproto.car import read_car
from tonearm.atproto.did_key import SigningKey
from tonearm.services.plc_submission import PlcSubmission

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import aiohttp

    from tests.support.real_pds import RealAccount, RealPds

pytestmark = pytest.mark.needs_node

ACCOUNT = "app.tonearm.account"
COLLECTIONS = ("app.rocksky.scrobble", "app.rocksky.song", "app.rocksky.album", "app.rocksky.artist")
PLAYS = 130
"""More than one batch of deletions."""


@asynccontextmanager
async def server_beside(real_pds: RealPds, folder: Path, **settings: Any) -> AsyncIterator[Server]:
    async with running_server(folder, plc_url=real_pds.plc_url, handle_resolver_url=real_pds.url, **settings) as server:
        yield server


async def logged_in(server: Server, account: RealAccount) -> Person:
    made = await server.core.password_logins.log_in(account.handle, account.app_password, address=None)
    token = await server.core.api_tokens.create(made.actor_id, "test")
    return Person(made.name, made.handle, made.did, made.actor_id, account.password, token)


async def call(
    server: Server, real_pds: RealPds, nsid: str, body: Any = None, *, token: str = "", **params: str
) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    verb = "GET" if body is None else "POST"
    given = {"json": body} if body else {}
    async with server.http.request(
        verb, f"{real_pds.url}/xrpc/{nsid}", params=params, headers=headers, **given
    ) as answer:
        text = await answer.read()
        return answer.status, json.loads(text) if text else None


async def own_session(server: Server, real_pds: RealPds, account: RealAccount) -> str:
    login = {"identifier": account.handle, "password": account.password}
    status, session = await call(server, real_pds, "com.atproto.server.createSession", login)
    assert status == 200, session
    return session["accessJwt"]


async def records(server: Server, real_pds: RealPds, did: str, collection: str) -> list[Any]:
    params = {"repo": did, "collection": collection, "limit": "100"}
    status, page = await call(server, real_pds, "com.atproto.repo.listRecords", **params)
    assert status == 200, page
    return page["records"]


async def put_profile(server: Server, real_pds: RealPds, account: RealAccount, token: str, **more: Any) -> None:
    body = {"repo": account.did, "collection": "app.bsky.actor.profile", "rkey": "self", "record": more}
    body["record"]["$type"] = "app.bsky.actor.profile"
    status, answer = await call(server, real_pds, "com.atproto.repo.putRecord", body, token=token)
    assert status == 200, answer


async def play_many(server: Server, who: Person) -> None:
    for number in range(PLAYS):
        await server.scrobble(who, title=f"Song {number}", artist="X", album="Y", timestamp=1_600_000_000 + number)


async def deleted(server: Server, who: Person, what: str) -> dict[str, Any]:
    body = {"did": who.did, "records": what}
    status, answer = await server.tell(f"{ACCOUNT}.requestDelete", body, token=who.token)
    assert status == 200, answer
    for _ in range(600):
        _, now = await server.ask(f"{ACCOUNT}.getDeletion", id=answer["deletion"]["id"])
        if "finishedAt" in now["deletion"]:
            return now["deletion"]
        await asyncio.sleep(0.05)
    raise AssertionError(now)


async def test_records_are_deleted_from_the_pds_when_that_is_asked_and_the_session_ends_there(
    real_pds: RealPds, real_account: RealAccount, tmp_path: Path
):
    async with server_beside(real_pds, tmp_path) as server:
        who = await logged_in(server, real_account)
        await put_profile(server, real_pds, real_account, await own_session(server, real_pds, real_account))
        await play_many(server, who)
        await server.drained()
        session = await server.core.sessions.load(who.did)
        assert session is not None
        # Somebody else's program deletes one meanwhile: the batch that has it is refused as a whole.
        gone = (await records(server, real_pds, who.did, COLLECTIONS[0]))[0]["uri"].rsplit("/", 1)[1]
        body = {"repo": who.did, "collection": COLLECTIONS[0], "rkey": gone}
        token = await own_session(server, real_pds, real_account)
        assert (await call(server, real_pds, "com.atproto.repo.deleteRecord", body, token=token))[0] == 200

        deletion = await deleted(server, who, "delete")
        assert (deletion["records"], deletion["done"], deletion.get("note")) == ("delete", PLAYS, None)
        for collection in COLLECTIONS:
            assert await records(server, real_pds, who.did, collection) == [], collection
        assert len(await records(server, real_pds, who.did, "app.bsky.actor.profile")) == 1, "not ours"
        status, answer = await call(
            server, real_pds, "com.atproto.server.refreshSession", {}, token=session.refresh_jwt
        )
        assert (status, answer["error"]) == (400, "ExpiredToken")


async def test_records_are_kept_when_that_is_asked_also_those_that_were_on_their_way(
    real_pds: RealPds, real_account: RealAccount, tmp_path: Path
):
    async with server_beside(real_pds, tmp_path, outbox_linger_s=30) as server:
        who = await logged_in(server, real_account)
        await server.scrobble(who, title="Kept", artist="X", timestamp=1_600_000_000)
        assert await records(server, real_pds, who.did, COLLECTIONS[0]) == []
        deletion = await deleted(server, who, "keep")
        assert deletion["records"] == "keep"
        (kept,) = await records(server, real_pds, who.did, COLLECTIONS[0])
        assert kept["value"]["title"] == "Kept"
        status, _ = await server.ask("app.rocksky.actor.getProfile", did=who.did)
        assert status == 400


async def test_records_stay_with_a_note_when_the_pds_lets_nobody_delete_them(
    real_pds: RealPds, real_account: RealAccount, tmp_path: Path
):
    async with server_beside(real_pds, tmp_path) as server:
        who = await logged_in(server, real_account)
        await server.scrobble(who, title="Stays", artist="X", timestamp=1_600_000_000)
        await server.drained()
        session = await server.core.sessions.load(who.did)
        assert session is not None
        broken = type(session)(who.did, who.handle, session.pds_url, "gone", "gone")
        await server.core.sessions.save(who.did, broken)
        deletion = await deleted(server, who, "delete")
        assert deletion["records"] == "kept"
        assert "still in your repository" in deletion["note"]
        assert len(await records(server, real_pds, who.did, COLLECTIONS[0])) == 1


async def test_an_export_brings_the_repository_from_the_pds(
    real_pds: RealPds, real_account: RealAccount, tmp_path: Path
):
    async with server_beside(real_pds, tmp_path) as server:
        who = await logged_in(server, real_account)
        await server.scrobble(who, title="Kept", artist="X", timestamp=1_600_000_000)
        await server.drained()
        headers = {"Authorization": f"Bearer {who.token}"}
        async with server.http.get(f"{server.url}/xrpc/{ACCOUNT}.export", headers=headers) as answer:
            opened = zipfile.ZipFile(io.BytesIO(await answer.read()))
        _, blocks = read_car(opened.read("repository.car"))
        assert any(b"Kept" in block for _, block in blocks)
        assert real_pds.url in opened.read("repository.txt").decode()


async def test_profile_and_handle_follow_the_pds(real_pds: RealPds, real_account: RealAccount, tmp_path: Path):
    async with server_beside(real_pds, tmp_path) as server:
        token = await own_session(server, real_pds, real_account)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "image/png"}
        upload = f"{real_pds.url}/xrpc/com.atproto.repo.uploadBlob"
        async with server.http.post(upload, data=b"\x89PNG\r\n\x1a\n" + bytes(64), headers=headers) as answer:
            blob = (await answer.json())["blob"]
        await put_profile(server, real_pds, real_account, token, displayName="Kate \u202eB.", avatar=blob)
        who = await logged_in(server, real_account)

        async def profile() -> dict[str, Any]:
            status, shown = await server.ask("app.rocksky.actor.getProfile", did=who.did)
            assert status == 200, shown
            return shown

        for _ in range(200):
            if (await profile())["displayName"] == "Kate B.":
                break
            await asyncio.sleep(0.05)
        shown = await profile()
        assert shown["displayName"] == "Kate B."
        async with server.http.get(shown["avatar"]) as answer:
            assert (answer.status, (await answer.read())[:4]) == (200, b"\x89PNG")

        renamed = f"r{real_account.handle}"
        body = {"handle": renamed}
        status, answer = await call(server, real_pds, "com.atproto.identity.updateHandle", body, token=token)
        assert status == 200, answer
        assert await server.core.profiles.refresh(who.did)
        assert (await profile())["handle"] == renamed
        account = await server.core.accounts.named(who.did)
        assert account.name == renamed, "the name followed: nobody who takes the old handle is taken for them"


async def test_a_recovery_key_can_take_the_identity_back_at_a_real_directory(
    real_pds: RealPds, http: aiohttp.ClientSession, tmp_path: Path
):
    async with running_server(tmp_path, plc_url=real_pds.plc_url) as server:
        bob = await server.create_account("bob")
        key = SigningKey.generate("p256")
        body = {"key": key.did_key()}
        status, answer = await server.tell(f"{ACCOUNT}.addRecoveryKey", body, token=bob.token)
        assert (status, answer["recoveryKeys"]) == (200, [key.did_key()])
        submission = PlcSubmission(server.core.pds, server.core.outbound, real_pds.plc_url)
        await submission.submit_all()
        last = await (await http.get(f"{real_pds.plc_url}/{bob.did}/log/last")).json()
        assert last["rotationKeys"][0] == key.did_key()

        # This server does something that the owner does not like, and the owner undoes it.
        await server.core.pds.accounts.rename(bob.did, "taken.test")
        await submission.submit_all()
        elsewhere = {
            **{name: value for name, value in last.items() if name != "sig"},
            "services": {"atproto_pds": {"type": "AtprotoPersonalDataServer", "endpoint": "https://pds.example.com"}},
            "alsoKnownAs": ["at://bob.example.com"],
            "rotationKeys": [key.did_key()],
            "prev": did_plc.operation_cid(last),
        }
        signed = did_plc.sign_operation(elsewhere, key)
        async with http.post(f"{real_pds.plc_url}/{bob.did}", json=signed) as taken:
            assert taken.status == 200, await taken.text()
        document = await (await http.get(f"{real_pds.plc_url}/{bob.did}")).json()
        assert document["service"][0]["serviceEndpoint"] == "https://pds.example.com"
        assert document["alsoKnownAs"] == ["at://bob.example.com"]


async def test_recovery_keys_are_listed_ordered_bounded_and_removed(real_pds: RealPds, tmp_path: Path):
    del real_pds
    async with running_server(tmp_path) as server:
        bob = await server.create_account("bob")
        keys = [SigningKey.generate("k256" if number % 2 else "p256").did_key() for number in range(5)]
        for key in keys[:4]:
            status, answer = await server.tell(f"{ACCOUNT}.addRecoveryKey", {"key": key}, token=bob.token)
            assert status == 200, answer
        assert answer["recoveryKeys"] == keys[3::-1], "the newest is the most powerful"
        status, refused = await server.tell(f"{ACCOUNT}.addRecoveryKey", {"key": keys[4]}, token=bob.token)
        assert (status, refused["error"]) == (400, "InvalidKey")
        repo_key = (await server.core.pds._keys.signing_key(bob.did)).did_key()
        for held in (repo_key, (await server.core.pds._keys.rotation_key(bob.did)).did_key(), "did:key:z6Mk"):
            status, refused = await server.tell(f"{ACCOUNT}.addRecoveryKey", {"key": held}, token=bob.token)
            assert refused["error"] == "InvalidKey"
        status, answer = await server.tell(f"{ACCOUNT}.removeRecoveryKey", {"key": keys[0]}, token=bob.token)
        assert answer["recoveryKeys"] == keys[3:0:-1]
        _, shown = await server.ask(f"{ACCOUNT}.getAccount", token=bob.token)
        assert shown["account"]["recoveryKeys"] == keys[3:0:-1]


@pytest.mark.parametrize("recoverable", [False, True])
async def test_a_directory_learns_that_an_identity_has_left_this_server(
    real_pds: RealPds, http: aiohttp.ClientSession, tmp_path: Path, *, recoverable: bool
):
    async with running_server(tmp_path, plc_url=real_pds.plc_url) as server:
        bob = await server.create_account("bob")
        key = SigningKey.generate("k256").did_key()
        if recoverable:
            await server.tell(f"{ACCOUNT}.addRecoveryKey", {"key": key}, token=bob.token)
        submission = PlcSubmission(server.core.pds, server.core.outbound, real_pds.plc_url)
        await submission.submit_all()
        await deleted(server, bob, "delete")
        assert await submission.submit_all() <= 1
        async with http.get(f"{real_pds.plc_url}/{bob.did}/log/last") as answer:
            last = await answer.json()
        if recoverable:
            assert (last["rotationKeys"], last["services"]) == ([key], {}), "the identity is its owner's and goes on"
        else:
            assert last["type"] == "plc_tombstone"
            async with http.get(f"{real_pds.plc_url}/{bob.did}") as answer:
                assert answer.status in {404, 410}
