"""Writing and reading records over HTTP, on the reference PDS and on ours."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.network.xrpc_calls import SCROBBLE, cid_of, create, delete, rkeys, scrobble, tid, update

if TYPE_CHECKING:
    from tests.network.targets import Target
    from tests.network.xrpc_calls import Reply

APPLY = "com.atproto.repo.applyWrites"
ANOTHER = "app.rocksky.song"


async def apply(target: Target, *writes: dict[str, Any], **more: Any) -> Reply:
    return await target.api.post(APPLY, {"repo": target.did, "validate": False, "writes": writes, **more})


async def applied(target: Target, *writes: dict[str, Any]) -> dict[str, Any]:
    reply = await apply(target, *writes)
    assert reply.status == 200, reply.raw
    return reply.json


async def put(target: Target, rkey: str, record: dict[str, Any], **more: Any) -> Reply:
    body = {"repo": target.did, "collection": SCROBBLE, "rkey": rkey, "record": record, "validate": False, **more}
    return await target.api.post("com.atproto.repo.putRecord", body)


async def create_one(target: Target, record: dict[str, Any], **more: Any) -> Reply:
    body = {"repo": target.did, "collection": SCROBBLE, "record": record, "validate": False, **more}
    return await target.api.post("com.atproto.repo.createRecord", body)


async def get(target: Target, rkey: str, **more: Any) -> Reply:
    return await target.anyone.get(
        "com.atproto.repo.getRecord", repo=target.did, collection=SCROBBLE, rkey=rkey, **more
    )


class Unchanged:
    """Asserts that the repository is left as it was."""

    def __init__(self, target: Target) -> None:
        self.target = target

    async def __aenter__(self) -> None:
        self.before = (await self.target.head(), await self.target.records())

    async def __aexit__(self, kind: object, error: object, traceback: object) -> None:
        if error is None:
            assert (await self.target.head(), await self.target.records()) == self.before


async def test_a_created_record_has_the_cid_of_its_bytes_and_a_fresh_tid(target: Target):
    record = scrobble(1)
    made = (await create_one(target, record)).json
    rkey = made["uri"].removeprefix(f"at://{target.did}/{SCROBBLE}/")
    assert len(rkey) == 13
    assert made["cid"] == cid_of(record)
    assert made["commit"] == await target.head()

    read = (await get(target, rkey)).json
    assert read == {"uri": made["uri"], "cid": made["cid"], "value": record}


async def test_unknown_fields_of_a_record_are_kept(target: Target):
    record = scrobble(1, tonearm={"assumed": ["album"], "nested": [{"n": -1}, None, True]}, big=2**53 - 1)
    made = (await create_one(target, record)).json
    assert made["cid"] == cid_of(record)
    assert (await get(target, made["uri"].rsplit("/", 1)[1])).json["value"] == record


@pytest.mark.parametrize("micros", [1_034_985_600_000_000, 4_102_444_800_000_000], ids=["past", "future"])
async def test_any_tid_may_be_chosen_as_a_key(target: Target, micros: int):
    rkey = tid(micros, 1023)
    assert (await create_one(target, scrobble(1), rkey=rkey)).status == 200
    assert (await get(target, rkey)).json["value"] == scrobble(1)


async def test_a_taken_key_is_refused_and_keeps_its_record(target: Target):
    rkey = rkeys(1)[0]
    await applied(target, create(rkey, scrobble(1)))
    async with Unchanged(target):
        assert (await create_one(target, scrobble(2), rkey=rkey)).status >= 400
        assert (await create_one(target, scrobble(1), rkey=rkey)).status >= 400


@pytest.mark.parametrize("rkey", ["", ".", "..", "a/b", "a b", "x" * 513, "ä"])
async def test_an_invalid_key_is_refused(target: Target, rkey: str):
    async with Unchanged(target):
        assert (await create_one(target, scrobble(1), rkey=rkey)).status == 400
        assert (await apply(target, create(rkey, scrobble(1)))).status == 400


@pytest.mark.parametrize(
    "record",
    [{"$type": SCROBBLE, "x": 1.5}, {"$type": "app.rocksky.song"}, "text", [1], None, {"$type": SCROBBLE, "x": 2**63}],
    ids=["float", "another type", "string", "array", "null", "huge integer"],
)
async def test_what_is_no_record_of_the_collection_is_refused(target: Target, record: Any):
    async with Unchanged(target):
        reply = await create_one(target, record)
        if target.name == "real" and reply.status == 500:  # its encoder fails on the huge integer
            return
        assert reply.status == 400
        assert reply.error == "InvalidRequest"


@pytest.mark.parametrize("collection", ["", "nodots", "app.rocksky.", "app.rocksky.scrobble/x"])
async def test_a_collection_that_is_no_nsid_is_refused(target: Target, collection: str):
    async with Unchanged(target):
        body = {"repo": target.did, "collection": collection, "record": {"$type": collection}, "validate": False}
        assert (await target.api.post("com.atproto.repo.createRecord", body)).status == 400


async def test_a_put_creates_replaces_and_commits_only_what_changes(target: Target):
    rkey = rkeys(1)[0]
    made = (await put(target, rkey, scrobble(1))).json
    assert made["cid"] == cid_of(scrobble(1))
    head = await target.head()
    assert made["commit"] == head

    again = await put(target, rkey, scrobble(1))
    assert again.status == 200
    assert again.json["cid"] == made["cid"]
    assert await target.head() == head

    changed = (await put(target, rkey, scrobble(2))).json
    assert changed["cid"] == cid_of(scrobble(2))
    assert (await get(target, rkey)).json["value"] == scrobble(2)
    assert (await target.head())["rev"] > head["rev"]


async def test_a_delete_removes_the_record_and_an_absent_one_is_no_error(target: Target):
    first, second = rkeys(2)
    await applied(target, create(first, scrobble(1)), create(second, scrobble(2)))
    body = {"repo": target.did, "collection": SCROBBLE, "rkey": first}
    assert (await target.api.post("com.atproto.repo.deleteRecord", body)).status == 200
    gone = await get(target, first)
    assert gone.status == 400
    assert gone.error == "RecordNotFound"
    async with Unchanged(target):
        assert (await target.api.post("com.atproto.repo.deleteRecord", body)).status == 200
    assert await target.records() == {second: cid_of(scrobble(2))}


async def test_a_batch_creates_updates_and_deletes_in_one_commit(target: Target):
    kept, changed, removed, added = rkeys(4)
    await applied(target, *(create(rkey, scrobble(i)) for i, rkey in enumerate((kept, changed, removed))))
    before = await target.head()
    output = await applied(target, create(added, scrobble(9)), update(changed, scrobble(8)), delete(removed))

    assert output["commit"] == await target.head()
    assert output["commit"]["rev"] > before["rev"]
    kinds = [result["$type"].rsplit("#", 1)[1] for result in output["results"]]
    assert kinds == ["createResult", "updateResult", "deleteResult"]
    assert output["results"][0]["uri"] == f"at://{target.did}/{SCROBBLE}/{added}"
    assert [r.get("cid") for r in output["results"]] == [cid_of(scrobble(9)), cid_of(scrobble(8)), None]
    expected = {kept: cid_of(scrobble(0)), changed: cid_of(scrobble(8)), added: cid_of(scrobble(9))}
    assert await target.records() == expected


async def test_two_hundred_writes_are_one_batch_and_one_more_is_too_many(target: Target):
    keys = rkeys(401)
    async with Unchanged(target):
        reply = await apply(target, *(create(rkey, scrobble(i)) for i, rkey in enumerate(keys[:201])))
        assert reply.status == 400
        assert reply.error == "InvalidRequest"
    await applied(target, *(create(rkey, scrobble(i)) for i, rkey in enumerate(keys[201:])))
    assert await target.records() == {rkey: cid_of(scrobble(i)) for i, rkey in enumerate(keys[201:])}


@pytest.mark.parametrize("case", ["taken", "repeated", "update absent", "invalid"])
async def test_one_bad_write_refuses_the_whole_batch(target: Target, case: str):
    taken, one, two = rkeys(3)
    await applied(target, create(taken, scrobble(0)))
    bad = {
        "taken": create(taken, scrobble(7)),
        "repeated": create(one, scrobble(7)),
        "update absent": update(two, scrobble(7)),
        "invalid": create(two, {"$type": SCROBBLE, "x": 0.5}),
    }[case]
    async with Unchanged(target):
        assert (await apply(target, create(one, scrobble(1)), bad)).status >= 400
    await applied(target, create(one, scrobble(1)))


async def test_a_delete_of_an_absent_record_in_a_batch_is_refused_or_does_nothing(target: Target):
    absent, added = rkeys(2)
    reply = await apply(target, create(added, scrobble(1)), delete(absent))
    expected = {added: cid_of(scrobble(1))} if reply.status == 200 else {}
    assert await target.records() == expected


async def test_a_wrong_swap_commit_is_refused_and_the_right_one_accepted(target: Target):
    first, second = rkeys(2)
    stale = (await target.head())["cid"]
    await applied(target, create(first, scrobble(1)))
    write = create(second, scrobble(2))
    async with Unchanged(target):
        reply = await apply(target, write, swapCommit=stale)
        assert reply.status == 400
        assert reply.error == "InvalidSwap"
        reply = await create_one(target, scrobble(2), swapCommit=stale)
        assert reply.error == "InvalidSwap"
    assert (await apply(target, write, swapCommit=(await target.head())["cid"])).status == 200
    assert len(await target.records()) == 2


async def test_a_wrong_swap_record_is_refused_and_the_right_one_accepted(target: Target):
    rkey = rkeys(1)[0]
    await put(target, rkey, scrobble(1))
    removal = {"repo": target.did, "collection": SCROBBLE, "rkey": rkey}
    async with Unchanged(target):
        for reply in (
            await put(target, rkey, scrobble(2), swapRecord=cid_of(scrobble(3))),
            await put(target, rkey, scrobble(2), swapRecord=None),
            await target.api.post("com.atproto.repo.deleteRecord", removal | {"swapRecord": cid_of(scrobble(3))}),
        ):
            assert reply.status == 400
            assert reply.error == "InvalidSwap"
    assert (await put(target, rkey, scrobble(2), swapRecord=cid_of(scrobble(1)))).status == 200
    right = removal | {"swapRecord": cid_of(scrobble(2))}
    assert (await target.api.post("com.atproto.repo.deleteRecord", right)).status == 200
    assert await target.records() == {}


async def test_concurrent_writes_all_arrive(target: Target):
    keys = rkeys(20)
    replies = await asyncio.gather(*(apply(target, create(rkey, scrobble(i))) for i, rkey in enumerate(keys)))
    assert [reply.status for reply in replies] == [200] * 20
    assert len({reply.json["commit"]["rev"] for reply in replies}) == 20
    assert await target.records() == {rkey: cid_of(scrobble(i)) for i, rkey in enumerate(keys)}


async def test_a_record_is_read_by_the_cid_it_has_and_by_no_other(target: Target):
    rkey = rkeys(1)[0]
    await applied(target, create(rkey, scrobble(1)))
    assert (await get(target, rkey, cid=cid_of(scrobble(1)))).json["value"] == scrobble(1)
    other = await get(target, rkey, cid=cid_of(scrobble(2)))
    assert other.status == 400
    assert other.error == "RecordNotFound"


async def test_a_record_is_read_by_the_handle_of_its_repository(target: Target):
    rkey = rkeys(1)[0]
    await applied(target, create(rkey, scrobble(1)))
    read = await target.anyone.ask(
        "com.atproto.repo.getRecord", repo=target.account.handle, collection=SCROBBLE, rkey=rkey
    )
    assert read["uri"] == f"at://{target.did}/{SCROBBLE}/{rkey}"


@pytest.mark.parametrize("reverse", [False, True])
async def test_pages_hold_every_record_once_in_order_of_their_keys(target: Target, reverse: bool):
    keys = rkeys(23)
    await applied(target, *(create(rkey, scrobble(i)) for i, rkey in enumerate(keys)))
    await applied(target, create(keys[0], scrobble(0) | {"$type": ANOTHER}, ANOTHER))
    params: dict[str, Any] = {"repo": target.did, "collection": SCROBBLE, "limit": 10}
    if reverse:
        params["reverse"] = "true"
    seen: list[str] = []
    sizes: list[int] = []
    while True:
        page = await target.anyone.ask("com.atproto.repo.listRecords", **params)
        sizes.append(len(page["records"]))
        seen += [record["uri"].rsplit("/", 1)[1] for record in page["records"]]
        if not page["records"] or "cursor" not in page:
            break
        params["cursor"] = page["cursor"]
    assert sizes[:3] == [10, 10, 3]
    assert seen == (keys if reverse else keys[::-1])


async def test_a_listed_record_carries_its_value_and_cid(target: Target):
    rkey = rkeys(1)[0]
    await applied(target, create(rkey, scrobble(1)))
    page = await target.anyone.ask("com.atproto.repo.listRecords", repo=target.did, collection=SCROBBLE)
    uri = f"at://{target.did}/{SCROBBLE}/{rkey}"
    assert page["records"] == [{"uri": uri, "cid": cid_of(scrobble(1)), "value": scrobble(1)}]


@pytest.mark.parametrize("limit", [0, 101, "many"])
async def test_a_limit_out_of_bounds_is_refused(target: Target, limit: int | str):
    reply = await target.anyone.get("com.atproto.repo.listRecords", repo=target.did, collection=SCROBBLE, limit=limit)
    assert reply.status == 400
    assert reply.error == "InvalidRequest"


async def test_an_unknown_repository_has_no_records(target: Target):
    for method in ("com.atproto.repo.listRecords", "com.atproto.repo.describeRepo"):
        params = {"repo": "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "collection": SCROBBLE}
        assert (await target.anyone.get(method, **params)).status == 400


async def test_a_described_repository_names_its_owner_and_collections(target: Target):
    await applied(target, create(rkeys(1)[0], scrobble(1)), create("one", {"$type": ANOTHER, "title": "x"}, ANOTHER))
    for repo in (target.did, target.account.handle):
        told = await target.anyone.ask("com.atproto.repo.describeRepo", repo=repo)
        assert told["did"] == target.did
        assert told["handle"] == target.account.handle
        assert told["handleIsCorrect"] is True
        assert sorted(told["collections"]) == [SCROBBLE, ANOTHER]
        assert told["didDoc"]["id"] == target.did
        assert f"at://{target.account.handle}" in told["didDoc"]["alsoKnownAs"]


async def test_an_uploaded_blob_can_be_referenced_and_read(target: Target):
    data = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
    uploaded = (await target.api.post_bytes("com.atproto.repo.uploadBlob", data, "image/png")).json["blob"]
    assert uploaded["$type"] == "blob"
    assert uploaded["mimeType"] == "image/png"
    assert uploaded["size"] == len(data)

    made = (await create_one(target, scrobble(1, albumArt=uploaded))).json
    read = (await get(target, made["uri"].rsplit("/", 1)[1])).json["value"]
    assert read["albumArt"] == uploaded
    blob = await target.anyone.get("com.atproto.sync.getBlob", did=target.did, cid=uploaded["ref"]["$link"])
    assert blob.status == 200
    assert blob.raw == data


async def test_a_reference_to_a_blob_that_was_never_uploaded_is_refused(target: Target):
    blob = {
        "$type": "blob",
        "ref": {"$link": "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq"},
        "mimeType": "image/png",
        "size": 3,
    }
    async with Unchanged(target):
        reply = await create_one(target, scrobble(1, albumArt=blob))
        assert reply.status == 400


async def test_a_blob_needs_a_session(target: Target):
    assert (await target.anyone.post_bytes("com.atproto.repo.uploadBlob", b"x", "image/png")).status == 401
