"""The PostgreSQL driver: a pool for reads, one writer task that commits in groups.

Writers with the same lock key take turns, in every process, by an advisory lock that the transaction holds: sequence
numbers are therefore given out in the order of commits, as the event log needs them.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg

from tonearm.index.engine import DatabaseClosedError, Dialect, Row, Statement, Work, no_memory

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncpg.pool import PoolConnectionProxy

T = TypeVar("T")

MAX_GROUP = 512
"""Works in one commit. More wait for the next."""
STATEMENT_TIMEOUT_S = 60.0


async def run_work(connection: asyncpg.Connection[Any] | PoolConnectionProxy[Any], work: Work[T]) -> T:
    """Drive a unit of work on a connection, within whatever transaction it is in."""
    try:
        statement = next(work)
        while True:
            try:
                rows = await _run(connection, statement)
            except asyncpg.PostgresError as error:
                statement = work.throw(error)
            else:
                statement = work.send(rows)
    except StopIteration as stop:
        result: T = stop.value
        return result


async def _run(connection: asyncpg.Connection[Any] | PoolConnectionProxy[Any], statement: Statement) -> list[Row]:
    if statement.many is not None:
        await connection.executemany(statement.sql, statement.many)
        return []
    return [tuple(record) for record in await connection.fetch(statement.sql, *statement.args)]


class PostgresDatabase:
    """One PostgreSQL database. Any number of processes may share it."""

    dialect: Dialect = "postgresql"

    def __init__(self, pool: asyncpg.Pool[Any], *, lock_key: int) -> None:
        self._pool = pool
        self._lock_key = lock_key
        self._queue: asyncio.Queue[tuple[Work[Any], asyncio.Future[Any]] | None] = asyncio.Queue()
        self._closed = False
        self.rolled_back: Callable[[], None] = no_memory
        self._writer = asyncio.get_running_loop().create_task(self._write_forever())

    @classmethod
    async def connect(cls, url: str, *, lock_key: int, readers: int) -> PostgresDatabase:
        """Open the pool: `readers` connections for reads and one for the writer."""
        pool = await asyncpg.create_pool(url, min_size=1, max_size=readers + 1, command_timeout=STATEMENT_TIMEOUT_S)
        return cls(pool, lock_key=lock_key)

    async def read(self, work: Work[T]) -> T:
        """Run read-only work on one consistent snapshot."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            return await run_work(connection, work)

    async def write(self, work: Work[T]) -> T:
        """Queue work for the writer task and answer after the commit that holds it."""
        if self._closed:
            raise DatabaseClosedError("the database is closed")
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((work, future))
        result: T = await future
        return result

    async def close(self) -> None:
        """Finish the queued works, then close the pool."""
        if self._closed:
            return
        self._closed = True
        self._queue.put_nowait(None)
        await self._writer
        await self._pool.close()

    async def _write_forever(self) -> None:
        stopping = False
        while not stopping:
            first = await self._queue.get()
            if first is None:
                return
            group = [first]
            while len(group) < MAX_GROUP and not self._queue.empty():
                more = self._queue.get_nowait()
                if more is None:
                    stopping = True
                    break
                group.append(more)
            await self._commit_group(group)

    async def _commit_group(self, group: list[tuple[Work[Any], asyncio.Future[Any]]]) -> None:
        outcomes: list[tuple[asyncio.Future[Any], Any, BaseException | None]] = []
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", self._lock_key)
                for work, future in group:
                    try:
                        async with connection.transaction() if len(group) > 1 else contextlib.nullcontext():
                            outcomes.append((future, await run_work(connection, work), None))
                    except Exception as error:
                        outcomes.append((future, None, error))
                        if len(group) == 1:
                            raise
                        self.rolled_back()
        except Exception as error:  # noqa: BLE001 - whatever broke the commit is raised to those who wait for it
            self.rolled_back()
            outcomes = [(future, None, error) for _, future in group]
        for future, result, broken in outcomes:
            if future.cancelled():
                continue
            if broken is not None:
                future.set_exception(broken)
            else:
                future.set_result(result)
