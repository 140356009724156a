"""The migration that makes the tables and the classes that describe them say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg
from sqlalchemy import create_engine, inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from tests.support.builtin_pds import pds_world
from tests.support.databases import postgres_schema
from tonearm.index import migrations
from tonearm.pds.builtin.tables import PdsTable

if TYPE_CHECKING:
    from pathlib import Path


def described(url: str) -> dict[str, object]:
    engine = create_engine(url)
    inspector = inspect(engine)
    tables = {
        name: {
            "columns": [
                (c["name"], str(c["type"]), c["nullable"], (c["default"] or "").strip("'"))
                for c in inspector.get_columns(name)
            ],
            "key": inspector.get_pk_constraint(name)["constrained_columns"],
            "indexes": sorted((i["name"], tuple(i["column_names"])) for i in inspector.get_indexes(name)),
            "unique": sorted(tuple(u["column_names"]) for u in inspector.get_unique_constraints(name)),
            "without_rowid": inspector.get_table_options(name).get("sqlite_with_rowid", True) is False,
        }
        for name in inspector.get_table_names()
        if name.startswith("pds_")
    }
    engine.dispose()
    return tables


async def test_the_classes_describe_the_tables(tmp_path: Path) -> None:
    async with pds_world(tmp_path):
        pass
    engine = create_engine(f"sqlite:///{tmp_path / 'classes.db'}")
    PdsTable.metadata.create_all(engine)
    engine.dispose()
    made = described(f"sqlite:///{tmp_path / 'pds.db'}")
    assert made == described(f"sqlite:///{tmp_path / 'classes.db'}")
    assert len(made) == 10


def test_keys_are_compared_byte_by_byte_on_postgresql() -> None:
    for table in PdsTable.metadata.tables.values():
        told = str(CreateTable(table).compile(dialect=postgresql.dialect()))
        for column in ("collection", "rkey", "did"):
            assert f"{column} TEXT" not in told or f'{column} TEXT COLLATE "C"' in told


async def test_the_migration_compares_keys_byte_by_byte_too() -> None:
    async with postgres_schema() as url:
        await migrations.migrate(url, "pds")
        connection = await asyncpg.connect(url)
        rows = await connection.fetch(
            "SELECT table_name, column_name, collation_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND column_name IN ('collection', 'rkey', 'did')"
        )
        await connection.close()
    assert len(rows) >= 5
    assert {row["collation_name"] for row in rows} == {"C"}
