"""From the start of the process to the first answers: `/xrpc/_health`, and a page of history from the index.

Once on the folder of a server that has its history, once on an empty folder (databases, keys and the first account are
made). Files are warm in the page cache, as after an upgrade; the peer answers its own information page.
"""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from tests.benchmarks import ours
from tests.benchmarks.http_client import fetch
from tests.benchmarks.peers import maloja
from tests.benchmarks.processes import HOST, ServerFailedError
from tests.benchmarks.report import Bar, PeerAbsentError, Row, absent, alone, faster
from tests.benchmarks.rounds import interleaved

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.benchmarks.rounds import Run

WHAT = "start to first answer"
EXPECTED_S = 60
QUICK_S = 30
_BAR = Bar("at most", 0.8, aim=0.5)
_HISTORY = "/xrpc/app.rocksky.scrobble.getScrobbles?limit=50"


async def measure(run: Run) -> list[Row]:
    """Start and stop both servers in turn."""
    folder = ours.copied(await ours.data_with(run.cache, run.plays), run.cache / "run-tonearm")
    sides: dict[str, Callable[[], Awaitable[float]]] = {ours.NAME: lambda: _ours(folder)}
    rows: list[Row] = []
    try:
        script = await maloja.install(run.cache)
        peer = ours.copied(await maloja.data_with(script, run.cache, run.plays), run.cache / "run-maloja")
        sides[maloja.NAME] = lambda: _maloja(script, peer)
    except PeerAbsentError as error:
        rows.append(absent("startup", error))
    await _ours(folder)  # fills the page cache and compiles the bytecode
    found = await interleaved(run.rounds, sides)
    rows.append(alone("startup", f"first answers, {run.plays:,} plays", "s", found[ours.NAME], _BAR))
    if maloja.NAME in found:
        mine, theirs = found[ours.NAME], found[maloja.NAME]
        rows.append(faster("startup", f"the same beside {maloja.NAME}", "s", mine, maloja.NAME, theirs))
    first = [await _first_ever(run.cache / "run-empty") for _ in range(run.rounds)]
    rows.append(alone("startup", "first answers, empty folder", "s", first))
    return rows


async def _ours(folder: Path) -> float:
    async with ours.serving(folder) as server:
        asked = time.perf_counter()
        page = await fetch(HOST, server.port, _HISTORY)
        elapsed = server.started_in_s + time.perf_counter() - asked
        if page.status != 200 or "scrobbles" not in page.json():
            raise ServerFailedError(f"{_HISTORY} answered {page.status}")
    return elapsed


async def _first_ever(folder: Path) -> float:
    shutil.rmtree(folder, ignore_errors=True)
    return await _ours(folder)


async def _maloja(script: Path, folder: Path) -> float:
    async with maloja.serving(script, folder) as server:
        return server.started_in_s
