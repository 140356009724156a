"""The classes that describe the tables, and the tables that the migrations make, are the same, on both databases."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from alembic import command
from sqlalchemy import create_engine, inspect
from sqlalchemy.ext.asyncio import create_async_engine

from tests.support.databases import postgres_schema
from tonearm.index import migrations
from tonearm.index.engine import Work, execute, open_database, select
from tonearm.index.tables.columns import Table
from tonearm.pds.builtin.tables import PdsTable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from sqlalchemy.engine import Connection

STORES: tuple[migrations.Store, ...] = ("index", "pds")
METADATA = {
    "index": [table for table in Table.metadata.tables.values() if not table.name.startswith("pds_")],
    "pds": list(PdsTable.metadata.tables.values()),
}


@asynccontextmanager
async def empty_database(dialect: str, folder: Path, name: str) -> AsyncIterator[str]:
    if dialect == "sqlite":
        yield f"sqlite:///{folder / name}.db"
        return
    async with postgres_schema() as url:
        yield url


async def on_connection(url: str, act: Callable[[Connection], Any]) -> Any:
    """Run `act` with an SQLAlchemy connection in a transaction."""
    if url.startswith("sqlite:"):
        engine = create_engine(url)
        with engine.begin() as connection:
            found = act(connection)
        engine.dispose()
        return found
    async_engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url))
    async with async_engine.begin() as async_connection:
        found = await async_connection.run_sync(act)
    await async_engine.dispose()
    return found


def described(connection: Connection) -> dict[str, dict[str, Any]]:
    """What the database says of its tables, the versions of the migrations aside."""
    inspector = inspect(connection)
    return {
        name: {
            "columns": {
                column["name"]: (
                    str(column["type"]).replace("VARCHAR", "TEXT"),  # without a length they are the same in both
                    getattr(column["type"], "collation", None),
                    column["nullable"],
                    str(column["default"] or "").partition("::")[0].strip("'"),
                )
                for column in inspector.get_columns(name)
            },
            "order": [column["name"] for column in inspector.get_columns(name)],
            "key": inspector.get_pk_constraint(name)["constrained_columns"],
            "indexes": sorted(
                (index["name"], tuple(index["column_names"]), bool(index["unique"]))
                for index in inspector.get_indexes(name)
                if not index.get("duplicates_constraint")
            ),
            "unique": sorted(tuple(each["column_names"]) for each in inspector.get_unique_constraints(name)),
            "foreign keys": inspector.get_foreign_keys(name),
            "options": inspector.get_table_options(name) if connection.dialect.name == "sqlite" else {},
        }
        for name in inspector.get_table_names()
        if not name.startswith("alembic_version")
    }


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
def dialect(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.mark.parametrize("store", STORES)
async def test_the_classes_describe_the_migrated_tables(dialect: str, tmp_path: Path, store: migrations.Store) -> None:
    tables = METADATA[store]

    def create(connection: Connection) -> None:
        tables[0].metadata.create_all(connection, tables=tables)

    async with (
        empty_database(dialect, tmp_path, "classes") as of_classes,
        empty_database(dialect, tmp_path, "migrated") as migrated,
    ):
        await on_connection(of_classes, create)
        await migrations.migrate(migrated, store)
        wanted, found = await on_connection(of_classes, described), await on_connection(migrated, described)
        assert set(found) == set(wanted) == {table.name for table in tables}
        assert len(found) >= 10
        for name, table in found.items():
            assert table == wanted[name], name


async def test_both_stores_stand_side_by_side_in_one_database(dialect: str, tmp_path: Path) -> None:
    async with empty_database(dialect, tmp_path, "both") as url:
        for store in STORES:
            await migrations.migrate(url, store)
        found = await on_connection(url, described)
        assert set(found) == {table.name for tables in METADATA.values() for table in tables}
        database = await open_database(url)
        try:
            assert [await migrations.version_of(database, store) for store in STORES] == [migrations.head()] * 2
        finally:
            await database.close()


async def test_migrating_again_changes_nothing(dialect: str, tmp_path: Path) -> None:
    async with empty_database(dialect, tmp_path, "again") as url:
        await migrations.migrate(url, "index")
        database = await open_database(url)
        try:
            await database.write(one_artist())
            await migrations.migrate(url, "index")
            assert await database.read(artists()) == [(1, "Kate Bush")]
        finally:
            await database.close()


async def test_processes_that_start_at_once_on_an_empty_database_migrate_it_once(dialect: str, tmp_path: Path) -> None:
    async with empty_database(dialect, tmp_path, "at once") as url:
        await asyncio.gather(*(migrations.migrate_apart({"index": url, "pds": url}) for _ in range(3)))
        found = await on_connection(url, described)
        assert set(found) == {table.name for tables in METADATA.values() for table in tables}


async def test_a_start_waits_for_whoever_migrates(dialect: str, tmp_path: Path) -> None:
    async with empty_database(dialect, tmp_path, "busy") as url:
        async with migrating(url):
            second = asyncio.create_task(migrations.migrate_apart({"index": url}))
            await asyncio.sleep(2)
            assert not second.done()
        await second
        assert "journal" in await on_connection(url, described)


@asynccontextmanager
async def migrating(url: str) -> AsyncIterator[None]:
    """Another process has begun to migrate, and fails at the end of the block."""
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        return
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", migrations.LOCK_KEY)
        yield
    await connection.close()


async def test_a_database_that_cannot_be_opened_is_named_in_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(migrations.MigrationError, match="index: unable to open database file"):
        await migrations.migrate_apart({"index": f"sqlite:///{tmp_path}/missing/index.db"})


async def test_counts_of_the_first_revision_are_kept(
    dialect: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that an older version has filled: its tables are made again in another order."""
    upgrade = command.upgrade
    async with empty_database(dialect, tmp_path, "older") as url:
        monkeypatch.setattr("alembic.command.upgrade", lambda config, _revision: upgrade(config, "0001"))
        await migrations.migrate(url, "index")
        monkeypatch.undo()
        database = await open_database(url)
        try:
            assert await migrations.version_of(database, "index") == "0001"
            await database.write(counted())
            await migrations.migrate(url, "index")
            assert await migrations.version_of(database, "index") == migrations.head()
            for kind in ("song", "artist", "album"):
                assert await database.read(counts_of(kind)) == [(1, 7, 3, 30), (1, 9, 4, 40), (2, 7, 5, 50)]
        finally:
            await database.close()


def counted() -> Work[None]:
    for kind in ("song", "artist", "album"):
        for row in ("(1, 7, 3, 30)", "(1, 9, 4, 40)", "(2, 7, 5, 50)"):
            yield execute(f"INSERT INTO actor_{kind} (actor_id, {kind}_id, plays, first_tid) VALUES {row}")


def counts_of(kind: str) -> Work[list[Any]]:
    return (
        yield select(f"SELECT actor_id, {kind}_id, plays, first_tid FROM actor_{kind} ORDER BY actor_id, {kind}_id")
    )


async def test_an_empty_database_has_no_version(dialect: str, tmp_path: Path) -> None:
    async with empty_database(dialect, tmp_path, "empty") as url:
        database = await open_database(url)
        try:
            assert await migrations.version_of(database, "index") is None
        finally:
            await database.close()


async def test_a_migration_that_fails_leaves_nothing(dialect: str, tmp_path: Path) -> None:
    """A table of the same name is there already, whatever it holds."""
    async with empty_database(dialect, tmp_path, "taken") as url:
        database = await open_database(url)
        try:
            await database.write(something_of_their_own())
            with pytest.raises(migrations.MigrationError, match="could not be migrated"):
                await migrations.migrate_apart({"index": url})
            assert set(await on_connection(url, described)) == {"tombstone"}
            assert await migrations.version_of(database, "index") is None
        finally:
            await database.close()


async def test_a_migration_that_fails_says_what_is_in_the_way(dialect: str, tmp_path: Path) -> None:
    async with empty_database(dialect, tmp_path, "taken") as url:
        database = await open_database(url)
        try:
            await database.write(something_of_their_own())
            with pytest.raises(migrations.MigrationError, match=r"(?i)tombstone") as raised:
                await migrations.migrate_apart({"index": url})
            sentence = (
                "table tombstone already exists" if dialect == "sqlite" else 'relation "tombstone" already exists'
            )
            assert str(raised.value) == f"the database could not be migrated: index: {sentence}"
        finally:
            await database.close()


def one_artist() -> Work[None]:
    yield execute("INSERT INTO artist (artist_id, name, made_by) VALUES (1, 'Kate Bush', 1)")


def artists() -> Work[list[Any]]:
    return (yield select("SELECT artist_id, name FROM artist"))


def something_of_their_own() -> Work[None]:
    yield execute("CREATE TABLE tombstone (words TEXT)")


def test_every_table_says_what_it_holds() -> None:
    for base in (Table, PdsTable):
        for kind in base.__subclasses__():
            assert kind.__doc__, kind
            assert len(kind.__doc__) > 20
