"""From a raw query string to parameters."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from tonearm.xrpc.errors import XrpcError
from tonearm.xrpc.models import Params
from tonearm.xrpc.params import ParamsReader, parse_query

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


class Page(Params):
    """Only optional parameters."""

    limit: Annotated[int, Field(ge=1, le=100)] = 50
    tags: list[str] | None = None


class Needed(Params):
    """A required one."""

    actor: str


@given(st.lists(st.tuples(TEXT.filter(bool), TEXT), max_size=8))
def test_what_a_form_encodes_comes_back(pairs):
    expected: dict[str, list[str]] = {}
    for name, value in pairs:
        expected.setdefault(name, []).append(value)
    assert parse_query(urlencode(pairs)) == expected


@given(st.text("ab=&+%20", max_size=30))
def test_it_agrees_with_the_standard_library(text):
    try:
        ours = parse_query(text)
    except XrpcError:
        return
    theirs = parse_qs(text, keep_blank_values=True, errors="strict")
    assert {name: values for name, values in ours.items() if name} == {name: v for name, v in theirs.items() if name}


@pytest.mark.parametrize("text", ["a=%ff", "a=%ED%A0%80", "%00=a", "a=%00", "a=\udcff"])
def test_what_is_no_text_is_refused(text):
    with pytest.raises(XrpcError, match="InvalidRequest"):
        parse_query(text)


def test_plain_unicode_is_taken():
    assert parse_query("a=été") == {"a": ["été"]}


def test_no_query_string_gives_the_same_defaults_each_time():
    read = ParamsReader(Page).read
    assert read("") is read("")
    assert read("").limit == 50


def test_a_missing_parameter_is_named():
    with pytest.raises(XrpcError) as refused:
        ParamsReader(Needed).read("")
    assert "actor" in refused.value.message


def test_repeated_keys_are_a_list_and_nothing_else():
    read = ParamsReader(Page).read
    assert read("tags=b&tags=a").tags == ["b", "a"]
    with pytest.raises(XrpcError, match="limit"):
        read("limit=1&limit=1")
