"""Reading a repository's archive, good or bad, in pieces of any size."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.support.archives import archive_of, in_pieces, path_of
from tonearm.atproto import dag_cbor
from tonearm.atproto.car import CarError, read_car, write_car
from tonearm.atproto.cid import cid_of_dag_cbor
from tonearm.index.scratch import Scratch
from tonearm.services import archive

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def scratch() -> Iterator[Scratch]:
    with Scratch() as opened:
        yield opened


def block(text: str) -> bytes:
    return dag_cbor.encode({"text": text})


async def read(scratch: Scratch, car: bytes, size: int = 1000) -> dict[int, bytes]:
    root = await archive.load(in_pieces(car, size), scratch)
    return {tid: scratch.block(cid) for tid, cid in archive.scrobbles(scratch, root)}


@pytest.mark.parametrize("size", [1, 37, 1000, 10**9])
async def test_every_scrobble_is_found_in_the_order_of_its_key(scratch: Scratch, size: int) -> None:
    tids = random.Random(3).sample(range(1 << 50, 1 << 60), 300)
    found = await read(scratch, archive_of({path_of(tid): block(str(tid)) for tid in tids}), size)
    assert list(found) == sorted(tids)
    assert found == {tid: block(str(tid)) for tid in tids}


async def test_other_collections_and_keys_that_are_no_tids_are_passed_over(scratch: Scratch) -> None:
    others = ["app.rocksky.scrobble/self", "app.rocksky.scrobble/3jqfcqzm3fo2", "app.rocksky.song/3jqfcqzm3fo2j"]
    others += ["app.rocksky.scrobbles/3jqfcqzm3fo2j", "app.rocksky/3jqfcqzm3fo2j"]
    records = {path: block(path) for path in others} | {path_of(1 << 50): block("x")}
    assert await read(scratch, archive_of(records)) == {1 << 50: block("x")}


async def test_an_empty_repository_has_none(scratch: Scratch) -> None:
    assert await read(scratch, archive_of({})) == {}


async def test_the_same_record_under_two_keys_is_found_twice(scratch: Scratch) -> None:
    assert len(await read(scratch, archive_of({path_of(n << 50): block("same") for n in (1, 2)}))) == 2


@pytest.mark.parametrize("left", [0, 1, 40, 300, -1])
async def test_an_archive_that_breaks_off_is_refused(scratch: Scratch, left: int) -> None:
    car = archive_of({path_of(n << 50): block("x" * 100) for n in range(1, 9)})
    with pytest.raises(CarError):
        await read(scratch, car[:left])


async def test_a_block_that_is_missing_is_told(scratch: Scratch) -> None:
    records = {path_of(n << 50): block(str(n)) for n in range(1, 60)}
    with pytest.raises(LookupError, match="no block"):
        await read(scratch, archive_of(records, without=lambda path: path == path_of(7 << 50)))
    (root,), blocks = read_car(archive_of(records))
    nodes = [pair for pair in blocks if pair[1] not in records.values() and pair[0] != root]
    for gone in nodes:
        with pytest.raises(LookupError, match="no block"):
            await read(scratch, write_car([root], [pair for pair in blocks if pair != gone]))


@pytest.mark.parametrize("commit", [{"version": 3}, {"data": "x"}, {"data": 5}, {"data": None}, ["data"], "data", 7])
async def test_a_root_that_is_no_commit_is_told(scratch: Scratch, commit: object) -> None:
    encoded = dag_cbor.encode(commit)
    cid = cid_of_dag_cbor(encoded)
    for car in (write_car([cid], [(cid, encoded)]), write_car([cid], []), write_car([], [(cid, encoded)])):
        with pytest.raises(CarError, match="no commit"):
            await read(scratch, car)
