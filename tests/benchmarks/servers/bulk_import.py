"""Loads a history in 16 concurrent imports of 1,000 plays a batch; prints its largest resident set (MB) and plays/s."""

from __future__ import annotations

import asyncio
import resource
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from tests.benchmarks import plays, write_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tonearm.services.scrobbles import Listener, Scrobbles
    from tonearm.services.submission import Submission

_IMPORTS = 16


async def load(folder: Path, count: int) -> float:
    """Load the plays and return how many went in a second."""
    shutil.rmtree(folder, ignore_errors=True)
    _make(folder)
    source = iter(write_path.batches(plays.history(count)))
    async with write_path.scrobbles(folder / "index.db") as (service, listener):
        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(_IMPORTS):
                group.create_task(_one_import(service, listener, source))
        return count / (time.perf_counter() - started)


async def _one_import(service: Scrobbles, listener: Listener, source: Iterator[list[Submission]]) -> None:
    for batch in source:
        receipts = await service.submit(listener, batch, write_path.SOURCE)
        if any(receipt.outcome != "stored" for receipt in receipts):
            raise AssertionError("a play of the history was not stored")


def _make(folder: Path) -> None:
    folder.mkdir(parents=True)


if __name__ == "__main__":
    rate = uvloop.run(load(Path(sys.argv[1]), int(sys.argv[2])))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6, rate)
