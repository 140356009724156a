"""One play a request, durable before the answer, on 100,000 existing plays, beside Maloja at concurrency 1 and 16.

Ours does all of its work: token, dedup, journal, index, charts' counts, outbox rows, with the outbox writer and the
built-in PDS running in the same process. Maloja stores one row and commits. Both get the same plays, of a library that
neither has seen: every title is new at first, which is the most work for us (a song, an album and an artist get records of
their own) and the least for Maloja (it looks nothing up). The same client drives both.

The side that is not measured is stopped (SIGSTOP) meanwhile. At concurrency 1 our outbox is empty when a window begins;
at 16 it is not, and the writer works through its backlog while plays come in. Afterwards the outbox is drained and every
play of the history must be a record of the repository.
"""

from __future__ import annotations

from contextlib import AsyncExitStack, nullcontext
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from tests.benchmarks import ours, plays
from tests.benchmarks.http_client import Load, drive
from tests.benchmarks.peers import maloja
from tests.benchmarks.processes import HOST, Server, ServerFailedError
from tests.benchmarks.report import Bar, PeerAbsentError, Row, absent, alone, compared, faster
from tests.benchmarks.rounds import interleaved, progress

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from tests.benchmarks.rounds import Run

WHAT = "createScrobble, durable, beside Maloja"
EXPECTED_S = 330
QUICK_S = 90
_BARS = {1: Bar("at least", 10, aim=14), 16: Bar("at least", 30, aim=45)}
_P99_BAR = Bar("at most", 5)
_DRAIN_BAR = Bar("at least", aim=1000)
_OTHER_LIBRARY = 7
_FRESH = 400_000
_MOST_A_SECOND = {ours.NAME: 8000, maloja.NAME: 500}


@dataclass(slots=True)
class _Side:
    """A server under load: requests are made before a window, never within it."""

    server: Server
    messages: Iterator[bytes]
    loads: dict[int, list[Load]] = field(default_factory=dict)
    accepted: int = 0
    _ready: list[bytes] = field(default_factory=list)

    async def window(self, concurrency: int, seconds: float) -> float:
        """Return the plays a second of one window.

        Raises:
            ServerFailedError: we refused a play, the peer refused them all, or the bench ran out of plays.
        """
        wanted = int(seconds * _MOST_A_SECOND[self.server.name])
        self._ready += islice(self.messages, max(0, wanted - len(self._ready)))
        supply = iter(self._ready)
        load = await drive(HOST, self.server.port, supply, concurrency, limit_s=seconds)
        self._ready = list(supply)
        mine = self.server.name == ours.NAME
        if not load.latencies or not self._ready or (load.refused and mine):
            raise ServerFailedError(
                f"{self.server.name} took {len(load.latencies)} plays of {wanted}, refused {load.refused}"
            )
        self.accepted += len(load.latencies)
        self.loads.setdefault(concurrency, []).append(load)
        return load.rate


async def measure(run: Run) -> list[Row]:
    """Load both servers in turn, then drain ours and compare its repository with its history."""
    rows: list[Row] = []
    folder = ours.copied(await ours.data_with(run.cache, run.plays), run.cache / "run-tonearm")
    catalogue = plays.Catalogue.seeded(_OTHER_LIBRARY)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(ours.serving(folder))
        messages = ours.submissions(server.port, ours.account_of(folder), plays.fresh(_FRESH, catalogue=catalogue))
        mine, theirs = _Side(server, messages), None
        async with AsyncExitStack() as peer_stack:
            try:
                theirs = await _peer(run, peer_stack, catalogue)
            except PeerAbsentError as error:
                rows.append(absent("ingest", error))
            for concurrency in _BARS:
                await interleaved(run.rounds, _windows(run, folder, mine, theirs, concurrency))
                rows += _rows(concurrency, mine, theirs)
            if theirs is not None:
                rows += _refusals(theirs)
                rows.append(
                    alone("ingest", f"{maloja.NAME}: memory after the load", "MB", [theirs.server.resident_mb()])
                )
        rows.append(alone("ingest", "memory after the load", "MB", [server.resident_mb()]))
        rows += await _drain(folder)
        rows.append(await _agreement(run, server, ours.account_of(folder), mine.accepted))
    return rows


async def _peer(run: Run, stack: AsyncExitStack, catalogue: plays.Catalogue) -> _Side:
    script = await maloja.install(run.cache)
    folder = ours.copied(await maloja.data_with(script, run.cache, run.plays), run.cache / "run-maloja")
    try:
        server = await stack.enter_async_context(maloja.serving(script, folder))
        progress(f"waiting until {maloja.NAME} has done what it does after a start")
        await server.settled()
    except ServerFailedError as error:
        raise PeerAbsentError(maloja.NAME, str(error)) from error
    return _Side(server, maloja.submissions(server.port, plays.fresh(_FRESH, catalogue=catalogue)))


def _windows(
    run: Run, folder: Path, mine: _Side, theirs: _Side | None, concurrency: int
) -> dict[str, Callable[[], Awaitable[float]]]:
    async def our_window() -> float:
        if concurrency == 1:
            await ours.drained(folder, limit_s=120)
        with theirs.server.paused() if theirs else nullcontext():
            return await mine.window(concurrency, run.window_s)

    async def their_window() -> float:
        assert theirs is not None
        with mine.server.paused():
            return await theirs.window(concurrency, run.window_s)

    return {ours.NAME: our_window, **({maloja.NAME: their_window} if theirs else {})}


def _rows(concurrency: int, mine: _Side, theirs: _Side | None) -> list[Row]:
    what = f"createScrobble, concurrency {concurrency}"
    rates = [load.rate for load in mine.loads[concurrency]]
    rows = []
    if theirs is None:
        rows.append(alone("ingest", what, "plays/s", rates))
    else:
        peer_rates = [load.rate for load in theirs.loads[concurrency]]
        rows.append(compared("ingest", what, "plays/s", rates, maloja.NAME, peer_rates, _BARS[concurrency]))
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        times = [load.latency_ms(share) for load in mine.loads[concurrency]]
        bar = _P99_BAR if (concurrency, name) == (1, "p99") else None
        if theirs is None:
            rows.append(alone("ingest", f"{name}, concurrency {concurrency}", "ms", times, bar))
        else:
            peer_times = [load.latency_ms(share) for load in theirs.loads[concurrency]]
            row = faster("ingest", f"{name}, concurrency {concurrency}", "ms", times, maloja.NAME, peer_times)
            rows.append(row if bar is None else replace(row, bar=bar, judge_ours=True))
    return rows


def _refusals(theirs: _Side) -> list[Row]:
    """Say how many plays the peer failed to take; they count neither as plays nor against the time."""
    refused = sum(sum(load.refused.values()) for loads in theirs.loads.values() for load in loads)
    return [alone("ingest", f"{maloja.NAME}: plays refused", "", [refused])] if refused else []


async def _drain(folder: Path) -> list[Row]:
    """Wait until the repository has everything, and say how fast it took it."""
    waiting, commits = ours.unconfirmed(folder), ours.commits(folder)
    progress(f"{waiting:,} records wait for the repository")
    seconds = await ours.drained(folder, limit_s=120 + waiting / 100)
    rows = [alone("ingest", f"drained of {waiting:,} records in", "s", [seconds])]
    if waiting:
        made = ours.commits(folder) - commits
        rows.append(alone("ingest", "records into the repository", "records/s", [waiting / seconds], _DRAIN_BAR))
        rows.append(alone("ingest", "commits of the repository", "commits/s", [made / seconds]))
    return rows


async def _agreement(run: Run, server: Server, account: ours.Account, accepted: int) -> Row:
    """Compare the repository's records, the history and the number of plays that were acknowledged."""
    progress("comparing every record of the repository with every play of the history")
    records = await ours.record_uris(server, account)
    history = await ours.history_uris(server, account)
    lost = abs(run.plays + accepted - len(history))
    note = f"{len(records):,} records, {len(history):,} plays, {run.plays + accepted:,} acknowledged"
    return alone(
        "ingest", "records that differ from plays", "", [len(records ^ history) + lost], Bar("at most", 0), note
    )
