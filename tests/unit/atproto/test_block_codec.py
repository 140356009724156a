"""The codec behind `dag_cbor`: its fast ways and its slow ones agree, and links are never confused with bytes."""

from __future__ import annotations

import dag_cbor as oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multiformats import CID

from tonearm.atproto.block_codec import decode_block, decode_blocks, encode_block
from tonearm.atproto.cid import Cid

LINKS = st.builds(
    lambda codec, digest: Cid(bytes([1, codec, 0x12, 0x20]) + digest),
    st.sampled_from([0x71, 0x55]),
    st.binary(min_size=32, max_size=32),
)
# Byte strings that parse as a CID: version 1 with any codec and hash, and the bare multihash of version 0.
LIKE_LINKS = st.one_of(
    LINKS.map(bytes),
    st.binary(min_size=32, max_size=34).map(lambda digest: b"\x12\x20" + digest),
    st.builds(
        lambda codec, hashed, digest: bytes([1, codec, hashed, len(digest)]) + digest,
        st.integers(0, 255),
        st.integers(0, 255),
        st.binary(max_size=64),
    ),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(1 << 63), (1 << 63) - 1), st.text(), st.binary(), LINKS, LIKE_LINKS
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)), max_leaves=20
)


def for_oracle(value):
    if isinstance(value, dict):
        return {key: for_oracle(item) for key, item in value.items()}
    if isinstance(value, list):
        return [for_oracle(item) for item in value]
    return CID.decode(bytes(value)) if isinstance(value, Cid) else value


@given(VALUES)
def test_a_value_is_written_as_the_oracle_writes_it_and_read_back(value):
    block = encode_block(value)
    assert block == oracle.encode(for_oracle(value))
    assert decode_block(block) == value
    assert decode_blocks(block + block) == [value, value]


@given(LIKE_LINKS)
def test_bytes_that_parse_as_a_link_stay_bytes(data):
    block = encode_block({"sig": data, "link": Cid(b"\x01\x71\x12\x20" + bytes(32))})
    assert decode_block(block)["sig"] == data


@given(VALUES, st.data())
def test_a_block_with_a_changed_byte_is_refused_or_canonical(value, data):
    block = bytearray(encode_block(value))
    block[data.draw(st.integers(0, len(block) - 1))] = data.draw(st.integers(0, 255))
    try:
        changed = decode_block(bytes(block))
    except ValueError:
        return
    if not any(type(part) is float for part in leaves(changed)):
        assert encode_block(changed) == bytes(block)


def leaves(value):
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from leaves(item)
    else:
        yield value


@pytest.mark.parametrize("size", [0, 1, 23, 24, 255, 256, 65_536])
def test_lengths_are_minimal_in_the_slow_way_too(size):
    like_a_link = bytes(Cid(b"\x01\x71\x12\x20" + bytes(32)))
    value = {"b": bytes(size), "c": like_a_link, "l": [0] * size, "t": "x" * size}
    block = encode_block(value)
    assert block == oracle.encode(value)
    assert decode_block(block) == value
