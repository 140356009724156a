"""Timestamp identifiers: numbers, texts and clocks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonearm.atproto.formats import is_tid
from tonearm.atproto.tid import MAX_TID, TidClock, TidError, micros_of, tid_from, tid_int, tid_text

tids = st.integers(0, MAX_TID)


@pytest.mark.parametrize(
    ("tid", "text"),
    [
        (0, "2222222222222"),
        (1, "2222222222223"),
        (31, "222222222222z"),
        (32, "2222222222232"),
        (1 << 60, "3222222222222"),
        (MAX_TID, "bzzzzzzzzzzzz"),
        ((1_700_000_000_000_000 << 10) | 7, "3ke6kg3wk222b"),
    ],
)
def test_a_number_has_one_text(tid, text):
    assert tid_text(tid) == text
    assert tid_int(text) == tid


@given(tids)
def test_the_text_gives_the_number_back(tid):
    text = tid_text(tid)
    assert is_tid(text)
    assert tid_int(text) == tid


@given(tids)
def test_the_text_is_the_number_in_base_32(tid):
    digits = []
    for _ in range(13):
        tid, digit = divmod(tid, 32)
        digits.append("234567abcdefghijklmnopqrstuvwxyz"[digit])
    number = sum("234567abcdefghijklmnopqrstuvwxyz".index(digit) * 32**place for place, digit in enumerate(digits))
    assert tid_text(number) == "".join(reversed(digits))


def test_a_64th_bit_is_well_formed_but_has_no_number():
    assert is_tid("c222222222222")
    with pytest.raises(TidError):
        tid_int("c222222222222")


@given(tids, tids)
def test_texts_sort_as_numbers_do(one, other):
    assert (tid_text(one) < tid_text(other)) is (one < other)


@pytest.mark.parametrize("number", [-1, MAX_TID + 1])
def test_a_number_out_of_bounds_has_no_text(number):
    with pytest.raises(TidError):
        tid_text(number)


@pytest.mark.parametrize(
    "text", ["", "222222222222", "22222222222222", "2222222222221", "k222222222222", "222222222222\n"]
)
def test_a_text_that_is_none_has_no_number(text):
    with pytest.raises(TidError):
        tid_int(text)


@given(st.integers(0, (1 << 53) - 1), st.integers(0, 1023))
def test_a_tid_holds_its_time_and_its_clock_id(micros, clock_id):
    tid = tid_from(micros, clock_id)
    assert micros_of(tid) == micros
    assert tid & 1023 == clock_id


@pytest.mark.parametrize(("micros", "clock_id"), [(-1, 0), (1 << 53, 0), (0, -1), (0, 1024)])
def test_a_time_or_clock_id_out_of_bounds_is_refused(micros, clock_id):
    with pytest.raises(TidError):
        tid_from(micros, clock_id)


def test_a_clock_grows_while_the_system_clock_stands_still_or_goes_back():
    times = iter([1000, 1000, 990, 5000, 4000])
    clock = TidClock(lambda: next(times), clock_id=3)
    given_tids = [clock.next() for _ in range(5)]
    assert [micros_of(tid) for tid in given_tids] == [1000, 1001, 1002, 5000, 5001]
    assert {tid & 1023 for tid in given_tids} == {3}


def test_a_clock_passes_a_stored_revision():
    clock = TidClock(lambda: 1000, clock_id=0)
    stored = tid_from(2_000_000, 1023)
    clock.advance_past(stored)
    assert clock.next() > stored
    clock.advance_past(tid_from(5, 0))
    assert micros_of(clock.next()) == 2_000_002


def test_a_clock_refuses_a_clock_id_out_of_bounds():
    with pytest.raises(TidError):
        TidClock(lambda: 0, clock_id=1024)
