"""A database with one table, on both drivers."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.support.databases import postgres_schema
from tonearm.index.engine import Database, Work, execute, open_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@asynccontextmanager
async def database_url(dialect: str, folder: Path) -> AsyncIterator[str]:
    if dialect == "sqlite":
        yield f"sqlite:///{folder / 'engine.db'}"
        return
    async with postgres_schema() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    async with database_url(request.param, tmp_path) as found:
        yield found


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """An open database with an empty table `item (n, word)`, n being the key."""
    opened = await open_database(url, lock_key=11)
    try:
        await opened.write(make_table())
        yield opened
    finally:
        await opened.close()


def make_table() -> Work[None]:
    yield execute("CREATE TABLE item (n BIGINT PRIMARY KEY, word TEXT)")
