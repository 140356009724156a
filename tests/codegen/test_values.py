"""What each type and keyword accepts and refuses, through generated classes.

A vector is a definition, values that it takes, and values that it refuses with the reason. Values are in JSON form.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from codegen import schema
from tonearm.atproto import formats
from tonearm.atproto.cid import parse_cid
from tonearm.xrpc.models import LexiconError

if TYPE_CHECKING:
    from tests.codegen.conftest import Compiler

SAFE = 2**53 - 1
CID = "bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a"
RAW_CID = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"  # one grapheme, 5 code points, 18 bytes
FLAG = "\U0001f1e8\U0001f1ed"  # one grapheme, 2 code points, 8 bytes
E_ACUTE = "e\u0301"  # one grapheme, 2 code points, 3 bytes
HANGUL = "\u1112\u1161\u11ab"  # one grapheme, 3 code points, 9 bytes
DEVANAGARI = "\u0915\u094d\u0937"  # one grapheme since Unicode 15.1, 3 code points, 9 bytes

NO_STRING = [(1, "must be a string"), (True, "must be a string"), (["a"], "must be a string"), ({}, "must be a string")]


def blob(**changes: Any) -> dict[str, Any]:
    value = {"$type": "blob", "ref": {"$link": RAW_CID}, "mimeType": "image/png", "size": 1000} | changes
    return {name: part for name, part in value.items() if part is not ...}


VECTORS: dict[str, tuple[dict[str, Any], list[Any], list[tuple[Any, str]]]] = {
    "null": (
        {"type": "null"},
        [None],
        [(0, "must be null"), ("", "must be null"), (False, "must be null"), ({}, "must be null")],
    ),
    "boolean": (
        {"type": "boolean"},
        [True, False],
        [(0, "must be a boolean"), (1, "must be a boolean"), ("true", "must be a boolean"), (None, "must not be null")],
    ),
    "boolean_const": (
        {"type": "boolean", "const": True},
        [True],
        [(False, "must be True"), (1, "must be a boolean"), ("true", "must be a boolean")],
    ),
    "boolean_const_false": (
        {"type": "boolean", "const": False},
        [False],
        [(True, "must be False"), (0, "must be a boolean")],
    ),
    "integer": (
        {"type": "integer"},
        [0, -1, 42, SAFE, -SAFE],
        [
            (True, "must be an integer"),
            (False, "must be an integer"),
            ("1", "must be an integer"),
            (1.5, "must be an integer"),
            (SAFE + 1, f"must not be greater than {SAFE}"),
            (-SAFE - 1, f"must not be less than {-SAFE}"),
            (2**80, f"must not be greater than {SAFE}"),
            (None, "must not be null"),
        ],
    ),
    "integer_minimum": ({"type": "integer", "minimum": 3}, [3, 4], [(2, "must not be less than 3")]),
    "integer_maximum": ({"type": "integer", "maximum": 3}, [3, -9], [(4, "must not be greater than 3")]),
    "integer_minimum_zero": ({"type": "integer", "minimum": 0}, [0], [(-1, "must not be less than 0")]),
    "integer_maximum_zero": ({"type": "integer", "maximum": 0}, [0], [(1, "must not be greater than 0")]),
    "integer_enum": (
        {"type": "integer", "enum": [0, 1, 5]},
        [0, 1, 5],
        [(2, "must be 0, 1 or 5"), (True, "must be an integer"), (False, "must be an integer")],
    ),
    "integer_const": ({"type": "integer", "const": 1}, [1], [(2, "must be 1"), (True, "must be an integer")]),
    "string": ({"type": "string"}, ["", "a", "\u00e9", FAMILY, "a\nb"], [*NO_STRING, (None, "must not be null")]),
    "string_max_length_counts_bytes": (
        {"type": "string", "maxLength": 4},
        ["", "abcd", "\u00e9\u00e9", "\U0001f600", "a\u20ac"],
        [
            ("abcde", "must not be longer than 4 bytes"),
            ("\u00e9\u00e9a", "must not be longer than 4 bytes"),
            ("\U0001f600a", "must not be longer than 4 bytes"),
            ("\u20ac\u20ac", "must not be longer than 4 bytes"),
            *NO_STRING,
        ],
    ),
    "string_max_length_zero": ({"type": "string", "maxLength": 0}, [""], [("a", "must not be longer than 0 bytes")]),
    "string_min_length_one": ({"type": "string", "minLength": 1}, ["a", "\u00e9"], [("", "must not be empty")]),
    "string_min_length_zero": ({"type": "string", "minLength": 0}, ["", "a"], NO_STRING),
    "string_min_length_counts_bytes": (
        {"type": "string", "minLength": 3},
        ["abc", "\u20ac", "\u00e9a", "\U0001f600"],
        [
            ("", "must not be empty"),
            ("ab", "must not be shorter than 3 bytes"),
            ("\u00e9", "must not be shorter than 3 bytes"),
        ],
    ),
    "string_max_graphemes": (
        {"type": "string", "maxGraphemes": 2},
        ["", "ab", FAMILY * 2, FLAG * 2, E_ACUTE * 2, HANGUL * 2, DEVANAGARI * 2, "a\r\n", "\r\n\r\n"],
        [
            ("abc", "must not be longer than 2 graphemes"),
            (FAMILY * 3, "must not be longer than 2 graphemes"),
            (FLAG * 2 + "a", "must not be longer than 2 graphemes"),
            (E_ACUTE * 3, "must not be longer than 2 graphemes"),
            ("\n\r\n\r", "must not be longer than 2 graphemes"),
            *NO_STRING,
        ],
    ),
    "string_min_graphemes": (
        {"type": "string", "minGraphemes": 2},
        ["ab", FAMILY * 2, "a" + E_ACUTE],
        [
            ("", "must not be empty"),
            ("a", "must not be shorter than 2 graphemes"),
            (FAMILY, "must not be shorter than 2 graphemes"),
            (E_ACUTE, "must not be shorter than 2 graphemes"),
            ("\r\n", "must not be shorter than 2 graphemes"),
        ],
    ),
    "string_min_graphemes_one": ({"type": "string", "minGraphemes": 1}, ["a"], [("", "must not be empty")]),
    "string_bytes_and_graphemes": (
        {"type": "string", "maxLength": 20, "maxGraphemes": 2},
        ["ab", FAMILY, FAMILY + "a", FLAG * 2],
        [("abc", "must not be longer than 2 graphemes"), (FAMILY * 2, "must not be longer than 20 bytes")],
    ),
    "string_enum": (
        {"type": "string", "enum": ["red", "green"]},
        ["red", "green"],
        [("blue", "must be 'red' or 'green'"), ("Red", "must be 'red' or 'green'"), (1, "must be 'red' or 'green'")],
    ),
    "string_const": ({"type": "string", "const": "x"}, ["x"], [("y", "must be 'x'"), ("", "must be 'x'")]),
    "string_known_values_never_reject": (
        {"type": "string", "knownValues": ["a", "b"]},
        ["a", "b", "c", ""],
        NO_STRING,
    ),
    "string_format_and_length": (
        {"type": "string", "format": "uri", "maxLength": 12},
        ["https://a.b"],
        [("https://a.bcd", "must not be longer than 12 bytes"), ("nothing", "must be a valid uri")],
    ),
    "bytes": (
        {"type": "bytes"},
        [{"$bytes": ""}, {"$bytes": "AAEC"}, {"$bytes": "AA"}, {"$bytes": "AA=="}],
        [
            ("AAEC", "must be bytes"),
            ({}, "must be bytes"),
            ({"bytes": "AA"}, "must be bytes"),
            (None, "must not be null"),
        ],
    ),
    "bytes_lengths": (
        {"type": "bytes", "minLength": 2, "maxLength": 3},
        [{"$bytes": "AAE"}, {"$bytes": "AAEC"}],
        [
            ({"$bytes": "AA"}, "must not be shorter than 2 bytes"),
            ({"$bytes": "AAECAw"}, "must not be longer than 3 bytes"),
        ],
    ),
    "cid_link": (
        {"type": "cid-link"},
        [{"$link": CID}, {"$link": RAW_CID}],
        [
            (CID, "must be a link"),
            ({}, "must be a link"),
            ({"link": CID}, "must be a link"),
            (None, "must not be null"),
        ],
    ),
    "blob": (
        {"type": "blob"},
        [
            blob(),
            blob(ref={"$link": CID}),
            blob(mimeType="text/plain"),
            blob(size=0),
            {"cid": RAW_CID, "mimeType": "image/png"},
        ],
        [
            ({}, "must be a blob"),
            ("x", "must be a blob"),
            (blob(**{"$type": ...}), "must be a blob"),
            (blob(**{"$type": "image"}), "must be a blob"),
            ({"cid": RAW_CID, "mimeType": ""}, "must be a blob with a mimeType"),
            ({"cid": "nothing", "mimeType": "a/b"}, "must be a blob with a valid cid"),
            ({"cid": 3, "mimeType": "a/b"}, "must be a blob with a valid cid"),
            (None, "must not be null"),
        ],
    ),
    "blob_accept": (
        {"type": "blob", "accept": ["image/png", "video/*"]},
        [blob(), blob(mimeType="video/mp4"), {"cid": RAW_CID, "mimeType": "image/png"}],
        [
            (blob(mimeType="image/jpeg"), "must be a blob of type image/png or video/*"),
            (blob(mimeType="image/png2"), "must be a blob of type image/png or video/*"),
            (blob(mimeType="video"), "must be a blob of type image/png or video/*"),
            (blob(mimeType="videos/mp4"), "must be a blob of type image/png or video/*"),
            ({"cid": RAW_CID, "mimeType": "image/jpeg"}, "must be a blob of type image/png or video/*"),
        ],
    ),
    "blob_accept_anything": (
        {"type": "blob", "accept": ["*/*"]},
        [blob(), blob(mimeType="x/y")],
        [(3, "must be a blob")],
    ),
    "blob_max_size": (
        {"type": "blob", "maxSize": 1000},
        [blob(), {"cid": RAW_CID, "mimeType": "image/png"}],
        [(blob(size=1001), "must be a blob of at most 1000 bytes")],
    ),
    "array": (
        {"type": "array", "items": {"type": "integer"}},
        [[], [1], [1, 1, 2]],
        [(1, "must be an array"), ({}, "must be an array"), ("ab", "must be an array"), (None, "must not be null")],
    ),
    "array_lengths": (
        {"type": "array", "items": {"type": "integer"}, "minLength": 1, "maxLength": 2},
        [[1], [1, 2]],
        [([], "must not have less than 1 elements"), ([1, 2, 3], "must not have more than 2 elements")],
    ),
    "array_max_length_zero": (
        {"type": "array", "items": {"type": "integer"}, "maxLength": 0},
        [[]],
        [([1], "must not have more than 0 elements")],
    ),
    "unknown": (
        {"type": "unknown"},
        [{}, {"a": 1}, {"a": {"b": [None]}}, {"$type": "com.example.other", "x": 1}, {"a": {"$link": CID}}],
        [
            (True, "must be an object"),
            (1, "must be an object"),
            ("a", "must be an object"),
            ([], "must be an object"),
            ({"$bytes": "AAEC"}, "must be an object"),
            ({"$link": CID}, "must be an object"),
            (blob(), "must be an object"),
            (None, "must not be null"),
        ],
    ),
}

# At least one accepted and one refused text for every rule of each format's grammar.
FORMATS: dict[str, tuple[list[str], list[str]]] = {
    "at-identifier": (
        ["did:plc:asdf123", "alice.example.com", "did:web:example.com"],
        ["", "alice", "did:plc", "did:", "@alice.example.com", "alice.example.com ", "at://alice.example.com"],
    ),
    "at-uri": (
        [
            "at://did:plc:asdf123",
            "at://alice.example.com",
            "at://did:plc:asdf123/com.atproto.feed.post",
            "at://did:plc:asdf123/com.atproto.feed.post/record",
            "at://alice.example.com/com.atproto.feed.post/self",
        ],
        [
            "",
            "at://",
            "at:/did:plc:asdf123",
            "AT://did:plc:asdf123",
            "http://did:plc:asdf123",
            "at://did:plc:asdf123/",
            "at://did:plc:asdf123/short.nsid",
            "at://did:plc:asdf123/com.atproto.feed.post/",
            "at://did:plc:asdf123/com.atproto.feed.post/a/b",
            "at://did:plc:asdf123/com.atproto.feed.post/a#frag",
            "at://did:plc:asdf123/com.atproto.feed.post/..",
            "at://name",
            "at://did:plc:asdf123 ",
        ],
    ),
    "cid": (
        [CID, RAW_CID, "zdj7WhuEjrB52m1BisYCtmjH1hSKa7yZ3jEZ9JcXaFRD51wVz"],
        ["", "bafy", "QmbWqxBEKC3P8tqsKc98xmWNzrzDtRLMiMPL8wBuTGsMnR", "not a cid at all", f"{CID}\n", f"{CID}!"],
    ),
    "datetime": (
        [
            "1985-04-12T23:20:50.123Z",
            "1985-04-12T23:20:50Z",
            "1985-04-12T23:20:50.0Z",
            "1985-04-12T23:20:50.123+00:00",
            "1985-04-12T23:20:50.123-07:00",
            "2024-02-29T00:00:00Z",
            "0010-12-31T23:00:00.000Z",
        ],
        [
            "",
            "1985-04-12",
            "1985-04-12T23:20Z",
            "1985-04-12T23:20:5Z",
            "1985-04-12T23:20:50.123",
            "1985-04-12t23:20:50.123Z",
            "1985-04-12T23:20:50.123z",
            "1985-04-12 23:20:50.123Z",
            "1985-04-12T23:20:50.Z",
            "+001985-04-12T23:20:50.123Z",
            "1985-04-12T23:20:50.123-00:00",
            "1985-13-12T23:20:50Z",
            "1985-04-31T23:20:50Z",
            "2023-02-29T00:00:00Z",
            "1985-04-12T24:20:50Z",
            "1985-04-12T23:60:50Z",
            "0000-01-01T00:00:00Z",
            "1985-04-12T23:20:50Z ",
        ],
    ),
    "did": (
        ["did:plc:asdf123", "did:web:example.com%3A8080", "did:method:a:b:c", "did:m:-._"],
        [
            "",
            "did",
            "did:",
            "did:plc:",
            "DID:plc:abc",
            "did:PLC:abc",
            "did:p1c:abc",
            "did:plc:a/b",
            "did:plc:a ",
            "did:m:a:",
        ],
    ),
    "handle": (
        ["alice.example.com", "a.co", "xn--notarealidn.com", "8.cn", "laptop.local", "a-b.c-d.example"],
        [
            "",
            "alice",
            "-a.com",
            "a-.com",
            "a..com",
            ".a.com",
            "a.com.",
            "a_b.com",
            "a.8",
            "a b.com",
            "@a.com",
            "\u00e9.com",
        ],
    ),
    "language": (
        ["de", "de-CH", "sgn-US", "zh-Hans", "i-navajo", "en-GB-boont-r-extended-sequence-x-private", "x-private"],
        ["", "x", "123", "de_CH", "d", "de-", "-de", "de CH", "toolonglanguage"],
    ),
    "nsid": (
        ["com.example.fooBar", "net.users.bob.ping", "a-0.b-1.c", "com.example.f00", "cn.8.lex"],
        [
            "",
            "com.example",
            "com",
            "com.example.foo-bar",
            "com.example.3foo",
            "com.exam_ple.foo",
            "1com.example.foo",
            "com.example.foo.*",
        ],
    ),
    "record-key": (
        ["self", "3jui7kd54zh2y", "example.com", "~1.2-3_", "dHJ1ZQ", "pre:fix", "_"],
        ["", ".", "..", "a/b", "a b", "@handle", "any+space", "number[3]", "\u00e9", "a" * 513],
    ),
    "tid": (
        ["3jzfcijpj2z2a", "7777777777777", "3zzzzzzzzzzzz", "2222222222222"],
        [
            "",
            "3jzfcijpj2z21",
            "0000000000000",
            "3jzfcijpj2z2aa",
            "3jzfcijpj2z2",
            "3jzf-cij-pj2z-2a",
            "kjzfcijpj2z2a",
            "3JZFCIJPJ2Z2A",
        ],
    ),
    "uri": (
        [
            "https://example.com/a?b#c",
            "at://alice.example.com",
            "did:plc:asdf123",
            "dns:example.com",
            "mailto:a@b.c",
            "ipfs://bafy",
        ],
        ["", "example.com", "//example.com", "https:", "ht tp://a", "https://a b", "3http://a", ":a", "https://a\n"],
    ),
}

ACCEPTED = [(name, value) for name, (_, values, _) in VECTORS.items() for value in values]
REFUSED = [(name, value, reason) for name, (_, _, refused) in VECTORS.items() for value, reason in refused]


@pytest.fixture(scope="module")
def record(compiled: Compiler) -> type[Any]:
    """A record with an optional property for each vector and each format."""
    formats = {f"format-{name}": {"type": "string", "format": name} for name in FORMATS}
    return compiled.record(**{name: definition for name, (definition, _, _) in VECTORS.items()}, **formats)


def wire(name: str, value: Any) -> dict[str, Any]:
    return {"$type": "com.example.thing", name: value}


@pytest.mark.parametrize(("name", "value"), ACCEPTED)
def test_a_value_within_the_rule_is_accepted_and_written_as_it_came(record: type[Any], name: str, value: Any) -> None:
    accepted = record.from_wire(wire(name, value))
    assert accepted.to_data() == record.from_data(accepted.to_data()).to_data()
    assert record.from_wire(json_of(accepted)).to_data() == accepted.to_data()


def json_of(model: Any) -> Any:
    return json.loads(model.to_wire())


@pytest.mark.parametrize(("name", "value", "reason"), REFUSED)
def test_a_value_beyond_the_rule_is_refused_with_place_and_reason(
    record: type[Any], name: str, value: Any, reason: str
) -> None:
    with pytest.raises(LexiconError) as refusal:
        record.from_wire(wire(name, value))
    assert (refusal.value.path, refusal.value.message) == (name, reason)


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, (texts, _) in FORMATS.items() for text in texts])
def test_a_text_of_the_format_is_accepted(record: type[Any], name: str, text: str) -> None:
    assert record.from_wire(wire(f"format-{name}", text)).to_data()[f"format-{name}"] == text


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, (_, texts) in FORMATS.items() for text in texts])
def test_a_text_that_breaks_the_format_is_refused(record: type[Any], name: str, text: str) -> None:
    with pytest.raises(LexiconError) as refusal:
        record.from_wire(wire(f"format-{name}", text))
    assert refusal.value.message == f"must be a valid {name}"


def test_every_format_has_vectors() -> None:
    assert set(FORMATS) == set(schema.FORMATS) == set(formats.FORMATS)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ref": ...}, "must be a blob with a ref that is a link"),
        ({"ref": RAW_CID}, "must be a blob with a ref that is a link"),
        ({"mimeType": ...}, "must be a blob with a mimeType"),
        ({"mimeType": ""}, "must be a blob with a mimeType"),
        ({"mimeType": False}, "must be a blob with a mimeType"),
        ({"size": ...}, "must be a blob with a size in bytes"),
        ({"size": "1"}, "must be a blob with a size in bytes"),
        ({"size": -1}, "must be a blob with a size in bytes"),
        ({"size": True}, "must be a blob with a size in bytes"),
    ],
)
def test_a_malformed_blob_is_refused_from_data_and_from_json(
    record: type[Any], changes: dict[str, Any], reason: str
) -> None:
    data = {"ref": parse_cid(RAW_CID), "mimeType": "image/png", "size": 1, "$type": "blob"} | changes
    with pytest.raises(LexiconError) as refusal:
        record.from_data(wire("blob", {name: part for name, part in data.items() if part is not ...}))
    assert (refusal.value.path, refusal.value.message) == ("blob", reason)
    with pytest.raises(LexiconError) as refusal:
        record.from_wire(wire("blob", blob(**changes)))
    assert refusal.value.path == "blob"


def test_malformed_links_and_bytes_are_refused_with_their_place(record: type[Any]) -> None:
    for name, value in [
        ("cid_link", {"$link": "nothing"}),
        ("cid_link", {"$link": CID, "more": 1}),
        ("bytes", {"$bytes": "!"}),
        ("bytes", {"$bytes": "AA", "more": 1}),
        ("bytes", {"$bytes": 3}),
    ]:
        with pytest.raises(LexiconError) as refusal:
            record.from_wire(wire(name, value))
        assert refusal.value.path == name


def test_the_json_forms_of_links_and_bytes_are_not_taken_for_data(record: type[Any]) -> None:
    for name, value in [("cid_link", {"$link": CID}), ("bytes", {"$bytes": "AAEC"}), ("cid_link", b"\1\2")]:
        with pytest.raises(LexiconError):
            record.from_data(wire(name, value))
