"""The whole server in one process, loaded by 16 concurrent imports of 1,000 plays a batch; prints its peak memory and rate.

Index, outbox writer, built-in PDS and HTTP run as `tonearm serve` runs them; only the imports come from within, because
no endpoint takes a thousand plays at once. It waits until the repository has every record.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from tests.benchmarks import write_path
from tests.benchmarks.plays import Play
from tests.benchmarks.processes import free_port, peak_resident_mb
from tonearm.app import working
from tonearm.core import Core, open_core
from tonearm.edges import listening
from tonearm.index.outbox import count_unconfirmed
from tonearm.index.queries.actors import account_named
from tonearm.services.preparing import Listener
from tonearm.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tonearm.services.submission import Submission

_IMPORTS = 16


async def load(folder: Path, handle: str, lines: Iterator[str]) -> tuple[float, float]:
    """Load the plays; return how many went in a second, and the seconds until the outbox was empty."""
    source = iter(write_path.batches(Play.of_line(line) for line in lines))
    async with (
        open_core(Settings(data_dir=folder, port=free_port())) as core,
        working(core),
        listening(core),
    ):
        account = await core.index.read(account_named(handle))
        if account is None:
            raise LookupError(handle)
        listener = Listener(account.actor_id, account.did)
        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            imports = [group.create_task(_one_import(core, listener, source)) for _ in range(_IMPORTS)]
        rate = sum(task.result() for task in imports) / (time.perf_counter() - started)
        submitted = time.perf_counter()
        while True:
            waiting, refused, _ = await core.index.read(count_unconfirmed())
            if refused:
                raise AssertionError(f"{refused} writes were refused")
            if not waiting:
                return rate, time.perf_counter() - submitted
            await asyncio.sleep(0.25)


async def _one_import(core: Core, listener: Listener, source: Iterator[list[Submission]]) -> int:
    stored = 0
    for batch in source:
        receipts = await core.scrobbles.submit(listener, batch, write_path.SOURCE)
        if any(receipt.outcome != "stored" for receipt in receipts):
            raise AssertionError("a play of the history was not stored")
        stored += len(receipts)
    return stored


def main(folder: Path, handle: str) -> None:
    """Load `plays.tsv` of the folder for the account with this handle."""
    with (folder / "plays.tsv").open(encoding="utf-8") as lines:
        rate, drained_in_s = uvloop.run(load(folder, handle, lines))
    print(peak_resident_mb(os.getpid()), rate, drained_in_s)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
