"""Loads a history in 16 concurrent imports of 1,000 plays a batch; prints its largest resident set (MB) and plays/s."""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from tests.benchmarks import write_path
from tests.benchmarks.plays import Play

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tonearm.services.scrobbles import Listener, Scrobbles
    from tonearm.services.submission import Submission

_IMPORTS = 16


async def load(folder: Path, lines: Iterator[str]) -> float:
    """Load the plays and return how many went in a second."""
    source = iter(write_path.batches(Play.of_line(line) for line in lines))
    async with write_path.scrobbles(folder / "index.db") as (service, listener):
        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            imports = [group.create_task(_one_import(service, listener, source)) for _ in range(_IMPORTS)]
        return sum(task.result() for task in imports) / (time.perf_counter() - started)


async def _one_import(service: Scrobbles, listener: Listener, source: Iterator[list[Submission]]) -> int:
    stored = 0
    for batch in source:
        receipts = await service.submit(listener, batch, write_path.SOURCE)
        if any(receipt.outcome != "stored" for receipt in receipts):
            raise AssertionError("a play of the history was not stored")
        stored += len(receipts)
    return stored


def main(folder: Path) -> None:
    """Load `plays.tsv` into `index.db` of the folder."""
    with (folder / "plays.tsv").open(encoding="utf-8") as lines:
        rate = uvloop.run(load(folder, lines))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6, rate)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
