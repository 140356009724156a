"""Commits of the built-in PDS: what they store, refuse and survive."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

import pytest

from tests.network.repo_oracles import CID, Car, cid_text, encode_dag_cbor, read_frame, tree_before, whole_repo
from tests.support.pds_sessions import SCROBBLE, delete_of, write_of
from tonearm.atproto.tid import tid_text
from tonearm.index.engine import open_database
from tonearm.pds.builtin.errors import (
    InvalidSwapError,
    InvalidWriteError,
    RecordExistsError,
    RecordNotFoundError,
    RepoBusyError,
    RepoInactiveError,
    RepoNotFoundError,
)
from tonearm.pds.builtin.repository.records import edit_of_data
from tonearm.pds.builtin.repository.repositories import ATTEMPTS, EDITS_LIMIT
from tonearm.pds.builtin.repository.rows import Edit
from tonearm.pds.errors import PdsRefusedError, PdsSessionLostError, PdsUnavailableError, PdsUnclearError

if TYPE_CHECKING:
    from tests.support.builtin_pds import World
    from tonearm.pds.builtin.host import BuiltinPds
    from tonearm.pds.writer import RepoWrite

NOBODY = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"


def record(n: int, **more: Any) -> dict[str, Any]:
    return {"$type": SCROBBLE, "title": f"Track {n}", **more}


def edit(action: Any, rkey: str, n: int | None = None, **more: Any) -> Edit:
    if n is None:
        return Edit(action, SCROBBLE, rkey, **more)
    return edit_of_data(action, SCROBBLE, rkey, record(n), **more)


async def exported(pds: BuiltinPds, did: str) -> bytes:
    return b"".join([chunk async for chunk in pds.export_car(did)])


async def signing_key(pds: BuiltinPds, did: str) -> str:
    document = await pds.accounts.did_document(did)
    return "did:key:" + document["verificationMethod"][0]["publicKeyMultibase"]


async def events_of(world: World) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    rows = await world.rows("SELECT seq, before_seq, after_seq FROM pds_event ORDER BY seq")
    return [read_frame(before + encode_dag_cbor(seq) + after) for seq, before, after in rows]


@pytest.mark.parametrize("seed", range(4))
async def test_any_history_leaves_a_repository_that_others_can_check(
    pds: BuiltinPds, world: World, did: str, seed: int
) -> None:
    chance = random.Random(seed)
    collections = ["app.rocksky.album", SCROBBLE, "app.rocksky.song", "a.b.c"]
    held: dict[tuple[str, str], str] = {}
    for _ in range(25):
        writes: list[RepoWrite] = []
        absent = [(c, f"k{chance.randrange(400)}") for c in chance.choices(collections, k=chance.choice([0, 1, 5, 60]))]
        writes += [
            write_of(key, record(chance.randrange(5)), "create", collection)
            for collection, key in dict.fromkeys(absent)
            if (collection, key) not in held
        ]
        some = chance.sample(sorted(held), min(len(held), chance.choice([0, 0, 1, 30])))
        half = len(some) // 2
        writes += [delete_of(key, collection) for collection, key in some[:half]]
        writes += [write_of(key, record(100 + chance.randrange(5)), "update", c) for c, key in some[half:]]
        if not writes:
            continue
        chance.shuffle(writes)
        await pds.apply_writes(did, writes)
        for write in writes:
            held.pop((write.collection, write.rkey), None)
            if write.action != "delete":
                held[write.collection, write.rkey] = write.cid
    key = await signing_key(pds, did)
    commit, records = whole_repo(await exported(pds, did), did, key)
    assert records == {f"{collection}/{rkey}": cid for (collection, rkey), cid in held.items()}
    assert commit.rev == await latest_rev(pds, did)
    await assert_events_lead_to(world, did, key, commit.cid)


async def latest_rev(pds: BuiltinPds, did: str) -> str:
    return tid_text((await pds.reader.head(did)).rev)


async def assert_events_lead_to(world: World, did: str, key: str, head: str) -> None:
    previous = None
    for header, body in await events_of(world):
        if header["t"] != "#commit":
            continue
        car = Car(body["blocks"])
        commit = car.commit(did, key)
        assert len(body["ops"]) <= EDITS_LIMIT
        assert commit.cid == cid_text(CID(bytes(body["commit"])))
        if previous is not None:
            assert tree_before(car, commit.data, body["ops"]) == cid_text(CID(bytes(body["prevData"])))
            assert (cid_text(CID(bytes(body["prevData"]))), body["since"]) == (cid_text(previous.data), previous.rev)
            assert commit.rev > previous.rev
        previous = commit
    assert previous is not None
    assert previous.cid == head


async def test_a_new_repository_is_empty_signed_and_announced(pds: BuiltinPds, world: World, did: str) -> None:
    commit, records = whole_repo(await exported(pds, did), did, await signing_key(pds, did))
    assert records == {}
    assert [header["t"] for header, _ in await events_of(world)] == ["#identity", "#account", "#commit", "#sync"]
    (listed,) = await pds.reader.all_hosted(0, 10)
    assert (listed.did, cid_text(CID(listed.head))) == (did, commit.cid)


@pytest.mark.parametrize(
    ("edits", "error"),
    [
        ([edit("create", "taken", 1)], RecordExistsError),
        ([edit("create", "taken", 2)], RecordExistsError),
        ([edit("create", "new", 1), edit("update", "absent", 1)], RecordNotFoundError),
        ([edit("create", "new", 1), edit("delete", "absent")], RecordNotFoundError),
        ([edit("create", "new", 1), edit("create", "new", 2)], InvalidWriteError),
        ([edit("create", f"n{n}", n) for n in range(201)], InvalidWriteError),
        ([edit("put", "taken", 2, swap=None)], InvalidSwapError),
        ([edit("put", "absent", 2, swap=cid_text(CID(edit("put", "x", 2).cid)))], InvalidSwapError),
        ([edit("drop", "taken", swap=b"x" * 36)], InvalidSwapError),
    ],
    ids=[
        "taken",
        "taken same",
        "update absent",
        "delete absent",
        "repeated",
        "too many",
        "swap",
        "swap absent",
        "drop",
    ],
)
async def test_a_batch_that_does_not_fit_changes_nothing(
    pds: BuiltinPds, world: World, did: str, edits: list[Edit], error: type[Exception]
) -> None:
    await pds.repos.apply(did, [edit("create", "taken", 1)])
    before = await world.everything()
    with pytest.raises(error):
        await pds.repos.apply(did, edits)
    assert await world.everything() == before


async def test_what_changes_nothing_makes_no_commit(pds: BuiltinPds, world: World, did: str) -> None:
    await pds.repos.apply(did, [edit("create", "one", 1)])
    before = await world.everything()
    for same in (edit("put", "one", 1), edit("update", "one", 1), edit("drop", "absent")):
        applied = await pds.repos.apply(did, [same])
        assert not applied.changed
        assert applied.head == await pds.reader.head(did)
    assert await world.everything() == before


async def test_unchanged_records_are_left_out_of_a_commit(pds: BuiltinPds, world: World, did: str) -> None:
    await pds.repos.apply(did, [edit("create", "one", 1)])
    await pds.repos.apply(did, [edit("put", "one", 1), edit("put", "two", 2)])
    (_, body) = (await events_of(world))[-1]
    assert [op["path"] for op in body["ops"]] == [f"{SCROBBLE}/two"]


async def test_a_commit_too_large_for_an_event_is_refused(pds: BuiltinPds, world: World, did: str) -> None:
    big = [edit_of_data("create", SCROBBLE, f"n{n}", record(n, lyrics="x" * 700_000)) for n in range(3)]
    before = await world.everything()
    with pytest.raises(InvalidWriteError, match="2000000"):
        await pds.repos.apply(did, big)
    assert await world.everything() == before
    await pds.repos.apply(did, big[:2])


def test_a_record_beyond_a_megabyte_is_refused() -> None:
    with pytest.raises(InvalidWriteError, match="larger"):
        edit_of_data("create", SCROBBLE, "x", record(1, lyrics="x" * (1 << 20)))


async def test_revisions_grow_even_when_the_clock_goes_back(pds: BuiltinPds, world: World, did: str) -> None:
    revs = [(await pds.reader.head(did)).rev]
    for n in range(5):
        world.clock.now -= 1000
        revs.append((await pds.repos.apply(did, [edit("create", f"n{n}", n)])).head.rev)
    another = world.host()
    revs.append((await another.repos.apply(did, [edit("create", "last", 1)])).head.rev)
    await another.close()
    assert revs == sorted(set(revs))


async def test_two_hosts_on_one_database_never_lose_each_others_commits(
    pds: BuiltinPds, world: World, did: str
) -> None:
    db = await open_database(world.url, lock_key=7)
    other = world.host(db)
    writes = [[write_of(f"{who}{n}", record(n)) for n in range(20)] for who in "ab"]
    await asyncio.gather(
        *(host.apply_writes(did, [w]) for host, own in zip((pds, other), writes, strict=True) for w in own[:2])
    )
    for one, two in zip(writes[0][2:], writes[1][2:], strict=True):
        await asyncio.gather(pds.apply_writes(did, [one]), other.apply_writes(did, [two]))
    await other.close()
    await db.close()
    _, records = whole_repo(await exported(pds, did), did, await signing_key(pds, did))
    assert records.keys() == {f"{SCROBBLE}/{who}{n}" for who in "ab" for n in range(20)}


async def test_a_repository_that_others_keep_changing_is_busy(
    pds: BuiltinPds, did: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def beaten(*_: object) -> Any:
        tries.append(1)
        yield from ()
        return False

    monkeypatch.setattr("tonearm.pds.builtin.repository.repositories.store_commit", beaten)
    with pytest.raises(RepoBusyError):
        await pds.repos.apply(did, [edit("create", "one", 1)])
    with pytest.raises(PdsUnavailableError):
        await pds.apply_writes(did, [write_of("one", record(1))])
    assert len(tries) == 2 * ATTEMPTS


async def test_a_transaction_that_fails_halfway_leaves_no_trace(
    pds: BuiltinPds, world: World, did: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await pds.repos.apply(did, [edit("create", f"n{n}", n) for n in range(50)])
    before = await world.everything()

    def broken(*_: object) -> Any:
        yield from ()
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("tonearm.pds.builtin.repository.store.append_events", broken)
        with pytest.raises(PdsUnclearError, match="disk is full"):
            await pds.apply_writes(did, [write_of("new", record(1)), delete_of("n7")])
    assert await world.everything() == before
    await pds.apply_writes(did, [write_of("new", record(1)), delete_of("n7")])
    whole_repo(await exported(pds, did), did, await signing_key(pds, did))


async def test_concurrent_batches_are_all_kept_in_some_order(pds: BuiltinPds, did: str) -> None:
    batches = [[write_of(f"b{b}x{n}", record(n)) for n in range(7)] for b in range(30)]
    results = await asyncio.gather(*(pds.apply_writes(did, batch) for batch in batches))
    assert len({result.rev for result in results}) == 30
    found = await pds.existing(did, [(w.collection, w.rkey) for batch in batches for w in batch])
    assert found == {(w.collection, w.rkey): w.cid for batch in batches for w in batch}


async def test_a_taken_key_is_unclear_to_the_outbox(pds: BuiltinPds, did: str) -> None:
    await pds.apply_writes(did, [write_of("one", record(1))])
    for bad in (write_of("one", record(1)), write_of("absent", record(1), "update"), delete_of("absent")):
        with pytest.raises(PdsUnclearError):
            await pds.apply_writes(did, [write_of("new", record(2)), bad])
    assert await pds.existing(did, [(SCROBBLE, "new")]) == {}


async def test_a_wrong_cid_is_refused_for_good(pds: BuiltinPds, did: str) -> None:
    good, other = write_of("one", record(1)), write_of("one", record(2))
    with pytest.raises(PdsRefusedError):
        await pds.apply_writes(did, [type(good)("create", SCROBBLE, "one", good.record, other.cid)])


async def test_an_inactive_or_unknown_repository_is_not_written(pds: BuiltinPds, world: World, did: str) -> None:
    with pytest.raises(RepoNotFoundError):
        await pds.repos.apply(NOBODY, [edit("create", "one", 1)])
    await pds.accounts.set_status(did, "deactivated")
    before = await world.everything()
    with pytest.raises(RepoInactiveError):
        await pds.repos.apply(did, [edit("create", "one", 1)])
    with pytest.raises(PdsSessionLostError):
        await pds.apply_writes(did, [write_of("one", record(1))])
    assert await world.everything() == before
    assert await pds.latest_rev(did) == tid_text((await pds.repos.head(did, any_status=True)).rev)
    with pytest.raises(PdsSessionLostError):
        await pds.latest_rev(NOBODY)
    await pds.accounts.set_status(did, "active")
    await pds.apply_writes(did, [write_of("one", record(1))])
    assert [b["active"] for h, b in await events_of(world) if h["t"] == "#account"] == [True, False, True]


async def test_a_small_cache_changes_nothing_but_speed(world: World) -> None:
    pds = world.host(node_cache_bytes=2_000)
    did = await pds.create_repository("bob.test")
    for start in range(0, 400, 50):
        await pds.apply_writes(did, [write_of(f"n{n}", record(n)) for n in range(start, start + 50)])
    _, records = whole_repo(await exported(pds, did), did, await signing_key(pds, did))
    assert len(records) == 400
    await pds.close()


async def test_only_the_newest_tree_is_stored(pds: BuiltinPds, world: World, did: str) -> None:
    for n in range(30):
        await pds.apply_writes(did, [write_of(f"n{n}", record(n))])
    await pds.apply_writes(did, [delete_of(f"n{n}") for n in range(30)])
    assert await world.rows("SELECT COUNT(*) FROM pds_node") == [(1,)]
    assert await world.rows("SELECT COUNT(*) FROM pds_record") == [(0,)]


async def test_each_account_has_a_key_of_its_own(pds: BuiltinPds, did: str) -> None:
    other = await pds.create_repository("bob.test")
    assert other != did
    assert await signing_key(pds, did) != await signing_key(pds, other)
