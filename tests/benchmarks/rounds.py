"""Interleaved rounds: ours, the peer, ours, the peer; medians; one ratio a round.

Absolute rates of a shared machine swing several-fold between minutes. Two servers measured one after the other within a
few seconds meet the same weather, so the ratio of a round is worth more than any rate, and its spread over the rounds
says how much it is worth.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "bench"


@dataclass(frozen=True, slots=True)
class Run:
    """How much to measure. `window_s` is the length of one timed window, `plays` the size of a history."""

    rounds: int = 5
    window_s: float = 3.0
    plays: int = 100_000
    quick: bool = False
    cache: Path = field(default=CACHE)

    @classmethod
    def small(cls) -> Run:
        """Return sizes that show that everything works; the numbers are rough."""
        return cls(rounds=3, window_s=1.0, plays=2_000, quick=True)


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, least and greatest of one number over the rounds."""

    median: float
    least: float
    greatest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Summarise at least one value."""
        return cls(median(values), min(values), max(values))


async def interleaved(rounds: int, sides: Mapping[str, Callable[[], Awaitable[float]]]) -> dict[str, list[float]]:
    """Measure every side once a round, in turn; the order is turned round each time, so no side is always first."""
    results: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds):
        order = list(sides.items())
        for name, measure in order if number % 2 == 0 else reversed(order):
            results[name].append(await measure())
            progress(f"round {number + 1}/{rounds} {name}: {results[name][-1]:,.1f}")
    return results


def ratios(ours: Sequence[float], peer: Sequence[float]) -> Spread:
    """Compare two series round by round: how many times the peer ours is."""
    return Spread.of([mine / theirs for mine, theirs in zip(ours, peer, strict=True)])


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0..1) of the values lie; the greatest for a share of 1."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def progress(text: str) -> None:
    """Say where the run is, on stderr, so that the table on stdout stays clean."""
    print(f"  .. {text}", file=sys.stderr, flush=True)


def machine() -> dict[str, str | int | float]:
    """Describe the machine as far as it matters to a reader of the numbers."""
    return {"cores": os.cpu_count() or 0, "load_before": os.getloadavg()[0], "python": sys.version.split()[0]}
