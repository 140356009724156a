"""Links: bytes, text, and what is no link."""

from __future__ import annotations

import hashlib

import multiformats
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonearm.atproto.cid import Cid, CidError, cid_of_dag_cbor, cid_of_raw, cid_text, cid_text_of_dag_cbor, parse_cid
from tonearm.atproto.formats import is_cid

EMPTY_MAP_TEXT = "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua"
DIGEST = hashlib.sha256(b"x").digest()


def test_the_empty_map_has_its_well_known_link():
    assert cid_text(cid_of_dag_cbor(b"\xa0")) == EMPTY_MAP_TEXT
    assert cid_text_of_dag_cbor(b"\xa0") == EMPTY_MAP_TEXT
    assert parse_cid(EMPTY_MAP_TEXT) == cid_of_dag_cbor(b"\xa0")


@settings(max_examples=25)  # the oracle takes a millisecond
@given(st.binary(), st.sampled_from([(cid_of_dag_cbor, "dag-cbor"), (cid_of_raw, "raw")]))
def test_the_text_is_what_the_multiformats_library_writes(block, kind):
    make, codec = kind
    cid = make(block)
    oracle = multiformats.CID("base32", 1, codec, ("sha2-256", hashlib.sha256(block).digest()))
    assert cid_text(cid) == str(oracle)
    assert bytes(cid) == bytes(oracle)
    assert parse_cid(str(oracle)) == cid
    assert is_cid(str(oracle))


def test_a_link_is_equal_and_hashes_by_its_bytes_and_is_never_bytes():
    one, same, other = cid_of_raw(b"x"), Cid(bytes(cid_of_raw(b"x"))), cid_of_dag_cbor(b"x")
    assert one == same
    assert {one: 1}[same] == 1
    assert one != other
    assert one != bytes(one)
    assert not isinstance(one, bytes)


def test_a_link_knows_its_digest_its_kind_and_its_block():
    blob, record = cid_of_raw(b"x"), cid_of_dag_cbor(b"x")
    assert blob.digest == record.digest == DIGEST
    assert blob.is_raw
    assert not record.is_raw
    assert record.matches(b"x")
    assert not record.matches(b"y")


def test_a_link_shows_its_text():
    cid = parse_cid(EMPTY_MAP_TEXT)
    assert str(cid) == EMPTY_MAP_TEXT
    assert repr(cid) == f"Cid('{EMPTY_MAP_TEXT}')"


@pytest.mark.parametrize(
    "cid_bytes",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x01\x71\x12\x20" + DIGEST[:31], id="short"),
        pytest.param(b"\x01\x71\x12\x20" + DIGEST + b"\0", id="long"),
        pytest.param(b"\x12\x20" + DIGEST, id="version 0"),
        pytest.param(b"\x02\x71\x12\x20" + DIGEST, id="version 2"),
        pytest.param(b"\x01\x70\x12\x20" + DIGEST, id="dag-pb"),
        pytest.param(b"\x01\x71\x1b\x20" + DIGEST, id="keccak"),
        pytest.param(b"\x01\x71\x12\x1f" + DIGEST, id="another length"),
        pytest.param(b"\x01\x71\x00\x20" + DIGEST, id="identity"),
    ],
)
def test_other_kinds_of_cid_are_no_links(cid_bytes):
    with pytest.raises(CidError):
        Cid(cid_bytes)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param(EMPTY_MAP_TEXT.upper(), id="upper case"),
        pytest.param("B" + EMPTY_MAP_TEXT[1:], id="the prefix of upper case"),
        pytest.param("b" + EMPTY_MAP_TEXT[1:].upper(), id="upper case with the prefix of lower case"),
        pytest.param(EMPTY_MAP_TEXT + "=", id="padding"),
        pytest.param(EMPTY_MAP_TEXT[:-1], id="short"),
        pytest.param(EMPTY_MAP_TEXT + "a", id="long"),
        pytest.param(EMPTY_MAP_TEXT[:-1] + "b", id="bits after the last byte"),
        pytest.param(EMPTY_MAP_TEXT[:-1] + "1", id="a digit outside base32"),
        pytest.param(EMPTY_MAP_TEXT + "\n", id="a newline"),
        pytest.param("QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG", id="version 0"),
        pytest.param("zdpuAyvkgEDQm9TenwGkd5eNaosSxjgEYd8QatfPetgB1CdEZ", id="base58"),
        pytest.param(str(multiformats.CID("base32", 1, "dag-pb", ("sha2-256", DIGEST))), id="dag-pb"),
        pytest.param(str(multiformats.CID("base32", 1, "raw", ("sha2-512", DIGEST * 2))), id="sha2-512"),
    ],
)
def test_other_texts_are_no_links(text):
    with pytest.raises(CidError):
        parse_cid(text)
