"""base58btc and base32, beside the multiformats library."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multiformats import multibase

from tonearm.atproto.multibase import MultibaseError, base32_lower, base58btc, from_base58btc


@given(st.binary(max_size=64))
def test_base58_is_what_the_multiformats_library_writes(data):
    encoded = multibase.encode(data, "base58btc")
    assert base58btc(data) == encoded
    assert from_base58btc(encoded) == data


@given(st.binary(max_size=64))
def test_base32_is_what_the_multiformats_library_writes(data):
    assert "b" + base32_lower(data) == multibase.encode(data, "base32")


@pytest.mark.parametrize(
    ("data", "text"), [(b"", "z"), (b"\0", "z1"), (b"\0\0\1", "z112"), (b"Hello World!", "z2NEpo7TZRRrLZSi2U")]
)
def test_these_bytes_have_this_text(data, text):
    assert base58btc(data) == text
    assert from_base58btc(text) == data


@pytest.mark.parametrize(
    "text", ["", "2", "Z2", "b2", "z0", "zO", "zI", "zl", "z2 ", "z2\n", "zé", "z" + "2" * 128, "z" * 100_000]
)
def test_other_texts_are_refused(text):
    with pytest.raises(MultibaseError):
        from_base58btc(text)
