"""com.atproto.sync.subscribeRepos, field by field, on the reference PDS and on ours."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.network.repo_oracles import CID, Car, cid_text, looked_up, read_frame, tree_before
from tests.network.xrpc_calls import SCROBBLE, cid_of, create, delete, rkeys, scrobble, update

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.network.targets import Target

COMMIT_FIELDS = {
    "seq", "repo", "commit", "rev", "since", "blocks", "ops", "blobs", "time", "prevData", "rebase", "tooBig",
}  # fmt: skip


class Subscriber:
    """Reads the frames of one repository; every other one is only checked for its order."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, did: str) -> None:
        self.socket = socket
        self.did = did
        self.last_seq = 0
        self.raw: list[bytes] = []

    async def next(self) -> tuple[str, dict[str, Any]]:
        while True:
            message = await asyncio.wait_for(self.socket.receive(), 15)
            assert message.type == aiohttp.WSMsgType.BINARY, message
            header, body = read_frame(message.data)
            assert header["op"] == 1
            assert set(header) == {"op", "t"}
            assert body["seq"] > self.last_seq
            self.last_seq = body["seq"]
            if body.get("did", body.get("repo")) == self.did:
                self.raw.append(message.data)
                return header["t"], body

    async def next_commit(self) -> dict[str, Any]:
        while True:
            kind, body = await self.next()
            if kind == "#commit":
                return body


@asynccontextmanager
async def subscribed(target: Target, cursor: int | None = None) -> AsyncIterator[Subscriber]:
    query = "" if cursor is None else f"?cursor={cursor}"
    url = f"{target.url.replace('http', 'ws', 1)}/xrpc/com.atproto.sync.subscribeRepos{query}"
    async with target.http.ws_connect(url, max_msg_size=0) as socket:
        yield Subscriber(socket, target.did)


async def apply(target: Target, *writes: dict[str, Any]) -> dict[str, str]:
    body = {"repo": target.did, "validate": False, "writes": writes}
    output = await target.api.ok("com.atproto.repo.applyWrites", body)
    return output["commit"]


def text_of(link: Any) -> str:
    return cid_text(CID(bytes(link)))


def assert_rfc3339(text: str) -> None:
    assert datetime.fromisoformat(text).tzinfo is not None


async def test_a_new_account_announces_identity_account_and_repository(target: Target):
    async with subscribed(target, 0) as stream:
        seen: dict[str, dict[str, Any]] = {}
        while not ({"#commit", "#sync"} & set(seen)) or not {"#identity", "#account"} <= set(seen):
            kind, body = await stream.next()
            seen[kind] = body
    assert set(seen["#identity"]) == {"seq", "did", "time", "handle"}
    assert seen["#identity"]["handle"] == target.account.handle
    assert set(seen["#account"]) == {"seq", "did", "time", "active"}
    assert seen["#account"]["active"] is True
    for body in seen.values():
        assert_rfc3339(body["time"])
    if "#sync" in seen:
        sync = seen["#sync"]
        assert set(sync) == {"seq", "did", "blocks", "rev", "time"}
        commit = Car(sync["blocks"]).commit(target.did, await target.signing_key())
        assert commit.rev == sync["rev"]


async def test_a_commit_says_what_changed_and_proves_it(target: Target):
    keys = rkeys(60)
    before = await target.head()
    async with subscribed(target, 0) as stream:
        made = await apply(target, *(create(rkey, scrobble(i)) for i, rkey in enumerate(keys)))
        while (event := await stream.next_commit())["rev"] != made["rev"]:
            pass
    assert set(event) == COMMIT_FIELDS
    assert event["repo"] == target.did
    assert text_of(event["commit"]) == made["cid"]
    assert event["since"] == before["rev"]
    assert event["rebase"] is False
    assert event["tooBig"] is False
    assert event["blobs"] == []
    assert_rfc3339(event["time"])

    assert [set(op) for op in event["ops"]] == [{"action", "path", "cid"}] * 60
    told = {op["path"]: (op["action"], text_of(op["cid"])) for op in event["ops"]}
    assert told == {f"{SCROBBLE}/{rkey}": ("create", cid_of(scrobble(i))) for i, rkey in enumerate(keys)}

    car = Car(event["blocks"])
    commit = car.commit(target.did, await target.signing_key())
    assert commit.cid == made["cid"]
    assert commit.rev == made["rev"]
    for i, rkey in enumerate(keys):
        assert looked_up(car, commit.data, f"{SCROBBLE}/{rkey}") == cid_of(scrobble(i))
        assert car.block(CID(bytes(event["ops"][i]["cid"])))


async def test_updates_and_deletes_name_what_was_there(target: Target):
    changed, removed, kept = rkeys(3)
    await apply(target, create(changed, scrobble(1)), create(removed, scrobble(2)), create(kept, scrobble(3)))
    async with subscribed(target, 0) as stream:
        made = await apply(target, update(changed, scrobble(9)), delete(removed))
        while (event := await stream.next_commit())["rev"] != made["rev"]:
            pass
    ops = {op["path"].rsplit("/", 1)[1]: op for op in event["ops"]}
    assert {rkey: set(op) for rkey, op in ops.items()} == {
        changed: {"action", "path", "cid", "prev"},
        removed: {"action", "path", "cid", "prev"},
    }
    assert ops[changed]["action"] == "update"
    assert text_of(ops[changed]["cid"]) == cid_of(scrobble(9))
    assert text_of(ops[changed]["prev"]) == cid_of(scrobble(1))
    assert ops[removed]["action"] == "delete"
    assert ops[removed]["cid"] is None
    assert text_of(ops[removed]["prev"]) == cid_of(scrobble(2))

    car = Car(event["blocks"])
    commit = car.commit(target.did, await target.signing_key())
    assert looked_up(car, commit.data, f"{SCROBBLE}/{removed}") is None
    assert looked_up(car, commit.data, f"{SCROBBLE}/{changed}") == cid_of(scrobble(9))


async def test_every_commit_undone_gives_the_tree_of_the_one_before(target: Target):
    keys = rkeys(80)
    async with subscribed(target, 0) as stream:
        await apply(target, *(create(rkey, scrobble(i)) for i, rkey in enumerate(keys[:70])))
        for i, rkey in enumerate(keys[70:]):
            await apply(target, create(rkey, scrobble(100 + i)), delete(keys[3 * i]))
        await apply(target, *(update(rkey, scrobble(500)) for rkey in keys[40:50]))
        last = await apply(target, *(delete(rkey) for rkey in keys[40:70]))
        events = []
        while not events or events[-1]["rev"] != last["rev"]:
            events.append(await stream.next_commit())
    events = [event for event in events if event["ops"]]
    assert len(events) == 13

    key = await target.signing_key()
    previous = None
    for event in events:
        car = Car(event["blocks"])
        commit = car.commit(target.did, key)
        assert commit.rev == event["rev"]
        assert tree_before(car, commit.data, event["ops"]) == text_of(event["prevData"])
        if previous is not None:
            assert text_of(event["prevData"]) == previous[0]
            assert event["since"] == previous[1]
        previous = (cid_text(commit.data), event["rev"])


async def test_a_cursor_replays_the_same_frames_and_goes_on_live(target: Target):
    first, second, third = rkeys(3)
    async with subscribed(target, 0) as stream:
        for rkey in (first, second):
            await apply(target, create(rkey, scrobble(1)))
        paths: list[str] = []
        seqs: list[int] = []
        while len(paths) < 2:
            event = await stream.next_commit()
            paths += [op["path"] for op in event["ops"]]
            seqs.append(event["seq"])
        frames = stream.raw[-2:]

    async with subscribed(target, seqs[-2] - 1) as again:
        assert (await again.next_commit())["seq"] == seqs[-2]
        assert (await again.next_commit())["seq"] == seqs[-1]
        assert again.raw == frames
        live = await apply(target, create(third, scrobble(3)))
        assert (await again.next_commit())["rev"] == live["rev"]


async def test_without_a_cursor_only_new_events_come(target: Target):
    old, new = rkeys(2)
    async with subscribed(target) as first:
        before = await apply(target, create(old, scrobble(1)))
        while (await first.next_commit())["rev"] != before["rev"]:
            pass
        async with subscribed(target) as second:
            await asyncio.sleep(0.3)  # a subscription is not acknowledged
            made = await apply(target, create(new, scrobble(2)))
            assert (await second.next_commit())["rev"] == made["rev"]


async def test_a_cursor_of_the_future_is_an_error_that_closes_the_stream(target: Target):
    async with subscribed(target, 99_999_999_999) as stream:
        message = await asyncio.wait_for(stream.socket.receive(), 15)
        header, body = read_frame(message.data)
        assert header == {"op": -1}
        assert body["error"] == "FutureCursor"
        closing = await asyncio.wait_for(stream.socket.receive(), 15)
        assert closing.type == aiohttp.WSMsgType.CLOSE
        assert (closing.data, closing.extra) == (1008, "FutureCursor")


@pytest.mark.parametrize("cursor", ["abc", "1.5"])
async def test_a_cursor_that_is_no_number_is_an_error_that_closes_the_stream(target: Target, cursor: Any):
    async with subscribed(target, cursor) as stream:
        message = await asyncio.wait_for(stream.socket.receive(), 15)
        header, body = read_frame(message.data)
        assert header == {"op": -1}
        assert body["error"] == "InvalidRequest"
