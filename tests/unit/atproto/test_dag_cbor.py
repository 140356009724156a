"""DAG-CBOR: exact bytes, two independent oracles, and everything that is refused."""

from __future__ import annotations

import hashlib
import time
import tracemalloc
from typing import Any

import cbor2
import dag_cbor as dag_cbor_oracle
import multiformats
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tonearm.atproto.cid import Cid, cid_of_dag_cbor, cid_of_raw
from tonearm.atproto.dag_cbor import DEPTH_LIMIT, DagCborError, decode, decode_sequence, encode

CID = cid_of_raw(b"x")
LINK_BYTES = b"\xd8\x2a\x58\x25\x00" + bytes(CID)

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
cids = st.binary(max_size=4).flatmap(lambda data: st.sampled_from([cid_of_raw(data), cid_of_dag_cbor(data)]))
scalars = (
    st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 63) - 1) | text | st.binary(max_size=12) | cids
)  # fmt: skip
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(text, inner, max_size=5))

EXACT = [
    (None, "f6"),
    (False, "f4"),
    (True, "f5"),
    (0, "00"),
    (23, "17"),
    (24, "1818"),
    (255, "18ff"),
    (256, "190100"),
    (65535, "19ffff"),
    (65536, "1a00010000"),
    ((1 << 32) - 1, "1affffffff"),
    (1 << 32, "1b0000000100000000"),
    ((1 << 63) - 1, "1b7fffffffffffffff"),
    (-1, "20"),
    (-24, "37"),
    (-25, "3818"),
    (-(1 << 63), "3b7fffffffffffffff"),
    ("", "60"),
    ("a", "6161"),
    ("ü", "62c3bc"),
    ("水", "63e6b0b4"),
    ("\U00010151", "64f0908591"),
    ("\0", "6100"),
    ("a" * 24, "7818" + "61" * 24),
    (b"", "40"),
    (b"\1\2\3", "43010203"),
    ([], "80"),
    ([1, [2, 3]], "8201820203"),
    ({}, "a0"),
    ({"a": 1}, "a1616101"),
    ({"bb": 1, "a": 2, "c": 3}, "a361610261630362626201"),
    ({"é": 1, "z": 2, "aa": 3}, "a3617a0262616103" + "62c3a901"),
    (CID, LINK_BYTES.hex()),
    ({"$link": "x"}, "a165246c696e6b6178"),
]


@pytest.mark.parametrize(("value", "expected"), EXACT)
def test_a_value_has_these_bytes(value, expected):
    assert encode(value).hex() == expected
    decoded = decode(bytes.fromhex(expected))
    assert decoded == value
    assert type(decoded) is type(value)


def for_cbor2(value: Any) -> Any:
    if isinstance(value, Cid):
        return cbor2.CBORTag(42, b"\0" + bytes(value))
    if isinstance(value, dict):
        return {key: for_cbor2(item) for key, item in value.items()}
    return [for_cbor2(item) for item in value] if isinstance(value, list) else value


def for_dag_cbor(value: Any) -> Any:
    if isinstance(value, Cid):
        codec = "raw" if value.is_raw else "dag-cbor"
        return multiformats.CID("base32", 1, codec, ("sha2-256", value.digest))
    if isinstance(value, dict):
        return {key: for_dag_cbor(item) for key, item in value.items()}
    return [for_dag_cbor(item) for item in value] if isinstance(value, list) else value


@given(values)
def test_the_bytes_are_those_of_cbor2_in_canonical_form(value):
    assert encode(value) == cbor2.dumps(for_cbor2(value), canonical=True)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(values)
def test_the_bytes_are_those_of_the_dag_cbor_package(value):
    block = encode(value)
    assert block == dag_cbor_oracle.encode(for_dag_cbor(value))
    assert for_dag_cbor(decode(block)) == dag_cbor_oracle.decode(block)


@given(values)
def test_decoding_undoes_encoding(value):
    block = encode(value)
    decoded = decode(block)
    assert repr(decoded) == repr(decode(encode(decoded)))
    assert decoded == value
    assert encode(decoded) == block


@given(st.dictionaries(text, st.integers(0, 9), max_size=8), st.randoms())
def test_the_order_of_a_map_does_not_matter(value, random):
    pairs = list(value.items())
    random.shuffle(pairs)
    assert encode(dict(pairs)) == encode(value)


@given(st.binary(max_size=64))
@example(b"\xfb\x00\x00\x00\x00\x00\x00\x00\x00")
def test_bytes_are_refused_or_given_back_exactly(block):
    try:
        value = decode(block)
    except DagCborError:
        return
    assert encode(value) == block


@given(values, st.data())
def test_a_damaged_block_is_refused_or_is_another_canonical_block(value, data):
    block = bytearray(encode(value))
    for _ in range(data.draw(st.integers(1, 3))):
        block[data.draw(st.integers(0, len(block) - 1))] = data.draw(st.integers(0, 255))
    try:
        decoded = decode(bytes(block))
    except DagCborError:
        return
    assert encode(decoded) == bytes(block)


REFUSED_BLOCKS = {
    "nothing": "",
    "a 16-bit float": "f93c00",
    "a 32-bit float": "fa3f800000",
    "a 64-bit float": "fb3ff0000000000000",
    "a float inside": "a16161fb3ff8000000000000",
    "a float inside a list": "8183fb3ff800000000000001f6",
    "NaN": "fb7ff8000000000000",
    "infinity": "fb7ff0000000000000",
    "undefined": "f7",
    "another simple value": "f8ff",
    "an integer of 64 bits": "1b8000000000000000",
    "the largest integer": "1bffffffffffffffff",
    "a negative integer of 65 bits": "3b8000000000000000",
    "a big integer": "c249010000000000000000",
    "a length of 8 bits that fits 5": "1817",
    "a length of 16 bits that fits 8": "1900ff",
    "a length of 32 bits that fits 16": "1a0000ffff",
    "a length of 64 bits that fits 32": "1b00000000ffffffff",
    "text whose length is not minimal": "780161",
    "a list whose length is not minimal": "980101",
    "a map whose length is not minimal": "b801616101",
    "an indefinite list": "9f01ff",
    "an indefinite map": "bf616101ff",
    "indefinite text": "7f6161ff",
    "indefinite bytes": "5f4101ff",
    "a break alone": "ff",
    "keys out of order": "a2616202616101",
    "keys sorted by bytes rather than by length": "a262616101616202",
    "a duplicate key": "a2616101616102",
    "an integer key": "a10101",
    "a key of bytes": "a1416101",
    "a null key": "a1f601",
    "invalid UTF-8": "61ff",
    "an overlong encoding": "62c080",
    "a surrogate": "63eda080",
    "invalid UTF-8 in a key": "a161ff01",
    "a character beyond Unicode": "64f4908080",
    "tag 0": "c06161",
    "tag 1": "c100",
    "tag 43": "d82b4100",
    "tag 42 on text": "d82a6161",
    "tag 42 without its zero byte": "d82a5824" + bytes(CID).hex(),
    "tag 42 with another first byte": "d82a582501" + bytes(CID).hex(),
    "tag 42 on nothing": "d82a40",
    "tag 42 written long": "d9002a582500" + bytes(CID).hex(),
    "a link of version 0": "d82a582300" + "1220" + "00" * 32,
    "a link with another hash": "d82a582500" + "01711b20" + "00" * 32,
    "a link with another codec": "d82a582500" + "01701220" + "00" * 32,
    "a short link": "d82a582400" + "01711220" + "00" * 31,
    "a byte after the value": "0000",
    "two values": "a0a0",
    "a list that ends early": "8201",
    "a map that ends early": "a26161016162",
    "text that ends early": "6261",
    "bytes that end early": "4201",
    "a list that claims 2^64 items": "9bffffffffffffffff",
    "a map that claims 2^64 pairs": "bbffffffffffffffff",
    "text that claims 2^64 bytes": "7bffffffffffffffff",
    "a reserved length": "1c",
}


@pytest.mark.parametrize("block", REFUSED_BLOCKS.values(), ids=REFUSED_BLOCKS.keys())
def test_what_is_not_canonical_is_refused(block):
    with pytest.raises(DagCborError):
        decode(bytes.fromhex(block))


class Text(str):
    """A subclass, which has no one form."""

    __slots__ = ()


REFUSED_VALUES = [
    (1.0, "the value: a float"),
    ({"a": {"b": [1, 2.5]}}, "a/b/1: a float"),
    (float("nan"), "a float"),
    (1 << 63, "beyond 64 bits"),
    ({"n": -(1 << 63) - 1}, "n: an integer beyond 64 bits"),
    ([1 << 64], "beyond 64 bits"),
    ("\ud800", "lone surrogate"),
    ({"a": ["\udfff"]}, "a/0: text with a lone surrogate"),
    ({"\ud800": 1}, "a key that is not text"),
    ({1: 2}, "a key that is not text"),
    ({None: 2}, "a key that is not text"),
    ({b"a": 2}, "a key that is not text"),
    ({Text("a"): 2}, "a key that is not text"),
    ((1, 2), "a tuple"),
    ({"x": {1, 2}}, "x: a set"),
    (bytearray(b"a"), "a bytearray"),
    (memoryview(b"a"), "a memoryview"),
    (Text("a"), "a Text"),
    (object(), "a object"),
    ({"deep": [{"at": 1 + 2j}]}, "deep/0/at: a complex"),
]


@pytest.mark.parametrize(("value", "message"), REFUSED_VALUES, ids=[message for _, message in REFUSED_VALUES])
def test_what_the_data_model_does_not_have_is_refused_with_its_place(value, message):
    with pytest.raises(DagCborError, match=message):
        encode(value)


def nested(levels: int) -> Any:
    value: Any = 7
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


def test_nesting_up_to_the_limit_is_accepted():
    value = nested(DEPTH_LIMIT)
    assert decode(encode(value)) == value
    assert decode(b"\x81" * DEPTH_LIMIT + b"\x01")


def test_a_large_block_is_measured_exactly():
    filler = b"\x5a\x00\x01\x86\xa0" + b"\x99" * 100_000
    accepted = b"\x82\x01" * DEPTH_LIMIT + filler
    assert encode(decode(accepted)) == accepted
    assert decode_sequence(b"\x01" + accepted, 2)[0] == 1
    for refused in (
        b"\x82\x01" * (DEPTH_LIMIT + 1) + filler,
        b"\x82\x01" * (DEPTH_LIMIT - 1) + b"\x82\x81\x80" + filler,
    ):
        with pytest.raises(DagCborError, match="nested deeper"):
            decode(refused)
        with pytest.raises(DagCborError, match="nested deeper"):
            decode_sequence(b"\x01" + refused, 2)


@pytest.mark.parametrize("levels", [DEPTH_LIMIT + 1, 900, 5000, 100_000])
def test_deeper_nesting_is_refused(levels):
    with pytest.raises(DagCborError, match="nested deeper than 128"):
        encode(nested(levels))
    for head in (b"\x81", b"\xa1\x61\x61", b"\x98\x18" + b"\x00" * 23, b"\x99\x01\x00" + b"\x00" * 255):
        with pytest.raises(DagCborError, match=r"nested deeper than 128|not enough bytes|larger than"):
            decode(head * levels + b"\x01")


def test_a_value_that_contains_itself_is_refused():
    circle: list[Any] = []
    circle.append({"again": circle})
    with pytest.raises(DagCborError, match="nested deeper"):
        encode(circle)


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param(b"".join(b"\x99" + (65_000 - 3 * n).to_bytes(2, "big") for n in range(21_000)), id="16-bit"),
        pytest.param(b"".join(b"\x9a" + (5_000_000 - 5 * n).to_bytes(4, "big") for n in range(999_000)), id="32-bit"),
        pytest.param(b"\x82\xf6" * 40_000 + b"\x9a\x00\x01\x00\x00" * 20_000, id="behind small ones"),
        pytest.param((b"\x82\x78\x18" + b"\x99" * 24) * 30_000, id="heads in text"),
        pytest.param(b"\xb8\xff" * 400_000, id="maps"),
        pytest.param(
            b"".join(b"\x9a" + (1_900_000 - 5 * n).to_bytes(4, "big") for n in range(100)) + bytes(2_000_000),
            id="within the limit of nesting",
        ),
        pytest.param(b"\x9b\x00\x00\x00\x00\x00\x0f\x00\x00" * 300_000, id="64-bit"),
    ],
)
def test_arrays_that_claim_gigabytes_are_refused_cheaply(bomb):
    tracemalloc.start()
    started = time.perf_counter()
    try:
        with pytest.raises(DagCborError):
            decode(bomb)
        assert tracemalloc.get_traced_memory()[1] < 48 << 20
    finally:
        tracemalloc.stop()
    assert time.perf_counter() - started < 2


def test_a_large_honest_block_is_accepted():
    digests = [hashlib.sha256(n.to_bytes(4, "big")).digest() for n in range(20_000)]
    value = {
        "entries": [{"k": digest, "v": Cid(b"\x01\x71\x12\x20" + digest)} for digest in digests],
        "l": list(range(300)),
    }
    assert decode(encode(value)) == value


def test_a_block_over_the_limit_is_refused_unread():
    with pytest.raises(DagCborError, match="larger than 4 bytes"):
        decode(b"\x44abcd", limit_bytes=4)
    assert decode(b"\x44abcd", limit_bytes=5) == b"abcd"


def test_a_message_never_shows_more_than_a_little_of_the_input():
    with pytest.raises(DagCborError) as caught:
        encode({"k" * 1_000_000: [{"\x1b[31m" * 1000: 1.5}] * 3})
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()


def test_a_message_about_a_key_is_short():
    key = b"\x7a\x00\x01\x00\x00" + b"k" * 65536
    with pytest.raises(DagCborError, match="keys must be sorted") as caught:
        decode(b"\xa2" + key + b"\x01" + key + b"\x01")
    assert len(str(caught.value)) < 300


def test_a_sequence_has_exactly_its_items():
    assert decode_sequence(b"\x01\xa0", 2) == [1, {}]
    for data, message in [
        (b"\x01", "there are 1"),
        (b"\x01\x02\x03", "more bytes"),
        (b"\x01\xf9\x3c\x00", "canonical"),
    ]:
        with pytest.raises(DagCborError, match=message):
            decode_sequence(data, 2)
    with pytest.raises(DagCborError, match="a float"):
        decode_sequence(b"\x01\xfb\x3f\xf8\x00\x00\x00\x00\x00\x00", 2)
