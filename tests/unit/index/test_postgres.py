"""The PostgreSQL driver: commits in groups, writers of several processes in turn."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.support.databases import postgres_schema
from tonearm.index.engine import Work, execute, open_database, select

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tonearm.index.engine import Database

pytestmark = pytest.mark.needs_postgres


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with postgres_schema() as found:
        yield found


@pytest.fixture
async def pair(url: str) -> AsyncIterator[tuple[Database, Database]]:
    """Two processes' connections to one database, as far as PostgreSQL can tell."""
    one, other = await open_database(url, lock_key=11), await open_database(url, lock_key=11)
    try:
        await one.write(make_table())
        yield one, other
    finally:
        await one.close()
        await other.close()


def make_table() -> Work[None]:
    yield execute("CREATE TABLE item (n BIGINT PRIMARY KEY, transaction TEXT NOT NULL)")


def insert_next() -> Work[int]:
    """Count on from the highest number, which no other writer may have moved meanwhile."""
    (n,) = (yield select("SELECT coalesce(max(n), 0) + 1 FROM item"))[0]
    yield execute("INSERT INTO item VALUES ($1, pg_current_xact_id()::text)", n)
    return n


def items() -> Work[list[tuple[int, str]]]:
    return (yield select("SELECT n, transaction FROM item ORDER BY n"))


async def test_writes_that_wait_together_share_one_commit(pair: tuple[Database, Database]) -> None:
    database = pair[0]
    await asyncio.gather(*(database.write(insert_next()) for _ in range(50)))
    transactions = [transaction for _, transaction in await database.read(items())]
    assert len(transactions) == 50
    assert len(set(transactions)) <= 2


async def test_a_work_on_its_own_is_a_transaction_of_its_own(pair: tuple[Database, Database]) -> None:
    database = pair[0]
    for _ in range(3):
        await database.write(insert_next())
    assert len({transaction for _, transaction in await database.read(items())}) == 3


async def test_writers_of_two_processes_take_turns(pair: tuple[Database, Database]) -> None:
    made = await asyncio.gather(*(database.write(insert_next()) for _ in range(40) for database in pair))
    assert sorted(made) == list(range(1, 81)), "nobody counted on from a number that another was counting on from"
    assert [n for n, _ in await pair[1].read(items())] == list(range(1, 81))


async def test_stores_with_other_lock_keys_do_not_wait_for_each_other(
    url: str, pair: tuple[Database, Database]
) -> None:
    begun, gate = asyncio.Event(), asyncio.Event()

    def holding() -> Work[int]:
        yield select("SELECT 1")
        begun.set()
        while not gate.is_set():
            yield select("SELECT pg_sleep(0.01)")
        return 1

    held = asyncio.create_task(pair[0].write(holding()))
    await begun.wait()
    other_store = await open_database(url, lock_key=12)
    try:
        async with asyncio.timeout(5):
            assert await other_store.write(insert_next()) == 1
        same_store = asyncio.create_task(pair[1].write(insert_next()))
        await asyncio.sleep(0.1)
        assert not same_store.done(), "the same key waits"
        gate.set()
        assert await same_store == 2
        assert await held == 1
    finally:
        await other_store.close()


async def test_a_lost_connection_fails_its_group_and_no_other(pair: tuple[Database, Database]) -> None:
    database = pair[0]

    def suicidal() -> Work[None]:
        yield from insert_next()
        yield select("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(Exception, match=r"(?i)terminat|closed|lost"):
        await database.write(suicidal())
    assert await database.write(insert_next()) == 1
