"""The SQLite driver: commits in groups, the log kept short, other processes on the same file."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING

import pytest

from tonearm.index import sqlite
from tonearm.index.engine import Work, execute, execute_many, select
from tonearm.index.sqlite import SqliteDatabase, sqlite_sql

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[SqliteDatabase]:
    database = SqliteDatabase(str(path))
    try:
        yield database
    finally:
        await database.close()


def make_table() -> Work[None]:
    yield execute("CREATE TABLE item (n INTEGER PRIMARY KEY, word TEXT)")


def insert(n: int) -> Work[int]:
    yield execute("INSERT INTO item VALUES ($1, $2)", n, "x")
    return n


def count() -> Work[int]:
    return (yield select("SELECT count(*) FROM item"))[0][0]


@pytest.mark.parametrize(
    ("common", "scalars", "ours"),
    [
        ("SELECT $1, $2, $10", (), "SELECT ?1, ?2, ?10"),
        ("a = ANY($1)", (), "a IN (SELECT value FROM json_each(?1))"),
        ("a = ANY($1) AND b = ANY($2)", (2,), "a IN (SELECT value FROM json_each(?1)) AND b = ?2"),
        ("FROM unnest($2::bigint[]) AS v(value)", (), "FROM json_each(?2) AS v"),
    ],
)
def test_the_common_sql_is_rewritten(common: str, scalars: tuple[int, ...], ours: str) -> None:
    assert sqlite_sql(common, scalars) == ours


def test_a_file_that_another_is_opening_is_waited_for(tmp_path: Path) -> None:
    """SQLite itself does not wait when a file is switched to WAL mode while somebody reads it."""
    other = sqlite3.connect(tmp_path / "new.db", isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE item (n INTEGER)")
    other.execute("BEGIN")
    other.execute("SELECT * FROM item").fetchall()
    with (
        pytest.raises(sqlite3.OperationalError, match="locked"),
        closing(sqlite3.connect(tmp_path / "new.db")) as plain,
    ):
        plain.execute("PRAGMA journal_mode=WAL")
    timer = threading.Timer(0.2, other.execute, ["COMMIT"])
    timer.start()
    with closing(sqlite.connect(tmp_path / "new.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    timer.join()
    other.close()


def test_a_file_that_stays_locked_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_S", 0.1)
    with closing(sqlite3.connect(tmp_path / "new.db", isolation_level=None)) as other:
        other.execute("CREATE TABLE item (n INTEGER)")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            sqlite.connect(tmp_path / "new.db")


async def test_writes_that_wait_together_share_one_commit(tmp_path: Path) -> None:
    async with opened(tmp_path / "index.db") as database:
        await database.write(make_table())
        commits: list[str] = []
        database._connection.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
        loop, begun, gate = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

        def holding() -> Work[None]:
            loop.call_soon_threadsafe(begun.set)
            assert gate.wait(10)
            yield from insert(0)

        first = asyncio.create_task(database.write(holding()))
        await begun.wait()
        rest = [asyncio.create_task(database.write(insert(n))) for n in range(1, 51)]
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(first, *rest)
        assert commits == ["COMMIT", "COMMIT"], "one for the work that held the writer up, one for the fifty behind it"
        assert await database.read(count()) == 51
        database._connection.set_trace_callback(None)


async def test_a_commit_that_fails_fails_every_work_of_its_group(tmp_path: Path) -> None:
    async with opened(tmp_path / "index.db") as database:
        await database.write(make_table())

        def deferred() -> Work[None]:
            yield execute("CREATE TABLE child (n INTEGER REFERENCES item DEFERRABLE INITIALLY DEFERRED)")

        await database.write(deferred())
        database._connection.execute("PRAGMA foreign_keys=ON")

        def orphan() -> Work[None]:
            yield execute("INSERT INTO child VALUES (99)")

        outcomes = await asyncio.gather(*map(database.write, [insert(1), orphan(), insert(2)]), return_exceptions=True)
        failed = [outcome for outcome in outcomes if isinstance(outcome, sqlite3.IntegrityError)]
        stored = [outcome for outcome in outcomes if isinstance(outcome, int)]
        assert failed
        assert await database.read(count()) == len(stored)
        assert await database.write(insert(3)) == 3, "the writer goes on"


async def test_a_commit_is_flushed_in_full(tmp_path: Path) -> None:
    async with opened(tmp_path / "index.db") as database:
        assert database._connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert database._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_closing_leaves_one_file(tmp_path: Path) -> None:
    async with opened(tmp_path / "index.db") as database:
        await database.write(make_table())
        await database.read(count())
        assert (tmp_path / "index.db-wal").stat().st_size > 0
    assert [path.name for path in tmp_path.iterdir()] == ["index.db"]


PAGE = "x" * 3500


def fill(start: int) -> Work[None]:
    yield execute_many("INSERT INTO item VALUES ($1, $2)", [(n, PAGE) for n in range(start, start + 20)])


@pytest.fixture
def short_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is begun again at 100 pages and not at ten thousand. Each `fill` is at least twenty."""
    monkeypatch.setattr(sqlite, "LOG_PAGES", 100)
    monkeypatch.setattr(sqlite, "LOG_REST_PAGES", 20)


def log_pages(folder: Path) -> int:
    return (folder / "index.db-wal").stat().st_size // sqlite.PAGE_BYTES


async def test_the_log_is_moved_into_the_database_and_stays_short(tmp_path: Path, short_log: None) -> None:
    """Without checkpoints the log would hold six thousand pages."""
    async with opened(tmp_path / "index.db") as database:
        await database.write(make_table())
        sizes = []
        for number in range(300):
            await database.write(fill(20 * number))
            await database.read(count())
            await asyncio.sleep(0.002)
            sizes.append(log_pages(tmp_path))
        assert (tmp_path / "index.db").stat().st_size // sqlite.PAGE_BYTES > 5000
        assert max(sizes) < 1000
        assert sorted(sizes)[len(sizes) // 2] < 400
        assert await database.read(count()) == 6000


async def test_a_reader_who_holds_the_log_is_not_disturbed_and_only_puts_its_restart_off(
    tmp_path: Path, short_log: None
) -> None:
    async with opened(tmp_path / "index.db") as database:
        await database.write(make_table())
        reader = sqlite3.connect(tmp_path / "index.db", isolation_level=None)
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM item").fetchone() == (0,)
        for number in range(40):
            await database.write(fill(20 * number))
        assert reader.execute("SELECT count(*) FROM item").fetchone() == (0,)
        assert log_pages(tmp_path) > 800, "what the reader sees cannot be begun again"
        reader.execute("COMMIT")
        reader.close()
        sizes = []
        for number in range(40, 100):
            await database.write(fill(20 * number))
            await asyncio.sleep(0.002)
            sizes.append(log_pages(tmp_path))
        assert min(sizes) <= 150, "and is, once the reader is gone"
        assert (tmp_path / "index.db").stat().st_size // sqlite.PAGE_BYTES > 1500


async def test_when_the_log_has_been_long_writers_do_not_restart_it_for_ever_after(
    tmp_path: Path, short_log: None
) -> None:
    async with opened(tmp_path / "index.db") as database:
        await database.write(make_table())

        def huge() -> Work[None]:
            for number in range(20):
                yield from fill(20 * number)

        await database.write(huge())
        restarts: list[str] = []
        database._connection.set_trace_callback(lambda sql: restarts.append(sql) if "wal_checkpoint" in sql else None)
        for n in range(50):
            await database.write(insert(10_000 + n))
            await asyncio.sleep(0.002)
        database._connection.set_trace_callback(None)
        assert len(restarts) <= 2
        assert log_pages(tmp_path) <= 150


OTHER_PROCESS = """
import asyncio, sys
from tonearm.index.engine import execute, select
from tonearm.index.sqlite import SqliteDatabase

def insert(n):
    yield execute("INSERT INTO item VALUES ($1, $2)", n, "other")

async def main():
    database = SqliteDatabase(sys.argv[1])
    for start in range(0, 200, 10):
        await asyncio.gather(*(database.write(insert(10_000 + start + n)) for n in range(10)))
    await database.close()

asyncio.run(main())
"""


async def test_two_processes_write_to_one_file(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    async with opened(path) as database:
        await database.write(make_table())
        other = await asyncio.create_subprocess_exec(sys.executable, "-c", OTHER_PROCESS, str(path))
        mine = 0
        while other.returncode is None:
            await asyncio.gather(*(database.write(insert(mine + n)) for n in range(10)))
            mine += 10
            try:
                async with asyncio.timeout(0.005):
                    await other.wait()
            except TimeoutError:
                continue
        assert other.returncode == 0
        assert mine > 10, "both wrote at the same time"
        assert await database.read(count()) == mine + 200
