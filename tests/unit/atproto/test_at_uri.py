"""AT-URIs: parts and text."""

from __future__ import annotations

import pytest

from tonearm.atproto.at_uri import AtUri, AtUriError, at_uri, parse_at_uri

DID = "did:plc:abcdefghijklmnopqrstuvwx"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (f"at://{DID}", AtUri(DID)),
        ("at://music.example/app.rocksky.scrobble", AtUri("music.example", "app.rocksky.scrobble")),
        (f"at://{DID}/app.rocksky.scrobble/self", AtUri(DID, "app.rocksky.scrobble", "self")),
    ],
)
def test_the_parts_give_the_text_back(text, parts):
    assert parse_at_uri(text) == parts
    assert str(parts) == text


def test_the_uri_of_a_record_is_the_one_that_is_parsed():
    uri = at_uri(DID, "app.rocksky.scrobble", "3l2opotsxb22a")
    assert uri == f"at://{DID}/app.rocksky.scrobble/3l2opotsxb22a"
    assert parse_at_uri(uri) == AtUri(DID, "app.rocksky.scrobble", "3l2opotsxb22a")


@pytest.mark.parametrize("text", ["", "at://", f"at://{DID}/", f"at://{DID}/a.b.c/d/e", f"at://{DID}/a.b.c/d#/e"])
def test_another_text_is_refused(text):
    with pytest.raises(AtUriError):
        parse_at_uri(text)
