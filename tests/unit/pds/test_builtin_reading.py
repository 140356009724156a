"""Records, proofs, blocks, blobs and archives of the built-in PDS."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import libipld
import pytest
from atproto_core.car import CAR

from tests.network.repo_oracles import CID, Car, cid_text, encode_dag_cbor, whole_repo
from tests.support.pds_sessions import SCROBBLE, delete_of, write_of
from tonearm.atproto.car import read_car
from tonearm.atproto.cid import Cid, cid_of_raw, parse_cid
from tonearm.pds.builtin.errors import (
    BlobNotFoundError,
    BlockNotFoundError,
    InvalidWriteError,
    RepoBusyError,
    RepoInactiveError,
    RepoNotFoundError,
)
from tonearm.pds.builtin.repository import export
from tonearm.pds.builtin.repository.blobs import UNREFERENCED_KEPT_S, UNREFERENCED_LIMIT_BYTES, BlobTooLargeError
from tonearm.pds.builtin.repository.incoming import Incoming, prepare
from tonearm.pds.builtin.repository.records import PAGE_LIMIT_BYTES, edit_of_data

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.builtin_pds import World
    from tonearm.pds.builtin.host import BuiltinPds

NOBODY = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
TID = "3kabcdefgh222"


def record(n: int, **more: Any) -> dict[str, Any]:
    return {"$type": SCROBBLE, "title": f"Track {n}", **more}


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def exported(pds: BuiltinPds, did: str, since: int = 0) -> bytes:
    return b"".join([chunk async for chunk in pds.exporter.car(did, since=since)])


async def signing_key(pds: BuiltinPds, did: str) -> str:
    document = await pds.accounts.did_document(did)
    return "did:key:" + document["verificationMethod"][0]["publicKeyMultibase"]


async def test_records_are_listed_in_the_order_of_their_bytes(pds: BuiltinPds, did: str) -> None:
    keys = ["Z", "a", "B", "_", "-x", "~", "10", "9", "a.b", "a-b"]
    await pds.apply_writes(did, [write_of(key, record(1)) for key in keys])
    listed = []
    cursor = None
    while True:
        _, page = await pds.reader.page(did, SCROBBLE, limit=3, cursor=cursor, reverse=True)
        if not page:
            break
        listed += [item.rkey for item in page]
        cursor = listed[-1]
    assert listed == sorted(keys)
    _, page = await pds.reader.page("alice.test", SCROBBLE, limit=100, cursor=None, reverse=False)
    assert [item.rkey for item in page] == sorted(keys, reverse=True)


async def listed(pds: BuiltinPds, did: str, *, reverse: bool, limit: int = 100) -> list[list[str]]:
    """The keys of a collection, page by page."""
    pages: list[list[str]] = []
    cursor = None
    while True:
        _, page = await pds.reader.page(did, SCROBBLE, limit=limit, cursor=cursor, reverse=reverse)
        if not page:
            return pages
        pages.append([item.rkey for item in page])
        cursor = pages[-1][-1]


@pytest.mark.parametrize("reverse", [False, True])
async def test_a_page_of_large_records_is_cut_short(pds: BuiltinPds, did: str, reverse: bool) -> None:
    sizes = {"a": 900_000, "b": 900_000, "c": 100_000, "d": 900_000, "e": 10, "f": 10}
    for key, size in sizes.items():
        await pds.apply_writes(did, [write_of(key, record(1, lyrics="x" * size))])
    pages = await listed(pds, did, reverse=reverse)
    assert pages == ([["a", "b", "c"], ["d", "e", "f"]] if reverse else [["f", "e", "d", "c", "b"], ["a"]])
    assert all(sum(sizes[key] for key in page) <= PAGE_LIMIT_BYTES for page in pages)
    assert await listed(pds, did, reverse=reverse, limit=2) == (
        [["a", "b"], ["c", "d"], ["e", "f"]] if reverse else [["f", "e"], ["d", "c"], ["b", "a"]]
    )


async def test_a_record_larger_than_a_page_is_a_page_of_its_own(
    pds: BuiltinPds, did: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tonearm.pds.builtin.repository.records.PAGE_LIMIT_BYTES", 100)
    await pds.apply_writes(did, [write_of(key, record(1, lyrics="x" * 200)) for key in "abc"])
    assert await listed(pds, did, reverse=True) == [["a"], ["b"], ["c"]]


async def test_collections_are_those_with_records(pds: BuiltinPds, did: str) -> None:
    await pds.apply_writes(did, [write_of("x", {"$type": c}, collection=c) for c in (SCROBBLE, "a.b.c", "z.y.x")])
    await pds.apply_writes(did, [delete_of("x", "a.b.c")])
    assert (await pds.reader.collections(did))[1] == [SCROBBLE, "z.y.x"]


async def test_nothing_is_read_of_an_inactive_repository(pds: BuiltinPds, did: str) -> None:
    await pds.apply_writes(did, [write_of("x", record(1))])
    await pds.accounts.set_status(did, "takendown")
    reads = [
        pds.reader.record(did, SCROBBLE, "x"),
        pds.reader.page(did, SCROBBLE, limit=1, cursor=None, reverse=False),
        pds.reader.collections(did),
        pds.reader.head(did),
        pds.reader.proof(did, SCROBBLE, "x"),
        pds.reader.blocks(did, []),
        pds.blobs.content(did, "x"),
        exported(pds, did),
    ]
    for read in reads:
        with pytest.raises(RepoInactiveError):
            await read
    assert len([chunk async for chunk in pds.export_car(did)]) == 1, "the owner can always take it away"


async def test_blocks_are_found_by_their_cids_and_foreign_ones_are_not(pds: BuiltinPds, did: str) -> None:
    await pds.apply_writes(did, [write_of(f"n{n}", record(n)) for n in range(60)])
    roots, blocks = read_car(await exported(pds, did))
    wanted = [cid for cid, _ in blocks][::7] + roots
    answered = read_car(await pds.reader.blocks(did, wanted))
    assert answered[0] == []
    assert dict(answered[1]) == {cid: block for cid, block in blocks if cid in wanted}
    twin = bytearray(bytes(wanted[0]))
    twin[-1] ^= 1
    for foreign in (parse_cid(cid_text(CID(edit_of_data("put", SCROBBLE, "x", record(999)).cid))), Cid(bytes(twin))):
        with pytest.raises(BlockNotFoundError):
            await pds.reader.blocks(did, [wanted[0], foreign])
    other = await pds.create_repository("bob.test")
    with pytest.raises(BlockNotFoundError):
        await pds.reader.blocks(other, wanted)


async def test_an_archive_since_a_revision_completes_an_older_copy(pds: BuiltinPds, did: str) -> None:
    await pds.apply_writes(did, [write_of(f"old{n}", record(n)) for n in range(100)])
    old, rev = await exported(pds, did), (await pds.reader.head(did)).rev
    await pds.apply_writes(did, [write_of(f"new{n}", record(n)) for n in range(10)])
    await pds.apply_writes(did, [write_of("old1", record(500), "update"), delete_of("old2")])
    newer, whole = await exported(pds, did, rev), await exported(pds, did)
    assert len(newer) < len(whole) / 2
    have = dict(read_car(old)[1]) | dict(read_car(newer)[1])
    for cid, block in read_car(whole)[1]:
        assert have[cid] == block
    assert read_car(newer)[0] == read_car(whole)[0]


async def test_other_libraries_read_our_archives(pds: BuiltinPds, did: str) -> None:
    writes = [write_of(f"n{n}", record(n)) for n in range(30)]
    await pds.apply_writes(did, writes)
    raw = await exported(pds, did)
    header, blocks = libipld.decode_car(raw)
    assert [CID(bytes(root)) for root in header["roots"]] == [CID((await pds.reader.head(did)).commit_cid)]
    sdk = CAR.from_bytes(raw)
    assert sdk.root.encode() == cid_text(CID((await pds.reader.head(did)).commit_cid))
    decoded = {bytes(cid): value for cid, value in blocks.items()}
    for n, write in enumerate(writes):
        assert decoded[bytes(parse_cid(write.cid))] == record(n)
    assert len(sdk.blocks) == len(blocks)


async def test_an_archive_is_one_commits_while_others_go_on(pds: BuiltinPds, did: str) -> None:
    await pds.apply_writes(did, [write_of(f"n{n}", record(n)) for n in range(200)])
    key = await signing_key(pds, did)

    async def keep_writing() -> None:
        for n in range(20):
            await pds.apply_writes(did, [write_of(f"m{n}", record(n)), delete_of(f"n{n}")])

    writing = asyncio.ensure_future(keep_writing())
    for _ in range(5):
        _, records = whole_repo(await exported(pds, did), did, key)
        assert len(records) == 200
    await writing


async def test_an_archive_larger_than_memory_comes_in_pieces(pds: BuiltinPds, did: str) -> None:
    for n in range(4):
        await pds.apply_writes(did, [write_of(f"n{n}", record(n, lyrics="x" * 500_000))])
    sizes = [len(chunk) async for chunk in pds.export_car(did)]
    assert sum(sizes) > 2_000_000
    assert max(sizes) <= export.CHUNK_BYTES


async def test_downloads_at_once_are_limited_and_ended_ones_count_no_more(pds: BuiltinPds, did: str) -> None:
    streams = [pds.exporter.car(did) for _ in range(export.DOWNLOADS_LIMIT)]
    for stream in streams:
        await anext(stream)
    with pytest.raises(RepoBusyError):
        await anext(pds.exporter.car(did))
    for stream in streams:
        await stream.aclose()
    await exported(pds, did)
    with pytest.raises(RepoNotFoundError):
        await exported(pds, NOBODY)


async def test_a_proof_of_a_present_or_absent_record_is_small(pds: BuiltinPds, did: str) -> None:
    await pds.apply_writes(did, [write_of(f"n{n}", record(n)) for n in range(200)])
    for rkey, blocks in (("n77", 20), ("absent", 20)):
        car = Car(await pds.reader.proof(did, SCROBBLE, rkey))
        assert len(car.cids) < blocks
        assert cid_text(car.root) == cid_text(CID((await pds.reader.head(did)).commit_cid))


async def test_a_blob_is_served_while_a_record_references_it(pds: BuiltinPds, world: World, did: str) -> None:
    blob = await pds.blobs.upload(did, "image/png; charset=x", chunks(b"PNG", b"data"))
    assert (blob.media_type, blob.size_bytes, blob.cid) == ("image/png", 7, cid_of_raw(b"PNGdata"))
    text = str(blob.cid)
    with pytest.raises(BlobNotFoundError):
        await pds.blobs.content(did, text)
    edit = edit_of_data("create", SCROBBLE, "x", record(1, art=[{"deep": blob.value()}]))
    assert edit.blobs == (text,)
    await pds.repos.apply(did, [edit])
    assert await pds.blobs.content(did, text) == ("image/png", b"PNGdata")
    assert await pds.blobs.page(did, since=0, after="", limit=10) == [text]
    world.clock.now += UNREFERENCED_KEPT_S + 1
    await pds.tidy()
    assert await pds.blobs.content(did, text) == ("image/png", b"PNGdata")

    await pds.repos.apply(did, [edit_of_data("update", SCROBBLE, "x", record(1))])
    with pytest.raises(BlobNotFoundError):
        await pds.blobs.content(did, text)
    await pds.tidy()
    assert await world.rows("SELECT cid FROM pds_blob") == []


async def test_a_record_cannot_reference_what_was_not_uploaded_here(pds: BuiltinPds, world: World, did: str) -> None:
    other = await pds.create_repository("bob.test")
    blob = await pds.blobs.upload(other, "image/png", chunks(b"theirs"))
    edit = edit_of_data("create", SCROBBLE, "x", record(1, art=blob.value()))
    before = await world.everything()
    with pytest.raises(BlobNotFoundError, match=str(blob.cid)):
        await pds.repos.apply(did, [edit])
    assert await world.everything() == before
    await pds.repos.apply(other, [edit])


async def test_an_upload_is_bounded_in_size_type_and_number(world: World) -> None:
    pds = world.host(blob_limit_bytes=10)
    did = await pds.create_repository("carol.test")
    await pds.blobs.upload(did, "", chunks(b"x" * 10))
    with pytest.raises(BlobTooLargeError):
        await pds.blobs.upload(did, "image/png", chunks(b"x" * 6, b"x" * 5))
    for media_type in ("nonsense", "a/b/c", "text/html\r\nX: y", "text /html"):
        with pytest.raises(InvalidWriteError):
            await pds.blobs.upload(did, media_type, chunks(b"x"))
    await world.do("UPDATE pds_blob SET size_bytes = $1", UNREFERENCED_LIMIT_BYTES)
    with pytest.raises(InvalidWriteError, match="no record references"):
        await pds.blobs.upload(did, "image/png", chunks(b"y"))
    await pds.close()


VALID = {
    "title": "Hounds of Love",
    "artist": "Kate Bush",
    "album": "Hounds of Love",
    "albumArtist": "Kate Bush",
    "duration": 182_000,
    "createdAt": "2026-11-21T01:00:00.000Z",
}


async def test_records_of_known_lexicons_are_validated_and_typed(pds: BuiltinPds) -> None:
    write = Incoming("create", SCROBBLE, None, VALID | {"unknown": {"kept": True}})
    ((edit, status),) = await prepare([write], pds.repos.tids, validate=None)
    assert status == "valid"
    assert edit.block == encode_dag_cbor({"$type": SCROBBLE, **VALID, "unknown": {"kept": True}})
    assert len(edit.rkey) == 13
    ((_, status),) = await prepare([write], pds.repos.tids, validate=False)
    assert status is None
    for broken in (VALID | {"title": 7}, {"title": "alone"}, VALID | {"createdAt": "yesterday"}):
        bad = Incoming("create", SCROBBLE, TID, broken)
        for validate in (None, True):
            with pytest.raises(InvalidWriteError, match=SCROBBLE):
                await prepare([bad], pds.repos.tids, validate=validate)
        await prepare([bad], pds.repos.tids, validate=False)


async def test_records_of_unknown_lexicons_are_kept_unless_validation_is_demanded(pds: BuiltinPds) -> None:
    for collection in ("com.example.thing", "app.rocksky.scrobble.defs", "app.rocksky.scrobble.createScrobble"):
        write = Incoming("create", collection, "x", {"a": 1})
        ((_, status),) = await prepare([write], pds.repos.tids, validate=None)
        assert status == "unknown"
        with pytest.raises(InvalidWriteError, match="not known"):
            await prepare([write], pds.repos.tids, validate=True)


async def test_a_key_must_be_of_the_kind_that_the_lexicon_says(pds: BuiltinPds) -> None:
    with pytest.raises(InvalidWriteError, match="TID"):
        await prepare([Incoming("create", SCROBBLE, "self", VALID)], pds.repos.tids, validate=None)
    profile = {"displayName": "x"}
    ((edit, _),) = await prepare(
        [Incoming("create", "app.bsky.actor.profile", None, profile)], pds.repos.tids, validate=None
    )
    assert edit.rkey == "self"
    with pytest.raises(InvalidWriteError, match="self"):
        await prepare([Incoming("create", "app.bsky.actor.profile", TID, profile)], pds.repos.tids, validate=None)


async def test_large_batches_are_prepared_in_order_with_keys_that_rise(pds: BuiltinPds) -> None:
    writes = [Incoming("create", SCROBBLE, None, VALID | {"title": str(n)}) for n in range(200)]
    prepared = await prepare(writes, pds.repos.tids, validate=None)
    assert [item.edit.block for item in prepared] == [
        encode_dag_cbor({"$type": SCROBBLE, **VALID, "title": str(n)}) for n in range(200)
    ]
    keys = [item.edit.rkey for item in prepared]
    assert keys == sorted(set(keys))


@pytest.mark.parametrize("value", [{"x": 1.5}, {"$type": "a.b.c"}, {"x": 2**63}, {"x": {"y": object()}}])
def test_a_value_that_no_record_can_have_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(InvalidWriteError):
        edit_of_data("create", SCROBBLE, "x", value)
