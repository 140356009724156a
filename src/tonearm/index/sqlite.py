"""The SQLite driver: one writer thread that commits in groups, a few reader threads.

The writer thread owns the only connection that writes. It drains whatever works wait, runs them in one transaction
(each in a savepoint of its own when there are several), commits with `synchronous=FULL`, and only then answers them.
Rejected: aiosqlite (a thread hop a statement) and one commit a work (a disk flush each). Checkpoints run on a
connection of their own, off the way of the answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import queue
import re
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tonearm.index.engine import WRITER_CACHE_KIB, DatabaseClosedError, Dialect, Row, Statement, Work, no_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

log = logging.getLogger(__name__)

PAGE_BYTES = 4096
LOG_PAGES = 10_000
"""The log is checkpointed and begun again when it has grown past this. Its file keeps this size: a flush of bytes that
are written over costs less than one of bytes that make the file longer."""
LOG_REST_PAGES = 500
"""A checkpoint beside the writer goes on until no more than this is left; the writer itself does the rest."""
CHECKPOINT_ROUNDS = 20
RESTART_TIMEOUT_MS = 50
BUSY_TIMEOUT_S = 30.0
BUSY_PAUSE_S = 0.01
READER_CACHE_KIB = 300
MAX_GROUP = 512
"""Works in one commit. More wait for the next."""

_PLACEHOLDER = re.compile(r"\$(\d+)")
_ANY = re.compile(r"= ANY\(\$(\d+)\)")
_UNNEST = re.compile(r"unnest\(\$(\d+)::bigint\[\]\) AS (\w+)\(value\)")


@lru_cache(maxsize=1024)
def sqlite_sql(sql: str, scalars: tuple[int, ...] = ()) -> str:
    """Rewrite the common SQL of `engine` for SQLite.

    `scalars` are the numbers of list arguments that hold one element: `= ANY($n)` is then a plain comparison, which
    saves setting up `json_each`, five times the cost of the look-up itself.
    """

    def membership(match: re.Match[str]) -> str:
        number = match[1]
        return f"= ?{number}" if int(number) in scalars else f"IN (SELECT value FROM json_each(?{number}))"

    sql = _ANY.sub(membership, sql)
    sql = _UNNEST.sub(r"json_each(?\1) AS \2", sql)
    return _PLACEHOLDER.sub(r"?\1", sql)


def _bound(sql: str, args: Sequence[Any]) -> tuple[str, Sequence[Any]]:
    lists = [number for number, arg in enumerate(args, 1) if type(arg) is list]
    if not lists:
        return sqlite_sql(sql), args
    scalars = tuple(number for number in lists if len(args[number - 1]) == 1 and f"ANY(${number})" in sql)
    bound = list(args)
    for number in lists:
        bound[number - 1] = args[number - 1][0] if number in scalars else json.dumps(args[number - 1])
    return sqlite_sql(sql, scalars), bound


def run_work(connection: sqlite3.Connection, work: Work[T]) -> T:
    """Drive a unit of work on a connection, within whatever transaction it is in."""
    try:
        statement = next(work)
        while True:
            try:
                rows = _run(connection, statement)
            except sqlite3.Error as error:
                statement = work.throw(error)
            else:
                statement = work.send(rows)
    except StopIteration as stop:
        result: T = stop.value
        return result


def _run(connection: sqlite3.Connection, statement: Statement) -> list[Row]:
    if statement.many is not None:
        connection.executemany(sqlite_sql(statement.sql), statement.many)
        return []
    return connection.execute(*_bound(statement.sql, statement.args)).fetchall()


def connect(path: str | Path, *, read_only: bool = False, cache_kib: int = WRITER_CACHE_KIB) -> sqlite3.Connection:
    """Open a connection with the pragmas that the product relies on."""
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, cached_statements=512
    )
    _keep_log(connection)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute(f"PRAGMA cache_size=-{cache_kib}")
    connection.execute("PRAGMA temp_store=MEMORY")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute(f"PRAGMA journal_size_limit={LOG_PAGES * PAGE_BYTES}")
    if read_only:
        connection.execute("PRAGMA query_only=ON")
    return connection


def _keep_log(connection: sqlite3.Connection) -> None:
    """Put the file into WAL mode.

    Of several that open a new file at once SQLite refuses all but one, and does not wait as it does elsewhere.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(BUSY_PAUSE_S)
        else:
            return


class _Pending:
    """One work that waits for the writer, and the future of whoever waits for it."""

    __slots__ = ("error", "future", "loop", "result", "work")

    def __init__(self, work: Work[Any], loop: asyncio.AbstractEventLoop) -> None:
        self.work = work
        self.loop = loop
        self.future: asyncio.Future[Any] = loop.create_future()
        self.result: Any = None
        self.error: BaseException | None = None


class SqliteDatabase:
    """One SQLite file in WAL mode. Other processes may use the file at the same time."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: str, *, readers: int = 2, cache_kib: int = WRITER_CACHE_KIB) -> None:
        self.path = Path(path)
        self._connection = connect(self.path, cache_kib=cache_kib)
        self._queue: queue.SimpleQueue[_Pending | None] = queue.SimpleQueue()
        self._closed = False
        self.rolled_back: Callable[[], None] = no_memory
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="index-read")
        self._reader_connections: list[sqlite3.Connection] = []
        self._local = threading.local()
        self._log_path = self.path.with_name(self.path.name + "-wal")
        self._checkpoint_asked = False
        self._restart_wanted = False
        self._checkpoint_wanted = threading.Event()
        self._writer = threading.Thread(target=self._write_forever, name="index-write", daemon=True)
        self._checkpointer = threading.Thread(target=self._checkpoint_forever, name="index-checkpoint", daemon=True)
        self._writer.start()
        self._checkpointer.start()

    async def read(self, work: Work[T]) -> T:
        """Run read-only work on one consistent snapshot, in one hop to a reader thread."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def _read(self, work: Work[T]) -> T:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = connect(self.path, read_only=True, cache_kib=READER_CACHE_KIB)
            self._local.connection = connection
            self._reader_connections.append(connection)
        connection.execute("BEGIN")
        try:
            return run_work(connection, work)
        finally:
            connection.execute("COMMIT")

    async def write(self, work: Work[T]) -> T:
        """Queue work for the writer thread and answer after the commit that holds it."""
        if self._closed:
            raise DatabaseClosedError("the database is closed")
        pending = _Pending(work, asyncio.get_running_loop())
        self._queue.put(pending)
        result: T = await pending.future
        return result

    async def close(self) -> None:
        """Finish the queued works, checkpoint, close."""
        if self._closed:
            return
        self._closed = True
        self._queue.put(None)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._writer.join)
        self._checkpoint_wanted.set()
        await loop.run_in_executor(None, self._checkpointer.join)
        self._readers.shutdown(wait=True)
        for connection in self._reader_connections:
            connection.close()
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()

    def _write_forever(self) -> None:
        stopping = False
        while not stopping:
            first = self._queue.get()
            if first is None:
                return
            group = [first]
            while len(group) < MAX_GROUP:
                try:
                    more = self._queue.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    stopping = True
                    break
                group.append(more)
            self._commit_group(group)
            self._answer(group)
            if self._restart_wanted:
                self._restart_log()
            else:
                self._watch_log()

    def _commit_group(self, group: list[_Pending]) -> None:
        connection = self._connection
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")  # it failed after the last commit did
            connection.execute("BEGIN IMMEDIATE")
            if len(group) == 1:
                self._attempt(group[0])
                if group[0].error is None:
                    connection.execute("COMMIT")
                else:
                    connection.execute("ROLLBACK")
                    self.rolled_back()
                return
            for pending in group:
                connection.execute("SAVEPOINT work")
                self._attempt(pending)
                if pending.error is not None:
                    connection.execute("ROLLBACK TO work")
                    self.rolled_back()
                connection.execute("RELEASE work")
            connection.execute("COMMIT")
        except BaseException as error:  # noqa: BLE001 - whatever broke the commit is raised to those who wait for it
            with contextlib.suppress(sqlite3.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            self.rolled_back()
            for pending in group:
                pending.error = pending.error or error

    def _attempt(self, pending: _Pending) -> None:
        try:
            pending.result = run_work(self._connection, pending.work)
        except BaseException as error:  # noqa: BLE001 - it is raised to the one who waits for this work
            pending.error = error

    @staticmethod
    def _answer(group: list[_Pending]) -> None:
        def resolve(pendings: list[_Pending]) -> None:
            for pending in pendings:
                if pending.future.cancelled():
                    continue
                if pending.error is not None:
                    pending.future.set_exception(pending.error)
                else:
                    pending.future.set_result(pending.result)

        by_loop: dict[asyncio.AbstractEventLoop, list[_Pending]] = {}
        for pending in group:
            by_loop.setdefault(pending.loop, []).append(pending)
        for loop, pendings in by_loop.items():
            _call_soon(loop, resolve, pendings)

    def _watch_log(self) -> None:
        """Ask for a checkpoint when the log has outgrown its file's kept size."""
        if self._checkpoint_asked:
            return
        try:
            pages = self._log_path.stat().st_size // PAGE_BYTES
        except OSError:
            return
        if pages > LOG_PAGES + LOG_REST_PAGES:
            self._checkpoint_asked = True
            self._checkpoint_wanted.set()

    def _restart_log(self) -> None:
        """Copy the little that the checkpointer left and begin the log again; a reader in the way puts it off."""
        connection = self._connection
        connection.execute(f"PRAGMA busy_timeout={RESTART_TIMEOUT_MS}")
        _checkpoint(connection, "RESTART")
        connection.execute(f"PRAGMA busy_timeout={int(BUSY_TIMEOUT_S * 1000)}")
        self._restart_wanted = self._checkpoint_asked = False

    def _checkpoint_forever(self) -> None:
        connection: sqlite3.Connection | None = None
        while True:
            self._checkpoint_wanted.wait()
            self._checkpoint_wanted.clear()
            if self._closed:
                break
            connection = connection or connect(self.path, cache_kib=READER_CACHE_KIB)
            for _ in range(CHECKPOINT_ROUNDS):
                if _checkpoint(connection, "PASSIVE") < LOG_REST_PAGES:
                    break
            self._restart_wanted = True
        if connection is not None:
            connection.close()


def _checkpoint(connection: sqlite3.Connection, mode: str) -> int:
    """Move the log into the file and answer how many of its pages are left.

    A failure loses nothing, since the log keeps it all until a later checkpoint, so it must not end the thread.
    """
    try:
        _busy, logged, copied = connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
    except sqlite3.Error:
        log.exception("a checkpoint failed: the log of the database grows until one succeeds")
        return 0
    left: int = logged - copied
    return left


def _call_soon(loop: asyncio.AbstractEventLoop, callback: Callable[..., object], *args: Any) -> None:
    try:
        loop.call_soon_threadsafe(callback, *args)
    except RuntimeError:
        return  # the loop of the one who waited has ended: nobody is left to be told
