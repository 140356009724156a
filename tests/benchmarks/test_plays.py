"""The seeded plays are the data of every table ever printed: they must not change."""

from __future__ import annotations

import hashlib
from collections import Counter
from itertools import pairwise

import pytest

from tests.benchmarks import plays


def test_a_seed_gives_the_rows_that_it_always_gave():
    digest = hashlib.sha256()
    for play in plays.history(1000):
        digest.update(repr(tuple(play)).encode())
    assert digest.hexdigest() == "cacf422bbb11c41fe9005225c90f31f264ae2c8598c857ab7e201ccedcab288c"


def test_no_two_plays_of_a_history_share_a_second():
    times = [play.played_at for play in plays.history(5000)]
    assert all(earlier < later for earlier, later in pairwise(times))
    assert times[-1] < plays.HISTORY_END + 4 * 3600


def test_a_few_artists_fill_most_of_a_history():
    counts = Counter(play.artist for play in plays.history(5000))
    loudest = sum(count for _, count in counts.most_common(len(counts) // 10))
    assert loudest > 5000 * 0.4


def test_fresh_plays_are_later_than_any_history():
    catalogue = plays.Catalogue.seeded(artists=50, tracks=500, albums=100)
    times = [play.played_at for play in plays.fresh(2000, catalogue=catalogue)]
    assert times[0] > plays.HISTORY_END
    assert all(earlier < later for earlier, later in pairwise(times))


def test_a_clock_that_leaves_no_room_for_fresh_plays_is_refused(monkeypatch):
    monkeypatch.setattr(plays.time, "time", lambda: plays.HISTORY_END + 7200.0)
    catalogue = plays.Catalogue.seeded(artists=5, tracks=5, albums=5)
    with pytest.raises(ValueError, match="clock"):
        next(plays.fresh(10, catalogue=catalogue))
