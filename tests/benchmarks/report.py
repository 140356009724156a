"""The table that a run prints, and the same as JSON.

A row compares ours with one peer (`ratio`), or states a number of ours alone (`value`), or says that a peer is absent
and why. A bar that is missed is printed as `MISSED`; nothing is left out because it looks bad.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Literal

from tests.benchmarks.rounds import Spread, machine, ratios

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class PeerAbsentError(Exception):
    """A peer could not be installed or started here; the table says so and goes on without it."""

    def __init__(self, peer: str, reason: str) -> None:
        super().__init__(f"peer absent: {peer}: {reason}")
        self.peer = peer
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Bar:
    """What a number must reach, and what it should: `at least` for ratios and rates, `at most` for times and sizes."""

    sense: Literal["at least", "at most"]
    must: float | None = None
    aim: float | None = None

    def verdict(self, value: float) -> str:
        """Judge one number: `ok`, `ok, aim missed` or `MISSED`."""
        if self.must is not None and not self._reached(value, self.must):
            return "MISSED"
        return "ok" if self.aim is None or self._reached(value, self.aim) else "ok, aim missed"

    def text(self) -> str:
        """Return the bar as the table shows it."""
        sign = ">=" if self.sense == "at least" else "<="
        must = f"{sign} {self.must:g}" if self.must is not None else ""
        aim = f"aim {sign} {self.aim:g}" if self.aim is not None else ""
        return ", ".join(part for part in (must, aim) if part)

    def _reached(self, value: float, limit: float) -> bool:
        return value >= limit if self.sense == "at least" else value <= limit


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `ours` and `theirs` are in `unit`; the bar is for the ratio unless `judge_ours`."""

    bench: str
    what: str
    unit: str = ""
    ours: Spread | None = None
    peer: str = ""
    theirs: Spread | None = None
    ratio: Spread | None = None
    bar: Bar | None = None
    note: str = ""
    judge_ours: bool = False
    failed: bool = False

    @property
    def judged(self) -> float | None:
        """The number that the bar is for: the ratio where there is one, else our own."""
        spread = self.ours if self.judge_ours else self.ratio or self.ours
        return spread.median if spread else None

    @property
    def verdict(self) -> str:
        """`ok`, `ok, aim missed`, `MISSED`, or nothing where there is no bar."""
        return self.bar.verdict(self.judged) if self.bar and self.judged is not None else ""


def compared(
    bench: str, what: str, unit: str, ours: Sequence[float], peer: str, theirs: Sequence[float], bar: Bar | None = None
) -> Row:
    """Make a row of two interleaved series of rates (more is better)."""
    return Row(bench, what, unit, Spread.of(ours), peer, Spread.of(theirs), ratios(ours, theirs), bar)


def faster(bench: str, what: str, unit: str, ours: Sequence[float], peer: str, theirs: Sequence[float]) -> Row:
    """Make a row of two interleaved series of times (less is better): the ratio says how many times as fast ours is."""
    return Row(bench, what, unit, Spread.of(ours), peer, Spread.of(theirs), ratios(theirs, ours))


def alone(bench: str, what: str, unit: str, values: Sequence[float], bar: Bar | None = None, note: str = "") -> Row:
    """Make a row of our own numbers."""
    return Row(bench, what, unit, Spread.of(values), bar=bar, note=note)


def absent(bench: str, error: PeerAbsentError) -> Row:
    """Make the row that stands where a peer should."""
    return Row(bench, str(error))


def failed(bench: str, error: Exception) -> Row:
    """Make the row of a bench that broke off."""
    return Row(bench, f"BROKE OFF: {type(error).__name__}: {error}", failed=True)


@dataclass(slots=True)
class Report:
    """Everything that one run found."""

    title: str
    machine: dict[str, str | int | float] = field(default_factory=machine)
    rows: list[Row] = field(default_factory=list)

    def missed(self) -> list[Row]:
        """Return the rows whose bar was not reached."""
        return [row for row in self.rows if row.verdict == "MISSED"]

    def text(self) -> str:
        """Return the table as plain lines."""
        head = ("bench", "what", "unit", "ours", "peer", "theirs", "ratio", "min", "max", "bar", "verdict", "note")
        lines = [head, *(_cells(row) for row in self.rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
        table = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
        ]
        facts = ", ".join(f"{name} {value}" for name, value in self.machine.items())
        return "\n".join([self.title, facts, "", *table])

    def write_json(self, path: Path) -> None:
        """Write the rows, verdicts included, as one JSON document."""
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = [{**asdict(row), "verdict": row.verdict} for row in self.rows]
        document = {"title": self.title, "machine": self.machine, "rows": rows}
        path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _cells(row: Row) -> tuple[str, ...]:
    if row.ours is None:
        return (row.bench, row.what, *[""] * 10)
    ratio = row.ratio
    return (
        row.bench,
        row.what,
        row.unit,
        _number(row.ours.median),
        row.peer,
        _number(row.theirs.median) if row.theirs else "",
        *((f"{value:.2f}" for value in (ratio.median, ratio.least, ratio.greatest)) if ratio else ("", "", "")),
        row.bar.text() if row.bar else "",
        row.verdict,
        row.note or _range(row),
    )


def _range(row: Row) -> str:
    spread = row.ours
    if spread is None or row.ratio is not None or spread.least == spread.greatest:
        return ""
    return f"{_number(spread.least)} .. {_number(spread.greatest)}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"
