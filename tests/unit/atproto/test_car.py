"""CAR archives: exact bytes, an independent reader, and everything that a verified reader refuses."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import libipld
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonearm.atproto.car import CarError, CarReader, car_block, car_header, iterate_car, read_car, varint, write_car
from tonearm.atproto.cid import Cid, cid_of_dag_cbor, cid_of_raw
from tonearm.atproto.dag_cbor import encode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BLOCKS = [encode({"n": n, "text": "x" * n}) for n in (0, 1, 90, 300)]
PAIRS = [(cid_of_dag_cbor(block), block) for block in BLOCKS]
ROOT = PAIRS[0][0]
ARCHIVE = write_car([ROOT], PAIRS)


def test_the_header_and_a_block_have_these_bytes():
    cid = cid_of_raw(b"x")
    assert car_header([cid]) == (b"\x3a\xa2\x65roots\x81\xd8\x2a\x58\x25\x00" + bytes(cid) + b"\x67version\x01")
    assert car_block(cid, b"x") == b"\x25" + bytes(cid) + b"x"
    assert car_block(cid_of_raw(b"y" * 200), b"y" * 200)[:2] == b"\xec\x01"


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "00"), (1, "01"), (127, "7f"), (128, "8001"), (300, "ac02"), (16384, "808001")]
)
def test_a_length_is_written_in_groups_of_seven_bits(number, expected):
    assert varint(number).hex() == expected


def test_an_archive_is_read_back_and_another_reader_reads_the_same():
    assert read_car(ARCHIVE) == ([ROOT], PAIRS)
    header, blocks = libipld.decode_car(ARCHIVE)
    assert header["version"] == 1
    assert header["roots"] == [bytes(ROOT)]
    assert blocks == {bytes(cid): libipld.decode_dag_cbor(block) for cid, block in PAIRS}


def test_an_archive_may_have_no_roots_and_no_blocks():
    assert read_car(write_car([], [])) == ([], [])


def test_a_block_may_be_empty_and_may_be_repeated():
    pair = (cid_of_raw(b""), b"")
    assert read_car(write_car([], [pair, pair])) == ([], [pair, pair])


async def pieces_of(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


@pytest.mark.parametrize("size", [1, 2, 7, 64, 4096])
async def test_a_stream_gives_the_same_blocks_however_it_is_cut(size):
    assert [pair async for pair in iterate_car(pieces_of(ARCHIVE, size))] == PAIRS


@given(st.lists(st.integers(0, len(ARCHIVE)), max_size=8))
def test_a_reader_gives_the_same_blocks_however_it_is_fed(cuts):
    reader, found = CarReader(), []
    edges = [0, *sorted(cuts), len(ARCHIVE)]
    for start, end in pairwise(edges):
        found += reader.feed(ARCHIVE[start:end])
    reader.finish()
    assert (reader.roots, found) == ([ROOT], PAIRS)


def test_a_reader_holds_one_block_and_one_piece_at_most():
    reader = CarReader()
    for start in range(0, len(ARCHIVE), 50):
        list(reader.feed(ARCHIVE[start : start + 50]))
        assert len(reader._buffer) <= 50 + len(max(BLOCKS, key=len)) + 64


@pytest.mark.parametrize("length", range(len(ARCHIVE)))
def test_an_archive_cut_anywhere_but_between_blocks_is_truncated(length):
    boundaries, position = [], len(car_header([ROOT]))
    for cid, block in PAIRS:
        boundaries.append(position)
        position += len(car_block(cid, block))
    if length in boundaries:
        assert len(read_car(ARCHIVE[:length])[1]) == boundaries.index(length)
    else:
        with pytest.raises(CarError, match=r"truncated|empty"):
            read_car(ARCHIVE[:length])


async def test_a_truncated_stream_is_known_at_its_end():
    found = []
    with pytest.raises(CarError, match="truncated"):
        async for pair in iterate_car(pieces_of(ARCHIVE[:-1], 16)):
            found.append(pair)  # noqa: PERF401 - what came before the error counts
    assert found == PAIRS[:-1]


def test_a_block_with_another_hash_is_refused():
    for position in (len(ARCHIVE) - 1, len(car_header([ROOT])) + 10):
        damaged = bytearray(ARCHIVE)
        damaged[position] ^= 1
        with pytest.raises(CarError, match="another hash"):
            read_car(bytes(damaged))


def test_a_block_over_the_limit_is_refused_before_it_is_read():
    pair = (cid_of_raw(b"x" * 1000), b"x" * 1000)
    archive = write_car([], [pair])
    assert read_car(archive, block_limit_bytes=1000) == ([], [pair])
    reader = CarReader(block_limit_bytes=999)
    with pytest.raises(CarError, match="larger than 999 bytes"):
        list(reader.feed(archive[: len(car_header([])) + 2]))


def section(data: bytes) -> bytes:
    return varint(len(data)) + data


GOOD_HEADER = car_header([])
REFUSED = {
    "nothing": b"",
    "a header that is no DAG-CBOR": section(b"\xff"),
    "a header that is no map": section(encode([1])),
    "an empty header": b"\x00",
    "a header without roots": section(encode({"version": 1})),
    "a header without a version": section(encode({"roots": []})),
    "a header with more": section(encode({"roots": [], "version": 1, "x": 1})),
    "version 2": section(encode({"roots": [], "version": 2})),
    "version true": section(encode({"roots": [], "version": True})),
    "roots that are text": section(encode({"roots": ["a"], "version": 1})),
    "roots that are bytes": section(encode({"roots": [bytes(ROOT)], "version": 1})),
    "roots that are no list": section(encode({"roots": {}, "version": 1})),
    "a huge header": varint(1 << 20) + b"\xa2",
    "a header's length that is not minimal": b"\x80\x00",
    "a block's length that is not minimal": GOOD_HEADER + b"\xa5\x80\x00" + bytes(ROOT) + b"x",
    "a length without an end": GOOD_HEADER + b"\xff" * 10,
    "a block of no bytes": GOOD_HEADER + b"\x00",
    "a block shorter than its CID": GOOD_HEADER + section(bytes(ROOT)[:35]),
    "a CID of version 0": GOOD_HEADER + section(b"\x12\x20" + bytes(32) + b"xx"),
    "a CID with another codec": GOOD_HEADER + section(b"\x01\x70\x12\x20" + ROOT.digest + BLOCKS[0]),
    "an identity CID": GOOD_HEADER + section(b"\x01\x71\x00\x20" + bytes(32)),
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
def test_other_bytes_are_no_archive(data):
    with pytest.raises(CarError):
        read_car(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_hold_verified_blocks(data):
    try:
        _, blocks = read_car(GOOD_HEADER + data)
    except CarError:
        return
    assert all(isinstance(cid, Cid) and cid.matches(block) for cid, block in blocks)
