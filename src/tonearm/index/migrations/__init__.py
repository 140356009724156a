"""The one migration history, for the index and for the built-in PDS.

On SQLite the two are separate files, on PostgreSQL tables side by side; each keeps its own version row, so a revision
says in `upgrade` what it does to either store. `current` answers from plain SQL whether anything is to be done, so that
a start with nothing to migrate does not pay for importing Alembic.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from tonearm.index.engine import Database, Work, select

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.engine import Connection

Store: TypeAlias = Literal["index", "pds"]

HERE = Path(__file__).parent


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
    """A database could not be brought to the newest revision. Nothing of the failed revision was kept."""


async def migrate_apart(stores: Mapping[Store, str]) -> None:
    """Bring stores to the newest revision in a process of its own, so that Alembic does not stay in this one's memory.

    Raises:
        MigrationError: with the end of what the process said.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate("".join(f"{store} {url}\n" for store, url in stores.items()).encode())
    if process.returncode:
        told = said.decode(errors="replace").strip().splitlines()
        raise MigrationError(f"the database could not be migrated: {told[-1] if told else process.returncode}")


async def migrate(url: str, store: Store) -> None:
    """Bring the store at `url` (`sqlite:///PATH` or `postgresql://...`) to the newest revision."""
    import asyncpg  # noqa: PLC0415
    from alembic import command  # noqa: PLC0415 - Alembic and SQLAlchemy stay off the path of a start that needs them not
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy import create_engine  # noqa: PLC0415
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["store"] = store

    def upgrade(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    if url.startswith("sqlite:"):
        engine = create_engine(url)
        with engine.begin() as connection:
            upgrade(connection)
        engine.dispose()
        return
    async_engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url))
    async with async_engine.begin() as async_connection:
        await async_connection.run_sync(upgrade)
    await async_engine.dispose()
