"""Strict JSON: what is accepted, what is refused and with which words, and the data model's form in it."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tonearm.atproto.cid import cid_of_dag_cbor, cid_of_raw, cid_text
from tonearm.atproto.json_data import DEPTH_LIMIT, MAX_SAFE_INTEGER, JsonError, parse_json, to_data, to_json

LINK = cid_of_raw(b"x")
LINK_TEXT = cid_text(LINK)

plain_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
safe_integers = st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
json_values = st.recursive(
    st.none() | st.booleans() | safe_integers | plain_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(plain_text, inner, max_size=4),
)


@given(
    json_values,
    st.booleans(),
    st.sampled_from([None, 0, 2, "\t"]),
    st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " : "), (",\t", "\n:"), (",", "\t:\r\n")]),
)
def test_what_json_dumps_writes_is_read_back(value, escaped, indent, separators):
    raw = json.dumps(value, ensure_ascii=escaped, indent=indent, separators=separators).encode()
    parsed = parse_json(raw)
    assert parsed == value
    assert repr(parsed) == repr(json.loads(raw))


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"{}", {}),
        (b" \t\r\n[ ] \n", []),
        (b"null", None),
        (b'"text"', "text"),
        (b"0", 0),
        (b"-0", 0),
        (b"-0.0", 0),
        (b"1.0", 1),
        (b'{"a": 310000.000}', {"a": 310000}),
        (b"[1e2, 1E+2, 1.5e1, 100e-2, 0e5]", [100, 100, 15, 1, 0]),
        (b"9007199254740991", MAX_SAFE_INTEGER),
        (b"[-9007199254740991]", [-MAX_SAFE_INTEGER]),
        (b"[9007199254740991.0]", [MAX_SAFE_INTEGER]),
        (b'["\\ud83d\\ude00", "\\u00e9", "\\\\ud800", "\\\\u0000", "\\""]', ["😀", "é", "\\ud800", "\\u0000", '"']),
        ('{"é": "水😀", "\x7f": "\u2028"}'.encode(), {"é": "水😀", "\x7f": "\u2028"}),
        (b'{"a" : 1, "b"\n:\t2}', {"a": 1, "b": 2}),
        (b'{"a\\":": 1, "b": "\\":\\":"}', {'a":': 1, "b": '":":'}),
        (b'[{"a": 1}, {"a": 2}, {"b": {"a": 3}}]', [{"a": 1}, {"a": 2}, {"b": {"a": 3}}]),
    ],
)
def test_this_text_is_this_value(raw, value):
    parsed = parse_json(raw)
    assert parsed == value
    assert repr(parsed) == repr(value)


REFUSED = [
    # The text itself.
    (b"", "invalid JSON: expecting value", "line 1 column 1"),
    (b"  ", "invalid JSON", "line 1 column 3"),
    (b"{", "invalid JSON", "line 1 column 2"),
    (b'{"a":1}}', "invalid JSON: extra data", "line 1 column 8"),
    (b'{"a":1} {"b":2}', "invalid JSON: extra data", "line 1 column 9"),
    (b'{\n "a": 1,\n "b" 2}', "invalid JSON", "line 3 column 6"),
    (b"[1,]", "invalid JSON", "line 1 column 4"),
    (b'{"a":1,}', "invalid JSON", "line 1 column 8"),
    (b"{'a':1}", "invalid JSON", "line 1 column 2"),
    (b"{a:1}", "invalid JSON", "line 1 column 2"),
    (b"[1 2]", "invalid JSON", "line 1 column 4"),
    (b"// no\n1", "invalid JSON", "line 1 column 1"),
    (b"nul", "invalid JSON", "line 1 column 1"),
    (b"True", "invalid JSON", "line 1 column 1"),
    (b"01", "invalid JSON", "line 1 column 2"),
    (b"+1", "invalid JSON", "line 1 column 1"),
    (b".5", "invalid JSON", "line 1 column 1"),
    (b"1.", "invalid JSON", "line 1 column 2"),
    (b"-", "invalid JSON", "line 1 column 1"),
    (b"0x10", "invalid JSON", "line 1 column 2"),
    (b'"open', "invalid JSON: unterminated string", "line 1 column 1"),
    (b'"a\nb"', "invalid JSON: invalid control character", "line 1 column 3"),
    (b'"a\0b"', "invalid JSON: invalid control character", "line 1 column 3"),
    (b'"\\x41"', "invalid JSON: invalid \\escape", "line 1 column 2"),
    (b'"\\u12"', "invalid JSON", "line 1 column 3"),
    (b"\x0b1", "invalid JSON", "line 1 column 1"),
    (b"\xc2\xa01", "invalid JSON", "line 1 column 1"),
    (b"1\0", "invalid JSON", "line 1 column 2"),
    (b"\xef\xbb\xbf{}", "a byte order mark", "byte 0"),
    (b"\xff\xfe{\0}\0", "invalid UTF-8", "byte 0"),
    ('{"a": 1}'.encode("utf-16-le"), "invalid JSON", "line 1 column 2"),
    (b'{"a": "\xff"}', "invalid UTF-8", "byte 7"),
    (b'"\xc3"', "invalid UTF-8", "byte 1"),
    (b'"\xc0\x80"', "invalid UTF-8", "byte 1"),
    (b'"\xed\xa0\x80"', "invalid UTF-8", "byte 1"),
    (b'"\xf4\x90\x80\x80"', "invalid UTF-8", "byte 1"),
    # Keys.
    (b'{"a":1,"a":1}', 'duplicate key "a"', ""),
    (b'{"a":1,"\\u0061":2}', 'duplicate key "a"', ""),
    (b'{"x":[1,{"y":{"a":1,"b":2,"a":3}}]}', 'duplicate key "a"', "x/1/y"),
    (b'{"a":{"b":1,"b":2},"a":3}', 'duplicate key "b"', "a"),
    (b'{"a" :1,"b":2,"b":3}', 'duplicate key "b"', ""),
    (b'{"a"\n:1,"b":2,"b":3}', 'duplicate key "b"', ""),
    (b'{"":1,"":2}', 'duplicate key ""', ""),
    (b'{"b":"\\":","a":1,"a":1}', 'duplicate key "a"', ""),
    (b'[{"a":{"p":1,"q":2},"a":{"r":3}}]', 'duplicate key "a"', "0"),
    # Text.
    (b'{"t":"a\\u0000b"}', "text with a NUL character", "t"),
    (b'{"k\\u0000":1}', "text with a NUL character", "k\\\\x00"),
    (b'{"t":["\\ud800"]}', "text with a lone surrogate", "t/0"),
    (b'"\\udfff"', "text with a lone surrogate", ""),
    (b'"\\uD83D"', "text with a lone surrogate", ""),
    (b'"\\ude00\\ud83d"', "text with a lone surrogate", ""),
    (b'"\\ud83dx\\ude00"', "text with a lone surrogate", ""),
    (b'{"\\udbff":1}', "text with a lone surrogate", "\\\\udbff"),
    # Numbers.
    (b"1.5", "a number that is not an integer", ""),
    (b'{"duration":[0.1]}', "a number that is not an integer", "duration/0"),
    (b"0.9999999999999999999999", "a number that is not an integer", ""),
    (b"9007199254740990.5", "a number that is not an integer", ""),
    (b"9007199254740992", "a number that is not an integer", ""),
    (b"-9007199254740992", "a number that is not an integer", ""),
    (b"[18446744073709551616]", "a number that is not an integer", "0"),
    (b"1e400", "a number that is not an integer", ""),
    (b"-1e400", "a number that is not an integer", ""),
    (b"1e-400", "a number that is not an integer", ""),
    (b"1e999999999999999999999999", "a number that is not an integer", ""),
    (b"1e-999999999999999999999999", "a number that is not an integer", ""),
    (b"1" * 5000, "a number that is not an integer", ""),
    (b'{"n":' + b"9" * 1_000_000 + b"}", "a number that is not an integer", "n"),
    (b"0." + b"0" * 100_000, "a number that is not an integer", ""),
    (b"NaN", "a number that is not an integer", ""),
    (b'{"a":Infinity}', "a number that is not an integer", "a"),
    (b"[-Infinity]", "a number that is not an integer", "0"),
]


@pytest.mark.parametrize(("raw", "message", "where"), REFUSED, ids=[raw[:24] for raw, _, _ in REFUSED])
def test_this_text_is_refused_with_its_reason_and_its_place(raw, message, where):
    started = time.perf_counter()
    with pytest.raises(JsonError) as caught:
        parse_json(raw)
    assert time.perf_counter() - started < 0.5
    assert caught.value.message.startswith(message)
    assert caught.value.where == where.replace("\\\\", "\\")
    assert str(caught.value) == (f"{caught.value.message} (at {caught.value.where})" if where else caught.value.message)


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"b":', b"}]")])
def test_nesting_up_to_the_limit_is_accepted_and_deeper_is_refused(opening, closing):
    depth = opening.count(b"[") + opening.count(b"{")
    times = DEPTH_LIMIT // depth
    assert parse_json(opening * times + b"1" + closing * times)
    for deeper in (times + 1, times + 40, 1000, 100_000):
        with pytest.raises(JsonError, match="nested"):
            parse_json(opening * deeper + b"1" + closing * deeper)
        with pytest.raises(JsonError, match=r"nested|invalid JSON"):
            parse_json(opening * deeper)


def test_the_limit_on_nesting_can_be_set():
    assert parse_json(b"[[1]]", depth_limit=2) == [[1]]
    with pytest.raises(JsonError, match=r"nested too deeply \(at 0/0\)"):
        parse_json(b"[[[1]]]", depth_limit=2)
    assert parse_json(b"7", depth_limit=1) == 7
    assert parse_json(b"[" * 150 + b"]" * 150, depth_limit=150)


def test_brackets_in_strings_are_no_nesting():
    value = {"a": "[" * 500, "{" * 500: ["}"] * 500}
    assert parse_json(json.dumps(value).encode()) == value


def test_many_containers_side_by_side_are_no_nesting():
    value = {"items": [{"a": [n]} for n in range(5000)]}
    assert parse_json(json.dumps(value).encode()) == value


@given(st.binary(max_size=40))
@example(b'{"a":1,"a":2}')
def test_any_bytes_are_refused_or_mean_what_the_standard_library_reads(raw):
    try:
        value = parse_json(raw)
    except JsonError:
        return
    assert value == json.loads(raw.decode())


TOKENS = [
    b'"a"', b'"b"', b'"\\":"', b'" :"', b'"\\u0061"', b":", b" :", b":", b",", b",", b"{", b"}", b"[", b"]", b"1", b"2.0",
    b"0.5", b"null", b" ", b"\n", b'"a":', b'{"a":1}', b'"b":[', b"\\", b'"', b"9007199254740993", b'"\\u0000"',
]  # fmt: skip


@given(st.lists(st.sampled_from(TOKENS), max_size=24).map(b"".join))
def test_duplicates_are_never_missed_however_the_text_is_put_together(raw):
    try:
        parse_json(raw)
    except JsonError:
        return

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    json.loads(raw, object_pairs_hook=unique)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["1", '"x"', '{"a":1,"b":2}'])), max_size=6))
def test_an_object_is_accepted_exactly_when_its_keys_differ(members):
    raw = "{" + ",".join(f'"{key}":{value}' for key, value in members) + "}"
    for text in (raw, raw.replace(":", " :"), f'[{raw}, "\\":"]', raw.replace('"a"', '"\\u0061"')):
        if len({key for key, _ in members}) == len(members):
            parse_json(text.encode())
        else:
            with pytest.raises(JsonError, match="duplicate key"):
                parse_json(text.encode())


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":[' + b"1," * 500_000 + b"1.5]}",
        b"[" + b'{"' + b"k" * 100_000 + b'":[' + b"1," * 100_000 + b"0.5]}]",
        b'{"' + b"k" * 200_000 + b'":1,"' + b"k" * 200_000 + b'":2}',
        b'["' + b"\\ud83d\\ude00" * 80_000 + b'"]',
        b"[" + b"1e5," * 200_000 + b"2]",
        b'{"x":"' + b'\\":' * 300_000 + b'"}',
    ],
)
def test_a_megabyte_made_to_be_slow_is_judged_in_linear_time(raw):
    started = time.perf_counter()
    try:
        parse_json(raw)
    except JsonError as error:
        assert len(str(error)) < 500
    assert time.perf_counter() - started < 3


def test_a_message_is_printable_and_short_whatever_the_key_is():
    with pytest.raises(JsonError) as caught:
        parse_json(json.dumps({"\x1b[31m\n\u202e" + "k" * 1000: [1.5]}).encode())
    assert str(caught.value).isprintable()
    assert str(caught.value).isascii()
    assert len(str(caught.value)) < 300


# The data model in JSON.

BLOB = {"$type": "blob", "ref": {"$link": LINK_TEXT}, "mimeType": "image/png", "size": 10_000}


@pytest.mark.parametrize(
    ("value", "data"),
    [
        ({"$link": LINK_TEXT}, LINK),
        ({"$bytes": ""}, b""),
        ({"$bytes": "AQ"}, b"\1"),
        ({"$bytes": "AQ=="}, b"\1"),
        ({"$bytes": "AQI"}, b"\1\2"),
        ({"$bytes": "AQI="}, b"\1\2"),
        ({"$bytes": "+/8B"}, b"\xfb\xff\x01"),
        ([{"$link": LINK_TEXT}, None, True, 1, "a"], [LINK, None, True, 1, "a"]),
        (BLOB, {**BLOB, "ref": LINK}),
        ({**BLOB, "size": 0, "alt": "unknown"}, {**BLOB, "ref": LINK, "size": 0, "alt": "unknown"}),
        (
            {"$type": "app.rocksky.scrobble", "x": {"$type": "a.b.c#d"}},
            {"$type": "app.rocksky.scrobble", "x": {"$type": "a.b.c#d"}},
        ),
        ({"link": "$link", "$other": 1}, {"link": "$link", "$other": 1}),
    ],
)
def test_a_json_value_is_this_data(value, data):
    assert to_data(value) == data


data_values = st.recursive(
    st.none() | st.booleans() | safe_integers | plain_text | st.binary(max_size=9)
    | st.binary(max_size=3).map(cid_of_raw) | st.binary(max_size=3).map(cid_of_dag_cbor),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(plain_text.filter(lambda key: not key.startswith("$")), inner, max_size=4),
)  # fmt: skip


@given(data_values)
def test_data_survives_json(data):
    assert to_data(parse_json(json.dumps(to_json(data)).encode())) == data


@given(st.binary())
def test_bytes_are_written_without_padding_and_read_with_or_without(data):
    encoded = base64.b64encode(data).decode()
    assert to_json(data) == {"$bytes": encoded.rstrip("=")}
    assert to_data({"$bytes": encoded}) == to_data({"$bytes": encoded.rstrip("=")}) == data


BAD_DATA = [
    ({"$link": LINK_TEXT, "a": 1}, "$link must be a text and the only key", ""),
    ({"a": {"$link": 1}}, "$link must be a text", "a"),
    ({"$link": None}, "$link must be a text", ""),
    ({"a": [{"$link": "."}]}, "$link is no link", "a/0"),
    ({"$link": LINK_TEXT.upper()}, "$link is no link", ""),
    ({"$link": "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"}, "$link is no link", ""),
    ({"$bytes": "AQ", "a": 1}, "$bytes must be a text and the only key", ""),
    ({"$bytes": [1, 2]}, "$bytes must be a text", ""),
    ({"$bytes": "A"}, "$bytes is no base64", ""),
    ({"$bytes": "A==="}, "$bytes is no base64", ""),
    ({"$bytes": "AQ="}, "$bytes is not canonical base64", ""),
    ({"$bytes": "AQ==="}, "$bytes is not canonical base64", ""),
    ({"$bytes": "AR"}, "$bytes is not canonical base64", ""),
    ({"$bytes": "AQ\n"}, "$bytes is no base64", ""),
    ({"$bytes": " AQ"}, "$bytes is no base64", ""),
    ({"$bytes": "-_8B"}, "$bytes is no base64", ""),
    ({"$bytes": "AQ=A"}, "$bytes is no base64", ""),
    ({"$bytes": "é"}, "$bytes is no base64", ""),
    ({"$bytes": "="}, "$bytes is not canonical base64", ""),
    ({"$link": LINK_TEXT, "$bytes": "AQ"}, "$link must be", ""),
    ({"a": {"$type": ""}}, "$type must be a text that is not empty", "a"),
    ({"$type": None}, "$type must be a text", ""),
    ({"$type": 1}, "$type must be a text", ""),
    ({key: item for key, item in BLOB.items() if key != "ref"}, "a blob must have a link", ""),
    ({**BLOB, "ref": LINK_TEXT}, "a blob must have a link", ""),
    ({**BLOB, "mimeType": ""}, "a blob must have a mimeType", ""),
    ({**BLOB, "mimeType": 1}, "a blob must have a mimeType", ""),
    ({"art": {**BLOB, "size": "10000"}}, "a blob must have a size", "art"),
    ({**BLOB, "size": -1}, "a blob must have a size", ""),
    ({**BLOB, "size": True}, "a blob must have a size", ""),
    ({key: item for key, item in BLOB.items() if key != "size"}, "a blob must have a size", ""),
    (1.0, "a float", ""),
    ({"a": (1,)}, "a tuple", "a"),
    (MAX_SAFE_INTEGER + 1, "an integer beyond", ""),
]


@pytest.mark.parametrize(("value", "message", "where"), BAD_DATA, ids=[f"{value}"[:48] for value, _, _ in BAD_DATA])
def test_a_json_value_that_is_no_data_is_refused(value, message, where):
    with pytest.raises(JsonError) as caught:
        to_data(value)
    assert caught.value.message.startswith(message)
    assert caught.value.where == where


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"$link": "x"}, "reserved key"),
        ({"a": {"$bytes": "x", "b": 1}}, "reserved key"),
        ({"a": 1 << 53}, "an integer beyond"),
        ([1.5], "a float"),
        ({"a": {1, 2}}, "a set"),
    ],
)
def test_data_that_json_could_not_give_back_is_refused(value, message):
    with pytest.raises(JsonError, match=message):
        to_json(value)


@pytest.mark.parametrize("convert", [to_data, to_json])
def test_a_value_that_contains_itself_is_refused(convert):
    circle: dict[str, Any] = {}
    circle["again"] = [circle]
    with pytest.raises(JsonError, match="nested too deeply"):
        convert(circle)
