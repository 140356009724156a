"""The one migration history, for the index and for the built-in PDS.

On SQLite the two are separate files, on PostgreSQL tables side by side; each keeps its own version row, so a revision
says in `upgrade` what it does to either store. `version_of` answers from plain SQL whether anything is to be done, so
that a start with nothing to migrate does not pay for importing Alembic.

A store is migrated in one transaction, which holds a lock from before the version is read: of processes that start at
once, one migrates and the others wait and find it done. A migration that fails leaves the store as it was.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from tonearm.index.engine import Database, Work, select

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from sqlalchemy.engine import Connection

Store: TypeAlias = Literal["index", "pds"]

HERE = Path(__file__).parent
LOCK_KEY = 7_043_000
"""The advisory lock of whoever migrates on PostgreSQL."""
WAIT_S = 600.0
"""How long a process waits for another one's migration, on SQLite; on PostgreSQL it waits for as long as that takes."""


def version_table(store: Store) -> str:
    """The table that keeps the store's version."""
    return f"alembic_version_{store}"


def head() -> str:
    """The newest revision: the files of `versions/` are named by their revision, in order."""
    return max(path.name.split("_", 1)[0] for path in (HERE / "versions").glob("[0-9]*.py"))


def _version(store: Store, dialect: str) -> Work[str | None]:
    table = version_table(store)
    exists = "SELECT 1 FROM sqlite_master WHERE name = $1" if dialect == "sqlite" else "SELECT to_regclass($1)::text"
    if (yield select(exists, table)) in ([], [(None,)]):
        return None
    rows = yield select(f"SELECT version_num FROM {table}")
    return rows[0][0] if rows else None


async def version_of(database: Database, store: Store) -> str | None:
    """The revision that the store is at; None for an empty database."""
    return await database.read(_version(store, database.dialect))


class MigrationError(RuntimeError):
    """A database could not be brought to the newest revision, and is as it was. The message says what is in the way."""


async def migrate_apart(stores: Mapping[Store, str]) -> None:
    """Bring stores to the newest revision in a process of its own, so that Alembic does not stay in this one's memory.

    Raises:
        MigrationError: with the last line that the process said, which is the database's own sentence.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate("".join(f"{store} {url}\n" for store, url in stores.items()).encode())
    if process.returncode:
        told = said.decode(errors="replace").strip().splitlines()
        raise MigrationError(f"the database could not be migrated: {told[-1] if told else process.returncode}")


async def migrate(url: str, store: Store) -> None:
    """Bring the store at `url` (`sqlite:///PATH` or `postgresql://...`) to the newest revision.

    Raises:
        DBAPIError: of SQLAlchemy, when the database refuses. Nothing was changed then.
    """
    from alembic import command  # noqa: PLC0415 - Alembic and SQLAlchemy stay off the path of a start that needs them not
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["store"] = store

    def upgrade(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    if url.startswith("sqlite:"):
        _in_sqlite(url, upgrade)
    else:
        await _in_postgres(url, upgrade)


def _in_sqlite(url: str, upgrade: Callable[[Connection], None]) -> None:
    from sqlalchemy import create_engine, event  # noqa: PLC0415

    engine = create_engine(url, connect_args={"timeout": WAIT_S})

    @event.listens_for(engine, "connect")
    def _leave_transactions_to_us(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver would begin none for DDL, and each table would stand at once

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # the lock is taken before anything is read

    try:
        with engine.begin() as connection:
            upgrade(connection)
    finally:
        engine.dispose()


async def _in_postgres(url: str, upgrade: Callable[[Connection], None]) -> None:
    import asyncpg  # noqa: PLC0415
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415

    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url))
    try:
        async with engine.begin() as connection:
            await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK_KEY})")
            await connection.run_sync(upgrade)
    finally:
        await engine.dispose()
