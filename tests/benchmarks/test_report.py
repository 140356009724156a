"""The table judges what it prints, and never leaves a peer out in silence."""

from __future__ import annotations

import json

import pytest

from tests.benchmarks.report import Bar, PeerAbsentError, Report, absent, alone, compared, faster
from tests.benchmarks.rounds import Spread, interleaved, percentile, ratios


def test_a_ratio_is_taken_round_by_round():
    row = compared("bench", "what", "/s", [10, 40, 30], "peer", [5, 10, 10])
    assert row.ratio == Spread(3.0, 2.0, 4.0)
    assert row.ours == Spread(30, 10, 40)


def test_a_time_counts_as_better_when_it_is_shorter():
    assert faster("bench", "what", "s", [1.0, 2.0], "peer", [3.0, 2.0]).ratio == Spread(2.0, 1.0, 3.0)


@pytest.mark.parametrize(
    ("bar", "value", "verdict"),
    [
        (Bar("at least", 10, aim=14), 14.0, "ok"),
        (Bar("at least", 10, aim=14), 12.0, "ok, aim missed"),
        (Bar("at least", 10, aim=14), 9.9, "MISSED"),
        (Bar("at most", 120), 120.0, "ok"),
        (Bar("at most", 120), 121.0, "MISSED"),
        (Bar("at least", aim=1000), 900.0, "ok, aim missed"),
    ],
)
def test_a_bar_judges_a_number(bar, value, verdict):
    assert bar.verdict(value) == verdict


def test_a_missed_bar_is_printed_and_counted():
    report = Report("title", machine={})
    report.rows.append(compared("ingest", "concurrency 1", "plays/s", [90.0], "Maloja", [10.0], Bar("at least", 10)))
    assert "MISSED" in report.text()
    assert report.missed() == report.rows


def test_an_absent_peer_stands_in_the_table_with_its_reason():
    report = Report("title", machine={})
    report.rows.append(absent("xrpc", PeerAbsentError("Maloja", "no Python 3.12")))
    assert "peer absent: Maloja: no Python 3.12" in report.text()
    assert report.missed() == []


def test_the_bar_of_our_own_time_is_not_judged_by_the_ratio():
    row = alone("ingest", "p99", "ms", [4.0], Bar("at most", 5))
    assert row.verdict == "ok"


def test_the_json_holds_the_rows_and_their_verdicts(tmp_path):
    report = Report("title", machine={"cores": 2})
    report.rows.append(alone("memory", "peak", "MB", [130.0], Bar("at most", 120)))
    report.write_json(tmp_path / "results.json")
    document = json.loads((tmp_path / "results.json").read_text())
    assert document["machine"] == {"cores": 2}
    assert document["rows"][0]["verdict"] == "MISSED"
    assert document["rows"][0]["ours"]["median"] == 130.0


async def test_rounds_interleave_and_no_side_is_always_first():
    order = []

    def side(name):
        async def measured():
            order.append(name)
            return 1.0

        return measured

    found = await interleaved(3, {"ours": side("ours"), "peer": side("peer")})
    assert order == ["ours", "peer", "peer", "ours", "ours", "peer"]
    assert found == {"ours": [1.0] * 3, "peer": [1.0] * 3}


def test_series_of_different_lengths_are_not_compared():
    with pytest.raises(ValueError, match="zip"):
        ratios([1, 2], [1])


def test_a_percentile_is_a_value_that_occurred():
    values = [5.0, 1.0, 3.0, 2.0, 4.0]
    assert percentile(values, 0.5) == 3.0
    assert percentile(values, 0.99) == 5.0
