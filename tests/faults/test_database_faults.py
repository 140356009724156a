"""What an SQLite file's faults lead to: errors for those who wait, never a writer that is gone without a word."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from tonearm.index.engine import Work, execute, select
from tonearm.index.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class FaultyConnection:
    """A connection on which some statements end in an I/O error."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.broken: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
        if any(sql.startswith(beginning) for beginning in self.broken):
            raise sqlite3.OperationalError("disk I/O error")
        return self._connection.execute(sql, *args)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    database = SqliteDatabase(str(tmp_path / "index.db"))
    database._connection = FaultyConnection(database._connection)
    await database.write(make_table())
    yield database
    database._connection.broken.clear()
    await database.close()


def make_table() -> Work[None]:
    yield execute("CREATE TABLE item (n INTEGER PRIMARY KEY)")


def insert(n: int) -> Work[None]:
    yield execute("INSERT INTO item VALUES ($1)", n)


def items() -> Work[list[int]]:
    return [n for (n,) in (yield select("SELECT n FROM item ORDER BY n"))]


async def test_a_checkpoint_that_fails_stops_no_writer(database: SqliteDatabase):
    database._connection.broken.add("PRAGMA wal_checkpoint")
    database._restart_wanted = True
    for n in range(3):
        async with asyncio.timeout(5):
            await database.write(insert(n))
    assert not database._restart_wanted, "it was tried, and it failed"
    assert await database.read(items()) == [0, 1, 2]


async def test_a_commit_that_fails_is_an_error_to_all_who_wait_and_the_next_one_may_succeed(database: SqliteDatabase):
    database._connection.broken.add("COMMIT")
    async with asyncio.timeout(5):
        failed = await asyncio.gather(*(database.write(insert(n)) for n in range(3)), return_exceptions=True)
    assert [type(error) for error in failed] == [sqlite3.OperationalError] * 3
    database._connection.broken.clear()
    await database.write(insert(9))
    assert await database.read(items()) == [9]


async def test_when_even_the_rollback_fails_writers_are_told_and_the_thread_lives(database: SqliteDatabase):
    database._connection.broken |= {"COMMIT", "ROLLBACK"}
    for n in range(2):
        async with asyncio.timeout(5):
            with pytest.raises(sqlite3.OperationalError):
                await database.write(insert(n))
    database._connection.broken.clear()
    async with asyncio.timeout(5):
        await database.write(insert(9))
    assert await database.read(items()) == [9]
