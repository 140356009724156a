"""The database interface: work is a generator that yields statements and gets rows.

A unit of work is written once, without I/O, and driven by either database: SQLite runs the whole generator in one
hop to a thread that owns a connection, PostgreSQL awaits each statement. The drivers are `sqlite.py` and `postgres.py`.

    def handle_of(did: str) -> Work[str | None]:
        rows = yield select("SELECT handle FROM actor WHERE did = $1", did)
        return rows[0][0] if rows else None

    handle = await database.read(handle_of("did:plc:..."))

SQL is the common part of both dialects with `$1` placeholders. Two PostgreSQL forms are rewritten for SQLite:
`= ANY($1)` (a list of integers or strings) and `unnest($1::bigint[]) AS v(value)` (a list of integers as rows).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias, TypeVar

T = TypeVar("T")

WRITER_CACHE_KIB = 3400

Row: TypeAlias = tuple[Any, ...]
Dialect: TypeAlias = Literal["sqlite", "postgresql"]


class Statement(NamedTuple):
    """One statement of a unit of work. `many` carries the rows of an executemany, in place of `args`."""

    sql: str
    args: Sequence[Any] = ()
    many: Sequence[Sequence[Any]] | None = None


Work: TypeAlias = Generator[Statement, list[Row], T]


def select(sql: str, *args: Any) -> Statement:
    """A statement whose rows are wanted."""
    return Statement(sql, args)


def execute(sql: str, *args: Any) -> Statement:
    """A statement that changes rows; with a RETURNING clause its rows are wanted too."""
    return Statement(sql, args)


def execute_many(sql: str, rows: Sequence[Sequence[Any]]) -> Statement:
    """The same statement for each of `rows`; it yields no rows."""
    return Statement(sql, (), rows)


def no_memory() -> None:
    """For a database whose works remember nothing outside it: there is nothing to drop after a rollback."""


class DatabaseClosedError(RuntimeError):
    """The database was closed while work was waiting. Nothing of that work was stored."""


class Database(Protocol):
    """One database. Opened by `open_database`, closed by `close`."""

    dialect: Dialect
    rolled_back: Callable[[], None]
    """Called by the writer after it has rolled work back, before the next work begins: drop what that work taught."""

    async def read(self, work: Work[T]) -> T:
        """Run read-only work on one consistent snapshot."""
        ...

    async def write(self, work: Work[T]) -> T:
        """Run work in a durable transaction and answer after its commit.

        Writes of a process are serialised, and those that wait together are committed together. An exception in the
        work rolls back this work alone and is raised here. When the commit itself fails, all works of the group fail.
        """
        ...

    async def close(self) -> None:
        """Finish the work that waits, then close the connections."""
        ...


async def open_database(
    url: str, *, lock_key: int = 0, readers: int = 2, cache_kib: int = WRITER_CACHE_KIB
) -> Database:
    """Open `sqlite:///PATH` or `postgresql://...`.

    `lock_key` separates the writers of different stores in one PostgreSQL database; writers with the same key, in any
    process, take turns. `readers` bounds the connections for reads. `cache_kib` is the memory for pages of an SQLite
    file that is written: a transaction that dirties more of them writes some twice.

    Raises:
        ValueError: the URL names another database, or an SQLite file in memory (which could not be durable).
    """
    if url.startswith("sqlite:///"):
        from tonearm.index.sqlite import SqliteDatabase  # noqa: PLC0415 - the other driver stays off the start

        return SqliteDatabase(url.removeprefix("sqlite:///"), readers=readers, cache_kib=cache_kib)
    if url.startswith(("postgresql://", "postgres://")):
        from tonearm.index.postgres import PostgresDatabase  # noqa: PLC0415 - the other driver stays off the start

        return await PostgresDatabase.connect(url, lock_key=lock_key, readers=readers)
    raise ValueError(f"the database URL must begin with sqlite:/// or postgresql://, not {url.split(':', 1)[0]}:")
