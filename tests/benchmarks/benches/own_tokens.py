"""What verifying our own token adds to a request: the same query with an API token, with an access token, and without.

In short turns on one connection, whose medians are subtracted turn by turn. A token is looked up in the database once a second
and believed in between, which is what a client in use meets. What the look-up costs is in the last row: a client that
asks less often than once a second pays it on each request.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks import ours
from tests.benchmarks.http_client import drive, request
from tests.benchmarks.processes import HOST, ServerFailedError
from tests.benchmarks.report import Bar, Row, alone
from tests.benchmarks.rounds import progress
from tonearm.core import open_core
from tonearm.services.credentials.logins import BELIEVED_S
from tonearm.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.rounds import Run

WHAT = "what our own token adds to a request"
EXPECTED_S = 40
QUICK_S = 10
_BAR = Bar("at most", 60)
_TARGET = "/xrpc/app.rocksky.scrobble.getScrobbles?limit=1"
_NOBODY = "anonymous"
REQUESTS = 200
"""In a turn: some 50 ms, so that the turns of a kind lie close to those of the others."""


async def measure(run: Run) -> list[Row]:
    """Ask with each kind of token and without one, in turn."""
    folder = run.cache / "run-own-tokens"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rounds: list[dict[str, float]] = []
    async with ours.serving(folder) as server:
        tokens = {_NOBODY: "", "an API token": ours.account_of(folder).token, "an access token": await _opened(folder)}
        for number in range(run.rounds):
            rounds.append(await _round(server.port, tokens, turns=5 if run.quick else 30))
            progress(f"round {number + 1}/{run.rounds}: {rounds[-1]}")
        looked_up = [await _look_up_us(folder) for _ in range(run.rounds)]
    rows = [alone("own-tokens", "the query, anonymous", "us", [each[_NOBODY] for each in rounds])]
    rows += [
        alone("own-tokens", f"{name} adds", "us", [each[name] for each in rounds], _BAR) for name in list(tokens)[1:]
    ]
    return [*rows, alone("own-tokens", f"its look-up, once in {BELIEVED_S:g} s", "us", looked_up)]


async def _round(port: int, tokens: dict[str, str], *, turns: int) -> dict[str, float]:
    """The median time of the anonymous query, and the median of what each token adds to it, turn by turn."""
    found: dict[str, list[float]] = {name: [] for name in tokens}
    for turn in range(turns + 1):
        times = {name: await _median_us(port, tokens[name]) for name in sorted(tokens, reverse=bool(turn % 2))}
        if turn:  # the first warms up
            for name, time_us in times.items():
                found[name].append(time_us if name == _NOBODY else time_us - times[_NOBODY])
    return {name: median(values) for name, values in found.items()}


async def _median_us(port: int, token: str) -> float:
    asked = request("GET", _TARGET, port, headers={"Authorization": f"Bearer {token}"} if token else {})
    load = await drive(HOST, port, iter([asked] * REQUESTS), 1)
    if load.refused:
        raise ServerFailedError(f"calls were refused: {load.refused}")
    return load.latency_ms(0.5) * 1000


async def _opened(folder: Path) -> str:
    """An access token, of a session that is opened beside the running server."""
    async with open_core(Settings(data_dir=folder)) as core:
        account = await core.accounts.named("admin")
        return (await core.logins.open_app(account.actor_id, label="bench", scopes=["read"])).access_jwt


async def _look_up_us(folder: Path) -> float:
    """The time of a look-up in the database, alone."""
    async with open_core(Settings(data_dir=folder)) as core:
        account = await core.accounts.named("admin")
        token = (await core.logins.open_app(account.actor_id, label="bench", scopes=["read"])).access_jwt
        times = []
        for _ in range(200):
            core.logins._open.clear()
            await asyncio.sleep(0)
            begun = time.perf_counter()
            await core.logins.principal(token)
            times.append((time.perf_counter() - begun) * 1e6)
        return median(times)
