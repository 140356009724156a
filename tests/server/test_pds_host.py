"""The built-in PDS over HTTP, where it goes beyond what the contract suite (tests/network) asks of every PDS."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.network.repo_oracles import read_frame
from tonearm.atproto.car import read_car
from tonearm.pds.builtin.host import EVENTS_KEPT_S

if TYPE_CHECKING:
    from tests.support.server import Person, Server

SCROBBLE = "app.rocksky.scrobble"
RECORD = {
    "$type": SCROBBLE,
    "title": "Cloudbusting",
    "artist": "Kate Bush",
    "album": "Hounds of Love",
    "albumArtist": "Kate Bush",
    "duration": 308_000,
    "createdAt": "2026-11-21T01:00:00.000Z",
}


async def login(server: Server, who: Person, password: str | None = None) -> dict[str, Any]:
    status, session = await server.tell(
        "com.atproto.server.createSession", {"identifier": who.handle, "password": password or who.password}
    )
    assert status == 200, session
    return session


@pytest.fixture
async def token(server: Server) -> str:
    return (await login(server, server.first))["accessJwt"]


async def create(server: Server, token: str, record: dict[str, Any], **more: Any) -> tuple[int, Any]:
    body = {"repo": server.did, "collection": SCROBBLE, "record": record, **more}
    return await server.tell("com.atproto.repo.createRecord", body, token=token)


async def upload(server: Server, token: str, data: bytes, content_type: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": content_type}
    url = f"{server.url}/xrpc/com.atproto.repo.uploadBlob"
    async with server.http.post(url, data=io.BytesIO(data), headers=headers) as answer:
        return answer.status, await answer.json()


async def test_the_host_describes_itself(server: Server) -> None:
    status, told = await server.ask("com.atproto.server.describeServer")
    assert status == 200
    assert told["did"].startswith("did:web:127.0.0.1%3A")
    assert told["availableUserDomains"] == [".test"]
    assert told["blobUploadLimit"] == server.core.pds.blobs.limit_bytes


async def test_records_of_our_lexicons_are_validated(server: Server, token: str) -> None:
    status, made = await create(server, token, RECORD)
    assert (status, made["validationStatus"]) == (200, "valid")
    status, made = await create(server, token, RECORD, validate=False)
    assert status == 200
    assert "validationStatus" not in made
    status, error = await create(server, token, RECORD | {"duration": "long"})
    assert (status, error["error"]) == (400, "InvalidRequest")
    assert "duration" in error["message"]
    body = {"repo": server.did, "collection": "com.example.thing", "record": {"a": 1}}
    status, made = await server.tell("com.atproto.repo.createRecord", body, token=token)
    assert (status, made["validationStatus"]) == (200, "unknown")
    status, error = await server.tell("com.atproto.repo.createRecord", body | {"validate": True}, token=token)
    assert (status, error["error"]) == (400, "InvalidRequest")


async def test_large_records_are_listed_a_few_at_a_time(server: Server, token: str) -> None:
    """A hundred records of a megabyte each would be an answer of a hundred."""
    for number in range(5):
        record = {**RECORD, "title": f"Track {number}", "large": "x" * 900_000}
        assert (await create(server, token, record, rkey=f"3kabcdefgh2{number + 2}2"))[0] == 200
    titles: list[list[str]] = []
    params: dict[str, Any] = {"repo": server.did, "collection": SCROBBLE, "limit": 100}
    while True:
        status, page = await server.ask("com.atproto.repo.listRecords", **params)
        assert status == 200
        if not page["records"]:
            break
        titles.append([item["value"]["title"] for item in page["records"]])
        params["cursor"] = page["cursor"]
    assert titles == [["Track 4", "Track 3"], ["Track 2", "Track 1"], ["Track 0"]]
    assert len(await server.records(SCROBBLE)) == 5


async def test_a_record_gets_the_type_of_its_collection(server: Server, token: str) -> None:
    bare = {key: value for key, value in RECORD.items() if key != "$type"}
    _, made = await create(server, token, bare, rkey="3kabcdefgh222")
    assert (await server.records(SCROBBLE))["3kabcdefgh222"] == RECORD
    _, again = await create(server, token, RECORD)
    assert made["cid"] == again["cid"]


async def test_a_taken_key_is_named_in_a_clear_refusal(server: Server, token: str) -> None:
    await create(server, token, RECORD, rkey="3kabcdefgh222")
    status, error = await create(server, token, RECORD, rkey="3kabcdefgh222")
    assert (status, error["error"]) == (400, "InvalidRequest")
    assert f"{SCROBBLE}/3kabcdefgh222" in error["message"]


async def test_a_wrong_swap_names_what_is_there(server: Server, token: str) -> None:
    _, made = await create(server, token, RECORD, rkey="3kabcdefgh222")
    status, error = await create(server, token, RECORD, swapCommit=made["cid"])
    assert (status, error["error"]) == (400, "InvalidSwap")
    assert made["commit"]["cid"] in error["message"]
    body = {"repo": server.did, "collection": SCROBBLE, "rkey": "3kabcdefgh222", "swapRecord": made["commit"]["cid"]}
    status, error = await server.tell("com.atproto.repo.deleteRecord", body, token=token)
    assert (status, error["error"]) == (400, "InvalidSwap")
    assert made["cid"] in error["message"]


async def test_a_batch_of_nothing_makes_no_commit(server: Server, token: str) -> None:
    before = await server.ask("com.atproto.sync.getLatestCommit", did=server.did)
    body = {"repo": server.did, "writes": []}
    status, told = await server.tell("com.atproto.repo.applyWrites", body, token=token)
    assert (status, told) == (200, {"commit": before[1], "results": []})
    assert await server.ask("com.atproto.sync.getLatestCommit", did=server.did) == before


async def test_nobody_writes_without_a_session_of_the_repository(server: Server, token: str) -> None:
    bob = await server.create_account("bob")
    bobs = (await login(server, bob))["accessJwt"]
    for credential, expected in ((None, 401), (bobs, 401), ("x.y.z", 400), (bob.token, 403), (server.token, 403)):
        status, _ = (
            await create(server, credential or "", RECORD)
            if credential
            else await server.tell(
                "com.atproto.repo.createRecord", {"repo": server.did, "collection": SCROBBLE, "record": RECORD}
            )
        )
        assert status == expected, credential
    assert await server.records(SCROBBLE) == {}


async def test_an_app_password_writes_but_manages_nothing(server: Server, token: str) -> None:
    status, made = await server.tell("com.atproto.server.createAppPassword", {"name": "player"}, token=token)
    assert status == 200
    session = (await login(server, server.first, made["password"]))["accessJwt"]
    assert (await create(server, session, RECORD))[0] == 200
    for nsid, body in (
        ("com.atproto.server.createAppPassword", {"name": "more"}),
        ("com.atproto.server.revokeAppPassword", {"name": "player"}),
        ("com.atproto.identity.updateHandle", {"handle": "mallory.test"}),
    ):
        status, error = await server.tell(nsid, body, token=session)
        assert (status, error["error"]) == (403, "Forbidden")
    ask = "com.atproto.server.getServiceAuth"
    status, error = await server.ask(ask, aud="did:web:x.example", lxm="chat.bsky.convo.listConvos", token=session)
    assert (status, error["error"]) == (400, "InvalidRequest")
    status, _ = await server.ask(ask, aud="did:web:x.example", lxm="chat.bsky.convo.listConvos", token=token)
    assert status == 200


@pytest.mark.parametrize("method", ["com.atproto.identity.updateHandle", "com.atproto.server.createAppPassword"])
async def test_no_service_is_asked_to_manage_the_account(server: Server, token: str, method: str) -> None:
    status, error = await server.ask(
        "com.atproto.server.getServiceAuth", aud="did:web:x.example", lxm=method, token=token
    )
    assert (status, error["error"]) == (400, "InvalidRequest")


async def test_a_handle_can_be_changed_and_resolves_anew(server: Server, token: str) -> None:
    status, _ = await server.tell("com.atproto.identity.updateHandle", {"handle": "kate.test"}, token=token)
    assert status == 200
    assert await server.ask("com.atproto.identity.resolveHandle", handle="Kate.test") == (200, {"did": server.did})
    status, error = await server.ask("com.atproto.identity.resolveHandle", handle=server.handle)
    assert (status, error["error"]) == (400, "HandleNotFound")
    _, told = await server.ask("com.atproto.repo.describeRepo", repo="kate.test")
    assert told["handleIsCorrect"] is True
    assert told["didDoc"]["alsoKnownAs"] == ["at://kate.test"]
    for bad in ("kate.example.com", "a.kate.test"):
        status, error = await server.tell("com.atproto.identity.updateHandle", {"handle": bad}, token=token)
        assert (status, error["error"]) == (400, "InvalidRequest")


async def test_a_blob_is_served_so_that_no_browser_runs_it(server: Server, token: str) -> None:
    status, made = await upload(server, token, b"<script>alert(1)</script>", "text/html")
    assert status == 200
    await create(server, token, RECORD | {"albumArt": made["blob"]}, validate=False)
    cid = made["blob"]["ref"]["$link"]
    async with server.http.get(
        f"{server.url}/xrpc/com.atproto.sync.getBlob", params={"did": server.did, "cid": cid}
    ) as answer:
        assert await answer.read() == b"<script>alert(1)</script>"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert await server.ask("com.atproto.sync.listBlobs", did=server.did) == (200, {"cids": [cid]})
    absent = cid[:-1] + ("a" if cid[-1] != "a" else "q")
    status, error = await server.ask("com.atproto.sync.getBlob", did=server.did, cid=absent)
    assert (status, error["error"]) == (400, "BlobNotFound")


async def test_an_upload_over_the_limit_is_refused(server: Server, token: str) -> None:
    limit = server.core.pds.blobs.limit_bytes
    status, error = await upload(server, token, b"x" * (limit + 1), "image/png")
    assert (status, error["error"]) == (413, "PayloadTooLarge")


@pytest.mark.parametrize(("state", "name"), [("takendown", "RepoTakendown"), ("deactivated", "RepoDeactivated")])
async def test_an_inactive_repository_says_why(server: Server, token: str, state: str, name: str) -> None:
    await create(server, token, RECORD)
    await server.core.pds.accounts.set_status(server.did, state)
    for method, more in (
        ("getLatestCommit", {}),
        ("getRepo", {}),
        ("getRecord", {"collection": SCROBBLE, "rkey": "x"}),
        ("listBlobs", {}),
        ("getBlocks", {"cids": []}),
    ):
        status, error = await server.ask(f"com.atproto.sync.{method}", did=server.did, **more)
        if method != "getBlocks":
            assert (status, error["error"]) == (400, name), method
    expected = {"did": server.did, "active": False, "status": state}
    assert await server.ask("com.atproto.sync.getRepoStatus", did=server.did) == (200, expected)
    _, page = await server.ask("com.atproto.sync.listRepos")
    assert page["repos"][0]["status"] == state
    status, _ = await create(server, token, RECORD)
    assert status == 400


async def test_blocks_are_read_by_cid(server: Server, token: str) -> None:
    _, made = await create(server, token, RECORD)
    cids = [made["cid"], made["commit"]["cid"]]
    url = f"{server.url}/xrpc/com.atproto.sync.getBlocks"
    async with server.http.get(url, params=[("did", server.did), *(("cids", cid) for cid in cids)]) as answer:
        assert answer.headers["Content-Type"] == "application/vnd.ipld.car"
        roots, blocks = read_car(await answer.read())
    assert roots == []
    assert [str(cid) for cid, _ in blocks] == cids
    other = "bafyreie5737gdxlw5i64vzichcalba3z2v5n6icifvx5xytvske7mr3hpm"
    status, error = await server.ask("com.atproto.sync.getBlocks", did=server.did, cids=other)
    assert (status, error["error"]) == (400, "BlockNotFound")


async def test_a_malformed_list_cursor_is_refused(server: Server) -> None:
    for cursor in ("x", "-1", "9" * 30, "٣"):
        status, error = await server.ask("com.atproto.sync.listRepos", cursor=cursor)
        assert (status, error["error"]) == (400, "InvalidRequest")


async def test_a_cursor_before_the_oldest_event_is_told_so(server: Server, token: str) -> None:
    for n in range(3):
        await create(server, token, RECORD | {"title": f"Track {n}"})
    pds = server.core.pds
    _, newest = await pds.events.bounds()
    await pds.events.prune(pds._clock() + EVENTS_KEPT_S)
    url = f"{server.url.replace('http', 'ws')}/xrpc/com.atproto.sync.subscribeRepos?cursor=1"
    async with server.http.ws_connect(url) as socket:
        header, body = read_frame((await asyncio.wait_for(socket.receive(), 10)).data)
        assert (header, body["name"]) == ({"op": 1, "t": "#info"}, "OutdatedCursor")
        _, body = read_frame((await asyncio.wait_for(socket.receive(), 10)).data)
        assert body["seq"] == newest
        assert socket.close_code is None
        assert not isinstance(socket, aiohttp.ClientResponse)
