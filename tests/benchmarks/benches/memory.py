"""Resident memory after a history of 100,000 plays came in, 16 submissions at a time, and reached the repository.

The server is the whole product in one process: HTTP, index, outbox writer, built-in PDS. `peak` is the largest resident
set of its life, `after` the one when the outbox is empty. It is the second start of its folder: the very first one
imports the migrations and makes an account, and has a row of its own. The bulk row is the same server loaded by 16
imports of 1,000 plays a batch from within the process.
"""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from tests.benchmarks import ours, plays
from tests.benchmarks.processes import command
from tests.benchmarks.report import Bar, Row, alone
from tests.benchmarks.rounds import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.rounds import Run

WHAT = "resident memory after a history came in, 16 at a time"
EXPECTED_S = 300
QUICK_S = 30
_BAR = Bar("at most", 120)


async def measure(run: Run) -> list[Row]:
    """Fill an empty server once; the folder is kept for the benches that need one."""
    filled = await ours.fill(run.cache, run.plays)
    bulk_peak, bulk_rate, bulk_drained_in_s = await _bulk(run)
    plays = f"{run.plays:,} plays"
    return [
        alone("memory", f"after {plays}", "MB", [filled.resident_mb], _BAR),
        alone("memory", f"peak, {plays} at 16", "MB", [filled.peak_mb], _BAR),
        alone("memory", f"peak, {plays} in 16 bulk imports", "MB", [bulk_peak], _BAR),
        alone("memory", "idle after the very first start", "MB", [filled.first_life_mb]),
        alone("memory", "filling over HTTP at 16", "plays/s", [filled.rate]),
        alone("memory", "filling in 16 bulk imports", "plays/s", [bulk_rate]),
        alone("memory", "outbox drained after HTTP", "s", [filled.drained_in_s]),
        alone("memory", "outbox drained after imports", "s", [bulk_drained_in_s]),
    ]


async def _bulk(run: Run) -> tuple[float, float, float]:
    """Load the history by imports in a server of its own; return its peak, its rate, and the seconds of its drain."""
    folder = run.cache / "bulk"
    _clear(folder)
    async with ours.serving(folder):
        handle = ours.account_of(folder).handle
    _write_lines(folder, run.plays)
    argv = [sys.executable, "-m", "tests.benchmarks.servers.bulk_import", str(folder), handle]
    peak_mb, rate, drained_in_s = (float(number) for number in (await command(argv, cwd=ROOT)).split()[-3:])
    return peak_mb, rate, drained_in_s


def _write_lines(folder: Path, count: int) -> None:
    with (folder / "plays.tsv").open("w", encoding="utf-8") as lines:
        lines.writelines(play.line() for play in plays.history(count))


def _clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
