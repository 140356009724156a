"""Resident memory after a history of 100,000 plays came in, 16 submissions at a time, and reached the repository.

The server is the whole product in one process: HTTP, index, outbox writer, built-in PDS. `peak` is the largest resident
set of its life, `after` the one when the outbox is empty. The bulk rows do the same without HTTP: 16 tasks submit batches
of 1,000 plays each, in a process with nothing but the write path.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.benchmarks import ours
from tests.benchmarks.processes import command
from tests.benchmarks.report import Bar, Row, alone
from tests.benchmarks.rounds import ROOT

if TYPE_CHECKING:
    from tests.benchmarks.rounds import Run

WHAT = "resident memory after a history came in, 16 at a time"
EXPECTED_S = 240
QUICK_S = 20
_BAR = Bar("at most", 120)


async def measure(run: Run) -> list[Row]:
    """Fill an empty server once; the folder is kept for the benches that need one."""
    filled = await ours.fill(run.cache, run.plays)
    printed = await command(
        [sys.executable, "-m", "tests.benchmarks.servers.bulk_import", str(run.cache / "bulk"), str(run.plays)],
        cwd=ROOT,
    )
    bulk_peak, bulk_rate = (float(number) for number in printed.split()[-2:])
    plays = f"{run.plays:,} plays"
    return [
        alone("memory", f"after {plays}", "MB", [filled.resident_mb], _BAR),
        alone("memory", f"peak, {plays} at 16", "MB", [filled.peak_mb], _BAR),
        alone("memory", f"peak, {plays} in 16 bulk imports", "MB", [bulk_peak], _BAR),
        alone("memory", "filling over HTTP at 16", "plays/s", [filled.rate]),
        alone("memory", "filling in 16 bulk imports", "plays/s", [bulk_rate]),
        alone("memory", "outbox drained after filling", "s", [filled.drained_in_s]),
    ]
