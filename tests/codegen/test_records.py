"""Records: their key and type, and that nothing of theirs is lost on the way through."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonearm.atproto import dag_cbor
from tonearm.atproto.cid import Cid, cid_of_dag_cbor, cid_of_raw
from tonearm.xrpc.models import LexiconError
from tonearm.xrpc.values import Blob

if TYPE_CHECKING:
    from types import ModuleType

    from tests.codegen.conftest import Compiler

TRACK = {
    "type": "record",
    "key": "tid",
    "record": {
        "type": "object",
        "required": ["title", "createdAt"],
        "nullable": ["note"],
        "properties": {
            "title": {"type": "string", "maxLength": 100},
            "createdAt": {"type": "string", "format": "datetime"},
            "duration": {"type": "integer", "default": 1},
            "note": {"type": "string"},
            "cover": {"type": "blob"},
            "raw": {"type": "bytes"},
            "at": {"type": "cid-link"},
            "anything": {"type": "unknown"},
            "artists": {"type": "array", "items": {"type": "ref", "ref": "#artist"}},
            "embed": {"type": "union", "refs": ["#artist"]},
            "inner": {"type": "object", "properties": {"depth": {"type": "integer"}}},
        },
    },
}
ARTIST = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "mbId": {"type": "string"}},
}
TYPE = "com.example.track"


@pytest.fixture(scope="module")
def track(compiled: Compiler) -> ModuleType:
    return compiled.defs(TYPE, main=TRACK, artist=ARTIST)


LINK, RAW_LINK = cid_of_dag_cbor(b"\xa0"), cid_of_raw(b"x")
NEEDED = {"$type": TYPE, "title": "t", "createdAt": "2024-01-01T00:00:00Z"}

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    texts,
    st.binary(max_size=8),
    st.sampled_from([LINK, RAW_LINK]),
)
keys = texts.filter(lambda key: key not in {"$type", "$link", "$bytes"})
data = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=12,
)
known = {*TRACK["record"]["properties"], "$type"}
unknown_fields = st.dictionaries(keys.filter(lambda key: key not in known), data, max_size=5)
unknown_in_artist = st.dictionaries(keys.filter(lambda key: key not in {"name", "mbId"}), data, max_size=3)
artists = st.builds(
    lambda name, more, tagged: more | {"name": name} | ({"$type": f"{TYPE}#artist"} if tagged else {}),
    texts,
    unknown_in_artist,
    st.booleans(),
)
blobs = st.one_of(
    st.builds(
        lambda size, more: {"$type": "blob", "ref": RAW_LINK, "mimeType": "image/png", "size": size, **more},
        st.integers(0, 10**9),
        st.dictionaries(st.sampled_from(["alt", "more"]), data, max_size=2),
    ),
    st.just({"cid": str(RAW_LINK), "mimeType": "image/png"}),
)
strangers = st.builds(lambda more: more | {"$type": "com.example.other#thing"}, unknown_in_artist)
records = st.builds(
    lambda fields, more: NEEDED | more | fields,
    st.fixed_dictionaries(
        {"title": texts},
        optional={
            "duration": st.integers(-5, 5),
            "note": st.one_of(st.none(), texts),
            "cover": blobs,
            "raw": st.binary(max_size=9),
            "at": st.sampled_from([LINK, RAW_LINK]),
            "anything": st.dictionaries(keys, data, max_size=3),
            "artists": st.lists(artists, max_size=3),
            "embed": st.one_of(artists.map(lambda artist: artist | {"$type": f"{TYPE}#artist"}), strangers),
            "inner": st.dictionaries(keys.filter(lambda key: key != "depth"), data, max_size=3),
        },
    ),
    unknown_fields,
)


@settings(max_examples=300, deadline=None)
@given(record=records)
def test_a_record_keeps_its_bytes_through_the_model(track: ModuleType, record: dict[str, Any]) -> None:
    block = dag_cbor.encode(record)
    assert dag_cbor.encode(track.Record.from_data(dag_cbor.decode(block)).to_data()) == block


@settings(max_examples=150, deadline=None)
@given(record=records)
def test_a_record_keeps_its_bytes_through_json(track: ModuleType, record: dict[str, Any]) -> None:
    block = dag_cbor.encode(record)
    text = track.Record.from_data(record).to_wire()
    assert dag_cbor.encode(track.Record.from_wire(json.loads(text)).to_data()) == block


def test_a_record_needs_its_type(track: ModuleType) -> None:
    fields = {name: value for name, value in NEEDED.items() if name != "$type"}
    for bad in (
        fields,
        fields | {"$type": "com.example.other"},
        fields | {"$type": f"{TYPE}#main"},
        fields | {"$type": 3},
    ):
        with pytest.raises(LexiconError) as refusal:
            track.Record.from_data(bad)
        assert (refusal.value.path, refusal.value.message) == ("$type", f"must be {TYPE}")
    for bad in ([], None, "x"):
        with pytest.raises(LexiconError, match="must be an object"):
            track.Record.from_data(bad)
        with pytest.raises(LexiconError, match="must be an object"):
            track.Record.from_wire(bad)


def test_a_record_built_in_python_equals_the_one_read_back(track: ModuleType) -> None:
    built = track.Record(
        title="t",
        created_at="2024-01-01T00:00:00Z",
        cover=Blob(RAW_LINK, "image/png", 3),
        artists=[track.Artist(name="a", mb_id="m")],
        embed=track.Artist(name="b"),
    )
    assert built.to_data() == NEEDED | {
        "cover": {"$type": "blob", "ref": RAW_LINK, "mimeType": "image/png", "size": 3},
        "artists": [{"name": "a", "mbId": "m"}],
        "embed": {"$type": f"{TYPE}#artist", "name": "b"},
    }
    assert track.Record.from_data(built.to_data()) == built
    assert track.Record.from_wire(json.loads(built.to_wire())) == built


def test_a_default_is_not_put_into_a_record(track: ModuleType) -> None:
    assert track.Record.from_data(NEEDED).duration is None
    assert track.Record.from_data(NEEDED).to_data() == NEEDED


def test_further_fields_can_be_added_but_not_over_declared_ones(track: ModuleType) -> None:
    record = track.Record.from_data(NEEDED | {"old": 1})
    assert record.extended({"new": {"a": [1]}}).to_data() == NEEDED | {"old": 1, "new": {"a": [1]}}
    assert record.to_data() == NEEDED | {"old": 1}
    with pytest.raises(ValueError, match="createdAt"):
        record.extended({"createdAt": "now"})


def test_an_edited_copy_keeps_unknown_fields(track: ModuleType) -> None:
    record = track.Record.from_data(NEEDED | {"old": [None]})
    assert record.model_copy(update={"title": "new"}).to_data() == NEEDED | {"title": "new", "old": [None]}


def test_unknown_fields_never_shadow_declared_ones(track: ModuleType) -> None:
    record = track.Record.from_data(NEEDED | {"created_at": "x", "to_data": 1, "__class__": 2, "model_fields": 3})
    assert record.created_at == "2024-01-01T00:00:00Z"
    assert record.to_data() == NEEDED | {"created_at": "x", "to_data": 1, "__class__": 2, "model_fields": 3}


def test_a_records_values_are_those_of_the_data_model(track: ModuleType) -> None:
    link = {"$link": str(RAW_LINK)}
    record = track.Record.from_wire(
        NEEDED | {"at": link, "raw": {"$bytes": "AAE"}, "anything": {"x": link}, "more": [link]}
    )
    assert isinstance(record.at, Cid)
    assert (record.raw, record.anything, record.to_data()["more"]) == (b"\0\1", {"x": RAW_LINK}, [RAW_LINK])


@pytest.mark.parametrize("key", ["tid", "nsid", "any", "literal:self"])
def test_every_key_type_is_exposed(compiled: Compiler, key: str) -> None:
    definition = {"type": "record", "key": key, "record": {"type": "object", "properties": {}}}
    module = compiled.defs("com.example.keyed", main=definition)
    assert (key, "com.example.keyed", "com.example.keyed") == (module.KEY, module.NSID, module.Record.TYPE)
