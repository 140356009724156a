"""AT-URIs are checked by their place, which is remembered, and their record key: to the same verdict as in full."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tonearm.atproto.formats import is_at_uri
from tonearm.xrpc import constraints

AT_URI = TypeAdapter(constraints.AtUri)
PLACE = "at://did:plc:abcdefghijklmnopqrstuvwx/app.rocksky.scrobble"


def accepted(text: str) -> bool:
    try:
        return AT_URI.validate_python(text) == text
    except ValidationError:
        return False


@pytest.mark.parametrize("rkey", ["", ".", "..", "a b", "a/b", "a\n", "é", "a" * 513, "#main", "?x"])
def test_a_bad_record_key_is_refused_at_a_place_that_is_remembered(rkey: str):
    assert accepted(f"{PLACE}/3kxyz")
    assert not accepted(f"{PLACE}/{rkey}")


@pytest.mark.parametrize(
    "text", ["at://did:plc:abc", "at://did:plc:abc/", "at://x.test/app.rocksky.song", "3kxyz", "/a"]
)
def test_what_has_no_record_key_is_judged_as_it_is(text: str):
    assert accepted(f"{PLACE}/3kxyz")
    assert accepted(text) == is_at_uri(text)


@given(
    place=st.sampled_from([PLACE, "at://x.test/app.rocksky.song", "at://did:plc:abc", "at://x.test/a", "at:/", ""]),
    rkey=st.text(st.sampled_from("aZ0.-_:~/%# \n\x00é"), max_size=5),
)
def test_the_verdict_is_that_of_the_whole_text(place: str, rkey: str):
    for _ in range(2):  # the second time its place may be remembered
        assert accepted(f"{place}/{rkey}") == is_at_uri(f"{place}/{rkey}")


def test_so_many_places_are_remembered_and_no_more(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(constraints, "_REMEMBERED_TEXTS", 10)
    for number in range(100):
        assert accepted(f"at://did:plc:{number}/app.rocksky.song/3k")
        assert len(constraints._remembered_of_format["at-uri"]) <= 10
