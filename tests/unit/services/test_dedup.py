"""The deduplication rules, without a database: same second, near without a time, and all else distinct."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonearm.services import dedup
from tonearm.services.dedup import KnownPlay, PlaysOfActor
from tonearm.services.identity_hash import first_tid_of

AT = 1_700_000_000
MBID = "0b9b5a4e-0e5c-4ea7-a0f2-52de9e9bd2a5"
ISRC = "GBAYE8500042"


def play(second: int = AT, song_id: int = 1, **known: Any) -> KnownPlay:
    known = {"mbid": None, "isrc": None, "duration_ms": None, **known}
    return KnownPlay(first_tid_of(second) + known.pop("offset", song_id), second, song_id, **known)


def plays(*those: KnownPlay) -> PlaysOfActor:
    known = PlaysOfActor()
    for each in those:
        known.add(each)
    return known


def judged(known: PlaysOfActor, second: int, song_id: int = 1, *, timed: bool, **of: Any) -> str | None:
    same = known.same_as(second, song_id, of.get("mbid"), of.get("isrc"), of.get("duration_ms"), timed=timed)
    return same[1] if same else None


def test_the_same_song_in_the_same_second_is_the_same_play():
    for timed in (True, False):
        assert judged(plays(play()), AT, timed=timed) == dedup.SAME_SECOND_SONG


@pytest.mark.parametrize("apart_s", [-1, 1, 29, 182])
def test_a_play_with_a_time_of_its_own_is_a_real_repeat(apart_s: int):
    assert judged(plays(play(duration_ms=600_000)), AT + apart_s, timed=True, duration_ms=600_000) is None


def test_another_title_of_the_same_recording_is_the_same_play():
    assert judged(plays(play(mbid=MBID)), AT, 2, timed=True, mbid=MBID) == dedup.SAME_SECOND_MBID
    assert judged(plays(play(isrc=ISRC)), AT, 2, timed=True, isrc=ISRC) == dedup.SAME_SECOND_ISRC
    assert judged(plays(play(mbid=MBID, isrc=ISRC)), AT, 2, timed=True, mbid="another", isrc="another") is None


def test_songs_without_mbid_or_isrc_have_none_in_common():
    assert judged(plays(play()), AT, 2, timed=True) is None
    assert judged(plays(play(mbid="", isrc="")), AT, 2, timed=False, mbid="", isrc="") is None


@pytest.mark.parametrize(
    ("submitted_ms", "known_ms", "window_s"),
    [
        (None, None, 30),
        (59_999, None, 30),
        (60_000, None, 30),
        (61_000, None, 30.5),
        (None, 182_000, 91),
        (182_000, 600_000, 300),
        (600_000, 182_000, 300),
        (1, 1, 30),
    ],
)
def test_without_a_time_the_window_is_half_the_known_duration_and_at_least_thirty_seconds(
    submitted_ms: int | None, known_ms: int | None, window_s: float
):
    known = plays(play(duration_ms=known_ms))
    inside, outside = int(window_s - 0.5), int(window_s + 0.5)
    for sign in (1, -1):
        assert judged(known, AT + sign * inside, timed=False, duration_ms=submitted_ms) == dedup.NEAR_WITHOUT_TIME
        assert judged(known, AT + sign * outside, timed=False, duration_ms=submitted_ms) is None


def test_the_window_does_not_include_its_end():
    assert judged(plays(play()), AT + 29, timed=False) == dedup.NEAR_WITHOUT_TIME
    assert judged(plays(play()), AT + 30, timed=False) is None


def test_another_song_nearby_is_another_play():
    assert judged(plays(play(duration_ms=600_000)), AT + 1, 2, timed=False, duration_ms=600_000) is None


def test_a_play_that_is_noted_twice_is_known_once():
    known = plays(play(duration_ms=600_000), play())
    assert known.taken == {play().tid}
    assert judged(known, AT + 200, timed=False) == dedup.NEAR_WITHOUT_TIME, "the first note, with the duration, stands"


def test_the_play_that_is_repeated_is_the_one_answered():
    first, other = play(), play(AT + 100, song_id=2, mbid=MBID)
    known = plays(first, other)
    assert known.same_as(AT, 1, None, None, None, timed=True) == (first, dedup.SAME_SECOND_SONG)
    assert known.same_as(AT + 90, 3, MBID, None, None, timed=False) == (other, dedup.NEAR_WITHOUT_TIME)


PLAYS = st.builds(
    play,
    second=st.integers(AT, AT + 400),
    song_id=st.integers(1, 3),
    mbid=st.sampled_from([None, "a", "b"]),
    isrc=st.sampled_from([None, "x", "y"]),
    duration_ms=st.sampled_from([None, 1, 100_000, 600_000]),
    offset=st.integers(0, 1_000_000),
)


@given(known=st.lists(PLAYS, max_size=6, unique_by=lambda each: each.tid), new=PLAYS, timed=st.booleans())
def test_the_rules_are_those_of_the_document(known: list[KnownPlay], new: KnownPlay, timed: bool):
    def same(other: KnownPlay) -> bool:
        alike = (
            new.song_id == other.song_id
            or (new.mbid and new.mbid == other.mbid)
            or (new.isrc and new.isrc == other.isrc)
        )
        apart = abs(new.second - other.second)
        window = max(30, (new.duration_ms or 0) / 2000, (other.duration_ms or 0) / 2000)
        return bool(alike) and (apart == 0 or (not timed and apart < window))

    found = plays(*known).same_as(new.second, new.song_id, new.mbid, new.isrc, new.duration_ms, timed=timed)
    expected = [other for other in known if same(other)]
    assert (found is None) == (not expected)
    assert found is None or found[0] in expected
