"""What becomes of an edge's values before anything is decided: trimming, what says nothing, and the time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonearm.services.submission import (
    EARLIEST_S,
    InvalidScrobbleError,
    Submission,
    TimestampOutOfRangeError,
    played_at,
)

NOW = 1_700_000_000.0


def submitted(**values: Any) -> Submission:
    return Submission.of(now_s=NOW, **{"title": "Echoes", "artist": "Pink Floyd", **values})


def test_text_is_trimmed_and_blank_text_is_unknown():
    play = submitted(
        title="  Echoes\t", artist="\nPink Floyd ", album=" ", album_artist="", label="\u00a0Harvest\u00a0"
    )
    assert (play.title, play.artist, play.album, play.album_artist) == ("Echoes", "Pink Floyd", None, None)
    assert play.label == "Harvest"


def test_the_typographic_apostrophe_becomes_the_plain_one_in_names_alone():
    play = submitted(
        title="Don\u2019t", artist="L\u2019artiste", album="It\u2019s", album_artist="O\u2019X", lyrics="I\u2019m"
    )
    assert (play.title, play.artist, play.album, play.album_artist) == ("Don't", "L'artiste", "It's", "O'X")
    assert play.lyrics == "I\u2019m"


@pytest.mark.parametrize("name", ["title", "artist"])
@pytest.mark.parametrize("blank", ["", "   ", None])
def test_a_play_has_a_title_and_an_artist(name: str, blank: str | None):
    with pytest.raises(InvalidScrobbleError, match=name):
        submitted(**{name: blank})


@pytest.mark.parametrize("name", ["duration_ms", "track_number", "disc_number", "year"])
def test_numbers_that_say_nothing_are_unknown(name: str):
    assert [getattr(submitted(**{name: n}), name) for n in (None, 0, -1, 1)] == [None, None, None, 1]


@pytest.mark.parametrize("none", [None, 0])
def test_no_time_is_kept_as_none(none: int | None):
    assert submitted(played_at_s=none).played_at_s is None


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        (EARLIEST_S, EARLIEST_S),
        (int(NOW) + 3600, int(NOW) + 3600),
        (1_699_999_999, 1_699_999_999),
        (1_699_999_999_999, 1_699_999_999),
        (EARLIEST_S * 1000, EARLIEST_S),
        (EARLIEST_S * 1000 + 999, EARLIEST_S),
    ],
)
def test_times_in_seconds_and_in_milliseconds_are_understood(given: int, understood: int):
    assert submitted(played_at_s=given).played_at_s == understood


@pytest.mark.parametrize(
    "given",
    [
        EARLIEST_S - 1,
        EARLIEST_S * 1000 - 1,
        int(NOW) + 3601,
        (int(NOW) + 3601) * 1000,
        -1,
        1,
        99_999_999_999,
        100_000_000_000,
        2**63,
        10**30,
    ],
)
def test_a_time_at_which_it_cannot_have_been_played_is_refused(given: int):
    with pytest.raises(TimestampOutOfRangeError, match="2002-10-20"):
        submitted(played_at_s=given)


@given(st.integers(-(10**18), 10**18))
def test_every_time_is_now_within_bounds_or_refused(timestamp: int):
    try:
        at = played_at(timestamp, NOW)
    except TimestampOutOfRangeError:
        seconds = timestamp // 1000 if timestamp >= 10**11 else timestamp
        assert not EARLIEST_S <= seconds <= NOW + 3600
    else:
        assert (at is None) == (timestamp == 0)
        assert at is None or EARLIEST_S <= at <= NOW + 3600


def test_the_raw_submission_is_kept_byte_for_byte_and_stays_out_of_representations():
    raw = b' {"title":  "Echoes"}\x00\xff'
    play = submitted(raw=raw)
    assert play.raw == raw
    assert "\\xff" not in repr(play)


def test_an_owners_change_leaves_the_rest_as_it_was():
    play = submitted(album="Meddle", played_at_s=1_699_999_999, raw=b"first")
    changed = play.changed({"title": "One of These Days", "album": None})
    assert (changed.title, changed.artist, changed.album) == ("One of These Days", "Pink Floyd", None)
    assert (changed.played_at_s, changed.raw) == (1_699_999_999, b"first")
