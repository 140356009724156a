"""XRPC query and procedure, input and output validated, under wrk at 32 connections: ours, two servers on Node, a floor.

All four answer the same constants in the shapes of `getScrobbles` (one row; also a page of 50) and `createScrobble` (a
body of some 460 bytes), with schemas from the same lexicon documents; nobody authenticates. The floor is what aiohttp, pydantic
and uvloop cost by themselves.
"""

from __future__ import annotations

import contextlib
import sys
from functools import partial
from typing import TYPE_CHECKING

from tests.benchmarks.peers import node, wrk
from tests.benchmarks.processes import Server, ServerFailedError, free_port, running
from tests.benchmarks.report import Bar, PeerAbsentError, Row, absent, compared
from tests.benchmarks.rounds import interleaved, progress
from tests.benchmarks.servers import constants

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from tests.benchmarks.rounds import Run

WHAT = "XRPC query and procedure beside two servers on Node and the bare parts"
EXPECTED_S = 220
QUICK_S = 60
FLOOR = "floor: aiohttp + pydantic"
_OURS = "tonearm"
_SHAPES = {"query, 1 row": 1, "query, 50 rows": 50, "procedure": None}
_BARS = {
    ("query, 1 row", node.ATPROTO): Bar("at least", 3.5),
    ("query, 1 row", node.ATCUTE): Bar("at least", 1.7),
    ("procedure", node.ATPROTO): Bar("at least", 2.7),
    ("procedure", node.ATCUTE): Bar("at least", 2.0),
}


async def measure(run: Run) -> list[Row]:
    """Run every server at once, load them in turn, compare round by round."""
    folder = run.cache / "xrpc"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "answers.json").write_bytes(constants.answers())
    rows: list[Row] = []
    async with contextlib.AsyncExitStack() as stack:
        ours = await stack.enter_async_context(_python(_OURS, "tonearm_xrpc", folder))
        servers = {_OURS: ours, FLOOR: await stack.enter_async_context(_python(FLOOR, "floor", folder))}
        try:
            load = await wrk.install()
        except PeerAbsentError as error:
            return [absent("xrpc", error)]
        for peer in (node.ATPROTO, node.ATCUTE):
            try:
                servers[peer] = await stack.enter_async_context(_node(run, peer, folder))
            except PeerAbsentError as error:
                rows.append(absent("xrpc", error))
        for shape in _SHAPES:
            rows += await _compare(run, shape, load, folder, servers)
    return rows


async def _compare(run: Run, shape: str, load: str, folder: Path, servers: dict[str, Server]) -> list[Row]:
    limit = _SHAPES[shape]
    script = None if limit else wrk.post_script(folder, constants.scrobble_body())
    target = constants.QUERY + constants.PARAMETERS.format(limit=limit) if limit else constants.PROCEDURE
    sides: dict[str, Callable[[], Awaitable[float]]] = {}
    for name, server in servers.items():
        progress(f"{shape}: warming up {name}")
        await wrk.rate(load, server.port, target, 1 if run.quick else 2, script)
        sides[name] = partial(wrk.rate, load, server.port, target, run.window_s, script)
    found = await interleaved(run.rounds, sides)
    ours = found.pop(_OURS)
    return [
        compared("xrpc", shape, "answers/s", ours, peer, rates, _BARS.get((shape, peer)))
        for peer, rates in found.items()
    ]


def _python(name: str, module: str, folder: Path) -> contextlib.AbstractAsyncContextManager[Server]:
    port = free_port()
    argv = [sys.executable, "-m", f"tests.benchmarks.servers.{module}", str(port)]
    ready = constants.QUERY + constants.PARAMETERS.format(limit=1)
    return running(name, argv, env={}, port=port, ready=ready, log=folder / f"{module}.log")


@contextlib.asynccontextmanager
async def _node(run: Run, peer: str, folder: Path) -> AsyncIterator[Server]:
    packages = await node.install(run.cache)
    ready = constants.QUERY + constants.PARAMETERS.format(limit=1)
    async with contextlib.AsyncExitStack() as stack:
        try:
            server = await stack.enter_async_context(node.serving(packages, peer, folder / "answers.json", ready))
        except ServerFailedError as error:
            raise PeerAbsentError(peer, str(error)) from error
        yield server
