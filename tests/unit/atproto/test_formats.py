"""The eleven string formats: what each grammar accepts and refuses, written from the specifications."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonearm.atproto.formats import FORMATS, is_at_uri, is_datetime, is_handle, is_nsid

LABEL_63 = "a" * 63
HANDLE_253 = ".".join([LABEL_63, LABEL_63, LABEL_63, "b" * 61])
NSID_317 = ".".join([*["d" * 62] * 4, "n" * 63, "x"])
DID_2048 = "did:web:" + "w" * 2040

ACCEPTED = {
    "at-identifier": ["did:plc:abcdefghijklmnopqrstuvwx", "did:web:music.example", "music.example", "a.b", HANDLE_253],
    "at-uri": [
        "at://did:plc:abcdefghijklmnopqrstuvwx",
        "at://music.example",
        "at://did:web:music.example/app.rocksky.scrobble",
        "at://did:web:localhost%3A8070/app.rocksky.scrobble/3l2opotsxb22a",
        "at://music.example/app.rocksky.scrobble/3l2opotsxb22a",
        "at://did:x:y/a.b.c/~_:.-",
        "at://did:x:y/a.b.c/...",
        f"at://{HANDLE_253}/{NSID_317}/{'k' * 512}",
        f"at://{DID_2048}/{NSID_317}/{'k' * 512}",
    ],
    "cid": [
        "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua",
        "BAFYREIGBTJ4X7IP5LEGNFZNUFUOPL4SG4KNZC2COF6DUAS4B3Q2FY6SWUA",
        "zb2rhe5P4gXftAwvA4eXQ5HJwsER2owDyS9sKaQRRVQPn93bA",
        "mAXESIBmOq4AXENA5jaMKnUYc",
        "MAXESIBmOq4AXENA5jaMKnUYc=",
        "12345678",
        "b" * 256,
    ],
    "datetime": [
        "2026-11-21T02:56:00Z",
        "2026-11-21T02:56:00.1Z",
        "2026-11-21T02:56:00.123456789012345678901234567890123456789012Z",
        "2026-11-21T02:56:00+00:00",
        "2026-11-21T02:56:00-00:01",
        "2026-11-21T02:56:00.5+23:59",
        "2024-02-29T00:00:00Z",
        "2000-02-29T23:59:59Z",
        "1999-12-31T23:59:59Z",
        "2026-04-30T00:00:00Z",
        "0010-01-01T00:00:00Z",
        "0010-01-01T01:00:00+01:00",
        "9999-12-31T23:59:59.999Z",
        "9999-12-31T22:59:59-01:00",
    ],
    "did": [
        "did:plc:abcdefghijklmnopqrstuvwx",
        "did:web:music.example",
        "did:web:localhost%3A8070",
        "did:web:localhost%3a8070",
        "did:x:y",
        "did:x:A",
        "did:x:1",
        "did:x:a:b:c",
        "did:x::::a",
        "did:x:-_.",
        "did:x:%00",
        DID_2048,
    ],
    "handle": [
        "music.example",
        "a.b",
        "A.Example",
        "0.example",
        "1password.example",
        "a--b.example",
        "xn--bcher-kva.example",
        "x.y.z.a1",
        "john.t-t",
        f"{LABEL_63}.example",
        HANDLE_253,
    ],
    "language": [
        "en",
        "yue",
        "pt-BR",
        "zh-Hant-TW",
        "es-419",
        "zh-cmn-Hans-CN",
        "zh-aaa-bbb-ccc",
        "sl-rozaj-1994",
        "de-1996",
        "en-a-bb-x-a",
        "de-DE-u-co-phonebk",
        "en-t-jp-u-ca-gregory",
        "en-x-a-b-12345678",
        "x-whatever",
        "X-WHATEVER",
        "en-X-y",
        "en-x-a-x-a",
        "i-klingon",
        "I-Klingon",
        "en-GB-oed",
        "sgn-BE-FR",
        "zh-min-nan",
        "art-lojban",
        "de-" + "-".join(f"abcd{number}" for number in range(10)),
    ],
    "nsid": [
        "app.rocksky.scrobble",
        "a.b.c",
        "com.example.fooBar",
        "COM.Example.fooBar",
        "com.example.v2",
        "net.4chan.thing",
        "com.a--b.thing",
        "a-1.b-2.c3",
        "a.0.c",
        "x.y.z.w.v",
        f"com.{LABEL_63}.{LABEL_63}",
        NSID_317,
    ],
    "record-key": ["3l2opotsxb22a", "self", "a", "A", "0", "_", "~", ":", "-", "...", ".a", "a.", "a:b", "k" * 512],
    "tid": ["3l2opotsxb22a", "2222222222222", "jzzzzzzzzzzzz"],
    "uri": [
        "https://music.example",
        "https://music.example:8443/a/b?c=d&e=%20#f",
        "HTTPS://music.example",
        "spotify:track:4wKwOmTvMPpkYzsLHXWLzK",
        "urn:isbn:0451450523",
        "mailto:a@music.example",
        "did:plc:abcdefghijklmnopqrstuvwx",
        "at://music.example/a.b.c/d",
        "file:///music/a.flac",
        "web+ap://music.example",
        "h2:x",
        "a:b",
        "https://[::1]:8070/",
        "https://music.example/" + "x" * (8192 - 22),
    ],
}

REFUSED = {
    "at-identifier": [
        "",
        "music",
        "did:plc:",
        "DID:plc:abc",
        "did:plc",
        "@music.example",
        "a@music.example",
        "did:x.y",
    ],
    "at-uri": [
        "",
        "at://",
        "at:///",
        "at:/music.example",
        "at:music.example",
        "AT://music.example",
        "https://music.example",
        "at://music",
        "at://music.example/",
        "at://music.example//",
        "at://music.example/app.rocksky.scrobble/",
        "at://music.example/app.rocksky.scrobble/a/",
        "at://music.example/app.rocksky.scrobble/a/b",
        "at://music.example//a",
        "at://music.example/app.rocksky.scrobble/a#/title",
        "at://music.example#/title",
        "at://music.example?x=y",
        "at://music.example/app.rocksky.scrobble?x=y",
        "at://music.example/scrobble",
        "at://music.example/app.rocksky",
        "at://music.example/app.rocksky.scrobble/.",
        "at://music.example/app.rocksky.scrobble/..",
        "at://music.example/app.rocksky.scrobble/a%20b",
        "at://music.example/app.rocksky.scrobble/a b",
        "at://did:x:y%zz",
        "at://did:x:y%zz/app.rocksky.scrobble",
        "at://did:x:/app.rocksky.scrobble",
        "at://music.example:8070/app.rocksky.scrobble",
        f"at://a{HANDLE_253}",
        f"at://{DID_2048}w",
        f"at://music.example/x{NSID_317}/a",
        f"at://music.example/app.rocksky.scrobble/{'k' * 513}",
        f"at://{'w' * 9000}",
    ],
    "cid": [
        "",
        "1234567",
        "b" * 257,
        "bafy reidf",
        "bafyreid-",
        "bafyreid.",
        "ba/yreidfa",
        "bafyreidfé",
        "Qm" + "Y" * 44,
    ],
    "datetime": [
        "",
        "2026-11-21",
        "2026-11-21T02:56Z",
        "2026-11-21T02:56:00",
        "2026-11-21T02:56:00z",
        "2026-11-21t02:56:00Z",
        "2026-11-21 02:56:00Z",
        "2026-11-21T02:56:00.Z",
        "2026-11-21T02:56:00,5Z",
        "2026-11-21T02:56:00-00:00",
        "2026-11-21T02:56:00+0000",
        "2026-11-21T02:56:00+00",
        "2026-11-21T02:56:00+24:00",
        "2026-11-21T02:56:00+00:60",
        "2026-11-21T02:56:00 Z",
        "2026-11-21T02:56:00ZZ",
        "2026-11-21T02:56:00Z+00:00",
        "2026-11-21T24:00:00Z",
        "2026-11-21T02:60:00Z",
        "2026-11-21T02:56:60Z",
        "2016-12-31T23:59:60Z",
        "2026-11-31T02:56:00Z",
        "2026-04-31T02:56:00Z",
        "2026-02-29T02:56:00Z",
        "1900-02-29T02:56:00Z",
        "2024-02-30T02:56:00Z",
        "2026-00-21T02:56:00Z",
        "2026-13-21T02:56:00Z",
        "2026-11-00T02:56:00Z",
        "2026-11-32T02:56:00Z",
        "26-11-21T02:56:00Z",
        "2026-1-21T02:56:00Z",
        "20260-11-21T02:56:00Z",
        "+2026-11-21T02:56:00Z",
        "-2026-11-21T02:56:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "0009-12-31T23:59:59Z",
        "0010-01-01T00:59:59+01:00",
        "9999-12-31T23:00:00-01:00",
        "2026-11-21T02:56:00." + "0" * 44 + "Z",
        "2026-W47-6T02:56:00Z",
        "2026-325T02:56:00Z",
        "Sat, 21 Nov 2026 02:56:00 GMT",
        "1795229760",
    ],
    "did": [
        "",
        "did",
        "did:",
        "did:plc",
        "did:plc:",
        "did::abc",
        "did:x:a:",
        "did:x:a%",
        "did:x:a%a",
        "did:x:a%ag",
        "did:x:%zzb",
        "DID:x:a",
        "did:X:a",
        "did:x1:a",
        "did:x-y:a",
        "did:x:a/b",
        "did:x:a?b",
        "did:x:a#b",
        "did:x:a b",
        "did:x:é",
        " did:x:a",
        "did:x:a ",
        DID_2048 + "w",
    ],
    "handle": [
        "",
        "music",
        ".",
        "music.",
        ".example",
        "music..example",
        "music.example.",
        "-music.example",
        "music-.example",
        "music.-example",
        "music.example-",
        "music.0",
        "music.0a",
        "127.0.0.1",
        "mu_sic.example",
        "mu sic.example",
        "müsic.example",
        "music.example:8070",
        "music.example/",
        "@music.example",
        f"a{LABEL_63}.example",
        f"a{HANDLE_253}",
    ],
    "language": [
        "",
        "e",
        "EN",
        "eng-us-",
        "-en",
        "en-",
        "en--US",
        "en_US",
        "engl",
        "english",
        "123",
        "e-US",
        "i-nonsense",
        "en-US-GB",
        "en-419-US",
        "en-Latn-Latn",
        "zh-aaa-bbb-ccc-ddd",
        "en-a",
        "en-a-b",
        "en-x",
        "x",
        "x-",
        "x-123456789",
        "en-abcdefghi",
        "en-1ab",
        "en-a-bb-A-cc",
        "sl-rozaj-ROZAJ",
        "en-ü",
    ],
    "nsid": [
        "",
        "app",
        "app.rocksky",
        "app.rocksky.",
        ".app.rocksky.scrobble",
        "app..scrobble",
        "app.rocksky.scrobble.",
        "1app.rocksky.scrobble",
        "-app.rocksky.scrobble",
        "app-.rocksky.scrobble",
        "app.-rocksky.scrobble",
        "app.rocksky-.scrobble",
        "app.rocksky.scro-bble",
        "app.rocksky.1scrobble",
        "app.rocksky.scro_bble",
        "app.rocksky.scrobble#main",
        "app.rocksky.*",
        "app.rocksky.scrobblé",
        f"com.{LABEL_63}a.name",
        f"com.example.{LABEL_63}a",
        f"x{NSID_317}",
    ],
    "record-key": ["", ".", "..", "a b", "a/b", "a+b", "a=b", "a%20b", "a#b", "a?b", "a@b", "a[b]", "é", "k" * 513],
    "tid": ["", "3l2opotsxb22", "3l2opotsxb22aa", "3L2OPOTSXB22A", "kzzzzzzzzzzzz", "3l2opotsxb221", "3l2o-pots-b22"],
    "uri": [
        "",
        "music.example",
        "//music.example",
        "/music",
        "https:",
        "https://",
        ":a",
        "1a:b",
        "-a:b",
        "a_b:c",
        "https://music.example/a b",
        " https://music.example",
        "https://music.example ",
        "https://music.example/\t",
        "https://music.example/é",
        "https://music.example/" + "x" * (8193 - 22),
    ],
}


def test_every_format_of_the_lexicon_language_is_here():
    assert set(FORMATS) == set(ACCEPTED) == set(REFUSED)
    assert len(FORMATS) == 11


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in ACCEPTED.items() for text in texts])
def test_a_well_formed_text_is_accepted(name, text):
    assert FORMATS[name](text) is True


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in REFUSED.items() for text in texts])
def test_a_malformed_text_is_refused(name, text):
    assert FORMATS[name](text) is False


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in ACCEPTED.items() for text in texts])
@pytest.mark.parametrize("suffix", ["\n", "\r", " ", "\0", "\u2028"])
def test_nothing_may_follow_a_well_formed_text(name, text, suffix):
    assert not FORMATS[name](text + suffix)
    assert not FORMATS[name](suffix + text)


@pytest.mark.parametrize(("name", "text"), [(name, texts[0]) for name, texts in ACCEPTED.items()])
def test_digits_and_letters_of_other_scripts_are_refused(name, text):
    in_arabic_digits = text.translate({ord(digit): 0x0660 + int(digit) for digit in "0123456789"})
    in_full_width = "".join(chr(ord(character) + 0xFEE0) if character.isalnum() else character for character in text)
    for disguised in {in_arabic_digits, in_full_width, text.replace("a", "\u0430")} - {text}:
        assert not FORMATS[name](disguised)


@pytest.mark.parametrize("name", FORMATS)
@given(text=st.text())
def test_any_text_gets_an_answer(name, text):
    assert FORMATS[name](text) in {True, False}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    "text",
    [
        "a." * 100_000,
        "at://" + "a." * 100_000,
        "did:x:" + "%41" * 100_000,
        "en-" + "abcde-" * 100_000,
        "en-a-" + "bb-" * 100_000,
        "x-" + "a-" * 100_000,
        "-" * 200_000,
        "a" * 200_000 + "!",
        "https:" + "/" * 200_000,
        "2026-11-21T02:56:00." + "0" * 200_000 + "Q",
        "at://did:x:y/" + "a-" * 100_000,
    ],
)
def test_a_hostile_text_is_answered_at_once(name, text):
    started = time.perf_counter()
    FORMATS[name](text)
    assert time.perf_counter() - started < 0.5


@given(
    at=st.datetimes(datetime(11, 1, 1), datetime(9998, 12, 31)),  # noqa: DTZ001 - hypothesis wants naive bounds
    offset_minutes=st.integers(-23 * 60 - 59, 23 * 60 + 59),
)
def test_every_aware_datetime_of_python_is_accepted(at, offset_minutes):
    assert is_datetime(at.replace(tzinfo=timezone(timedelta(minutes=offset_minutes))).isoformat())


@given(
    st.integers(0, 9999), st.integers(0, 13), st.integers(0, 32), st.integers(0, 24), st.integers(0, 60),
    st.integers(0, 61),
)  # fmt: skip
def test_a_date_is_accepted_exactly_when_the_calendar_has_it(year, month, day, hour, minute, second):
    try:
        expected = datetime(year, month, day, hour, minute, second, tzinfo=UTC).year >= 10
    except ValueError:
        expected = False
    assert is_datetime(f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z") is expected


@given(
    st.sampled_from([datetime(10, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)]),
    st.integers(0, 24 * 60 - 1),
    st.integers(-23 * 60 - 59, 23 * 60 + 59).filter(bool),
)
def test_an_offset_must_not_move_a_time_out_of_range(day, minute_of_day, offset_minutes):
    local = f"{day:%m-%d}T{minute_of_day // 60:02}:{minute_of_day % 60:02}:00"
    sign = "+" if offset_minutes > 0 else "-"
    text = f"{day.year:04}-{local}{sign}{abs(offset_minutes) // 60:02}:{abs(offset_minutes) % 60:02}"
    in_utc = minute_of_day - offset_minutes
    assert is_datetime(text) is (in_utc >= 0 if day.year == 10 else in_utc < 24 * 60)


label = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
last_label = st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
nsid_name = st.from_regex(r"[a-zA-Z][a-zA-Z0-9]{0,8}", fullmatch=True)


@given(st.lists(label, min_size=1, max_size=5), last_label)
def test_labels_that_end_in_a_lettered_one_make_a_handle(labels, last):
    handle = ".".join([*labels, last])
    assert is_handle(handle)
    assert not is_handle(handle.replace(".", ".-", 1))
    assert not is_handle(f"{handle}.7")


@given(last_label, st.lists(label, min_size=1, max_size=5), nsid_name)
def test_a_reversed_domain_and_a_name_make_an_nsid(first, labels, name):
    nsid = ".".join([first, *labels, name])
    assert is_nsid(nsid)
    assert not is_nsid(f"{nsid}-x")
    assert is_at_uri(f"at://did:x:y/{nsid}")
