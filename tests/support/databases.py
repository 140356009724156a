"""Databases for tests: a folder for SQLite, a schema of its own for PostgreSQL."""

from __future__ import annotations

import os
import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg
import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

POSTGRES_URL = os.environ.get("TONEARM_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/test")


@asynccontextmanager
async def postgres_schema() -> AsyncIterator[str]:
    """The URL of an empty schema, which is dropped afterwards; skips when there is no PostgreSQL."""
    try:
        connection = await asyncpg.connect(POSTGRES_URL, timeout=5)
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        pytest.skip(f"no PostgreSQL at TONEARM_TEST_POSTGRES_URL: {error}")
    name = f"t_{secrets.token_hex(6)}"
    await connection.execute(f"CREATE SCHEMA {name}")
    try:
        yield f"{POSTGRES_URL}?search_path={name}"
    finally:
        await connection.execute(f"DROP SCHEMA {name} CASCADE")
        await connection.close()
