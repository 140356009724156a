"""Runs the benchmarks and prints their table: `python -m tests.benchmarks [--quick] [--only NAME] [--check]`."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import fcntl
import sys
import time
from pathlib import Path

import uvloop

from tests.benchmarks.processes import ServerFailedError
from tests.benchmarks.registry import BENCHES
from tests.benchmarks.report import Report, failed
from tests.benchmarks.rounds import CACHE, Run, progress

TITLE = (
    "Tonearm beside its peers: interleaved rounds on one machine, medians; ratio = ours / theirs, one a round."
    " Rate limits are raised for the bench."
)


def main() -> int:
    """Measure what was asked for; exit status 2 when a bench broke, 1 when `--check` is given and a bar was missed."""
    asked = _arguments()
    run = Run.small() if asked.quick else Run()
    if asked.rounds:
        run = dataclasses.replace(run, rounds=asked.rounds)
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("another run is under way here; two at a time would measure each other")
            return 2
        report = uvloop.run(_measure(run, asked.only or list(BENCHES)))
    print(report.text())
    report.write_json(asked.json)
    progress(f"the same as JSON: {asked.json}")
    missed = report.missed()
    if any(row.failed for row in report.rows):
        return 2
    return 1 if asked.check and missed else 0


async def _measure(run: Run, names: list[str]) -> Report:
    report = Report(TITLE)
    for name in names:
        bench = BENCHES[name]
        expected = bench.QUICK_S if run.quick else bench.EXPECTED_S
        progress(
            f"{name}: {bench.WHAT}; about {expected} s (the first time more, for what must be installed or filled)"
        )
        started = time.perf_counter()
        try:
            report.rows += await asyncio.wait_for(bench.measure(run), expected * 6 + 600)
        except (ServerFailedError, TimeoutError) as error:
            report.rows.append(failed(name, error))
        progress(f"{name}: {time.perf_counter() - started:.0f} s")
    return report


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=TITLE)
    parser.add_argument("--quick", action="store_true", help="small sizes and few rounds: shows that all of it works")
    parser.add_argument("--only", action="append", choices=list(BENCHES), help="measure this one (may be repeated)")
    parser.add_argument("--rounds", type=int, help="rounds of each comparison (default 5; 3 with --quick)")
    parser.add_argument("--check", action="store_true", help="exit with status 1 when a bar is missed")
    parser.add_argument("--json", type=Path, default=CACHE / "results.json", help="where the same goes as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
