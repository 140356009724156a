"""The index writer at batches of 1,000 plays, beside the same statements run by plain sqlite3 on the same database.

One pass records every statement, with its values, that the writer issues for ten batches on top of a history. Then both
sides work on fresh copies in turn: the service through the engine, and a loop that runs the recorded statements in the
same transactions with the same pragmas. `writer` counts the time from handing a batch to the writer until it has committed;
`submit` also what comes before, making records, CIDs and hashes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from tests.benchmarks import ours, plays, write_path
from tests.benchmarks.report import Bar, Row, compared
from tests.benchmarks.rounds import progress
from tonearm.app import settle_memory
from tonearm.index.sqlite import connect, sqlite_sql

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.rounds import Run
    from tonearm.index.engine import Database, Dialect, Statement, Work
    from tonearm.index.engine import Row as DatabaseRow

T = TypeVar("T")

WHAT = "index writer beside plain sqlite3"
EXPECTED_S = 60
QUICK_S = 15
_BAR = Bar("at least", 0.5)
_BATCHES = 10
_PLAIN = "plain sqlite3"


@dataclass(slots=True)
class _Watched:
    """A database that adds up the time of its writes, and can record their statements."""

    inner: Database
    seconds: float = 0.0
    submit_s: float = 0.0
    recording: bool = False
    transactions: list[list[Statement]] = field(default_factory=list)
    dialect: Dialect = "sqlite"

    async def read(self, work: Work[T]) -> T:
        return await self.inner.read(work)

    async def write(self, work: Work[T]) -> T:
        if self.recording:
            self.transactions.append([])
            work = _recorded(work, self.transactions[-1])
        started = time.perf_counter()
        try:
            return await self.inner.write(work)
        finally:
            self.seconds += time.perf_counter() - started

    async def close(self) -> None:
        await self.inner.close()


async def measure(run: Run) -> list[Row]:
    """Record once, then run both sides on fresh copies in turn."""
    base = await _base(run)
    work = run.cache / "run-index.db"
    transactions = (await _ours(_copied(base, work), recording=True)).transactions
    statements = [[_prepared(statement) for statement in transaction] for transaction in transactions]
    writer, submit, plain = [], [], []
    count = _BATCHES * write_path.BATCH
    for number in range(run.rounds):
        watched = await _ours(_copied(base, work))
        submit.append(count / watched.submit_s)
        writer.append(count / watched.seconds)
        _copied(base, work)
        plain.append(count / await asyncio.to_thread(_replay, work, statements))
        progress(f"round {number + 1}/{run.rounds} writer {writer[-1]:,.0f}, plain {plain[-1]:,.0f} rows/s")
    return [
        compared("index-writer", "writer, batches of 1,000", "plays/s", writer, _PLAIN, plain, _BAR),
        compared("index-writer", "submit, batches of 1,000", "plays/s", submit, _PLAIN, plain),
    ]


async def _base(run: Run) -> Path:
    """Return an index with a history in it, made once for each version of the storage code."""
    base = run.cache / f"index-{run.plays}-{ours.storage_version()}.db"
    if not _exists(base):
        progress(f"loading {run.plays:,} plays into an index")
        for old in run.cache.glob(f"index-{run.plays}-*.db"):
            old.unlink()
        part = base.with_suffix(".part")
        for suffix in ("", "-wal", "-shm"):
            part.with_name(part.name + suffix).unlink(missing_ok=True)
        await write_path.make_index(part)
        async with write_path.scrobbles(part) as (service, listener):
            for batch in write_path.batches(plays.history(run.plays)):
                await service.submit(listener, batch, write_path.SOURCE)
        part.rename(base)
    return base


async def _ours(path: Path, *, recording: bool = False) -> _Watched:
    """Submit the fresh batches; the library is known, as in an import of later plays."""
    listens = plays.fresh(_BATCHES * write_path.BATCH, catalogue=plays.Catalogue.seeded())
    batches = list(write_path.batches(listens))
    found: list[_Watched] = []

    def watched(database: Database) -> Database:
        found.append(_Watched(database, recording=recording))
        return found[-1]

    async with write_path.scrobbles(path, around=watched) as (service, listener):
        settle_memory()  # as the server does at its start
        started = time.perf_counter()
        for batch in batches:
            await service.submit(listener, batch, write_path.SOURCE)
        found[0].submit_s = time.perf_counter() - started
    return found[0]


def _recorded(work: Work[T], log: list[Statement]) -> Work[T]:
    try:
        statement = next(work)
        while True:
            log.append(statement)
            rows: list[DatabaseRow] = yield statement
            statement = work.send(rows)
    except StopIteration as stop:
        result: T = stop.value
        return result


def _prepared(statement: Statement) -> tuple[str, Any, bool]:
    if statement.many is not None:
        return sqlite_sql(statement.sql), list(statement.many), True
    return sqlite_sql(statement.sql), [json.dumps(a) if type(a) is list else a for a in statement.args], False


def _replay(path: Path, transactions: list[list[tuple[str, Any, bool]]]) -> float:
    """Run the statements as recorded; return the seconds that they took."""
    with contextlib.closing(connect(path)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint=10000")
        started = time.perf_counter()
        for transaction in transactions:
            connection.execute("BEGIN IMMEDIATE")
            for sql, values, many in transaction:
                if many:
                    connection.executemany(sql, values)
                else:
                    connection.execute(sql, values).fetchall()
            connection.execute("COMMIT")
        return time.perf_counter() - started


def _copied(base: Path, target: Path) -> Path:
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    shutil.copyfile(base, target)
    return target


def _exists(path: Path) -> bool:
    return path.is_file()
