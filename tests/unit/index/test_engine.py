"""What units of work may rely on, on both databases."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from tonearm.index.engine import Database, DatabaseClosedError, Work, execute, execute_many, open_database, select


def insert(n: int, word: str = "") -> Work[int]:
    yield execute("INSERT INTO item VALUES ($1, $2)", n, word)
    return n


def rows(sql: str = "SELECT n FROM item ORDER BY n", *args: Any) -> Work[list[Any]]:
    return (yield select(sql, *args))


def numbers(sql: str = "SELECT n FROM item ORDER BY n", *args: Any) -> Work[list[int]]:
    return [n for (n,) in (yield from rows(sql, *args))]


class OutOfPaperError(Exception):
    """Something of the caller's own that goes wrong in the middle of a work."""


def failing(n: int) -> Work[None]:
    yield from insert(n)
    raise OutOfPaperError


async def test_a_work_answers_what_it_returns_and_rows_are_tuples(database: Database) -> None:
    assert await database.write(insert(1, "a")) == 1
    assert await database.read(rows("SELECT n, word FROM item")) == [(1, "a")]
    assert type((await database.read(rows()))[0]) is tuple


async def test_values_come_back_as_they_were_put_in(database: Database) -> None:
    def work() -> Work[list[Any]]:
        yield execute("CREATE TABLE kept (a BIGINT, b TEXT, c BYTEA)")
        yield execute("INSERT INTO kept VALUES ($1, $2, $3)", -(2**63), "Группа крови 🎸", b"\x00\xff")
        yield execute("INSERT INTO kept VALUES ($1, $2, $3)", 2**63 - 1, "", b"")
        yield execute("INSERT INTO kept VALUES ($1, $2, $3)", None, None, None)
        return (yield select("SELECT a, b, c FROM kept"))

    assert await database.write(work()) == [
        (-(2**63), "Группа крови 🎸", b"\x00\xff"),
        (2**63 - 1, "", b""),
        (None, None, None),
    ]


async def test_an_exception_rolls_its_work_back_and_reaches_the_caller(database: Database) -> None:
    with pytest.raises(OutOfPaperError):
        await database.write(failing(1))
    assert await database.read(numbers()) == []


async def test_an_exception_rolls_back_its_work_alone(database: Database) -> None:
    works = [insert(1), failing(2), insert(3), failing(4), insert(5)]
    outcomes = await asyncio.gather(*map(database.write, works), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [int, OutOfPaperError, int, OutOfPaperError, int]
    assert await database.read(numbers()) == [1, 3, 5]


async def test_a_statement_that_fails_takes_its_work_with_it(database: Database) -> None:
    def twice() -> Work[None]:
        yield from insert(7)
        yield from insert(7)

    outcomes = await asyncio.gather(*map(database.write, [insert(1), twice(), insert(2)]), return_exceptions=True)
    assert [outcomes[0], outcomes[2]] == [1, 2]
    assert "UNIQUE" in str(outcomes[1]).upper()
    assert await database.read(numbers()) == [1, 2]


async def test_a_write_is_seen_by_the_next_read_and_by_later_works(database: Database) -> None:
    def following() -> Work[int]:
        seen = yield from numbers()
        yield from insert(max(seen, default=0) + 1)
        return len(seen)

    assert await asyncio.gather(*(database.write(following()) for _ in range(30))) == list(range(30))
    assert await database.read(numbers()) == list(range(1, 31))


async def test_a_read_sees_one_snapshot(database: Database) -> None:
    await database.write(insert(1))
    written = threading.Event()

    def twice() -> Work[tuple[list[int], list[int]]]:
        before = yield from numbers()
        loop.call_soon_threadsafe(begun.set)
        if database.dialect == "sqlite":
            assert written.wait(10)
        else:
            while not written.is_set():
                yield select("SELECT pg_sleep(0.01)")
        after = yield from numbers()
        return before, after

    loop, begun = asyncio.get_running_loop(), asyncio.Event()
    reading = asyncio.create_task(database.read(twice()))
    await begun.wait()
    await database.write(insert(2))
    written.set()
    assert await reading == ([1], [1])
    assert await database.read(numbers()) == [1, 2]


async def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)read-?only|readonly"):
        await database.read(insert(1))
    assert await database.read(numbers()) == []


@pytest.mark.parametrize("wanted", [[], [2], [2, 4], [4, 2, 99], list(range(1000))])
async def test_membership_in_a_list_of_integers(database: Database, wanted: list[int]) -> None:
    await database.write(insert_many())
    found = await database.read(numbers("SELECT n FROM item WHERE n = ANY($1) ORDER BY n", wanted))
    assert found == [n for n in range(1, 6) if n in wanted]


@pytest.mark.parametrize("wanted", [[], ["b"], ["b", "d"], ["it's", '"quoted"', "b"]])
async def test_membership_in_a_list_of_strings(database: Database, wanted: list[str]) -> None:
    await database.write(insert_many())
    found = await database.read(numbers("SELECT n FROM item WHERE word = ANY($1) ORDER BY n", wanted))
    assert found == [n for n, word in enumerate("abcde", 1) if word in wanted]


@pytest.mark.parametrize("first", [[], [3], [1, 3]])
@pytest.mark.parametrize("second", [[], ["e"], ["a", "e"]])
async def test_lists_of_different_length_keep_their_places(
    database: Database, first: list[int], second: list[str]
) -> None:
    await database.write(insert_many())
    sql = "SELECT n FROM item WHERE n > $1 AND (n = ANY($2) OR word = ANY($3)) AND n < $4 ORDER BY n"
    found = await database.read(numbers(sql, 0, first, second, 5))
    assert found == [n for n, word in enumerate("abcd", 1) if n in first or word in second]


@pytest.mark.parametrize("wanted", [[], [3], [3, 1]])
async def test_a_list_as_rows(database: Database, wanted: list[int]) -> None:
    await database.write(insert_many())
    sql = (
        "SELECT i.n FROM unnest($1::bigint[]) AS v(value) CROSS JOIN item i WHERE i.n >= v.value AND i.n < v.value + 2"
    )
    found = await database.read(numbers(sql + " ORDER BY v.value, i.n", wanted))
    assert found == [n for value in sorted(wanted) for n in (value, value + 1)]


async def test_a_changing_statement_may_use_membership_too(database: Database) -> None:
    def work() -> Work[list[int]]:
        yield from insert_many()
        gone = yield execute("DELETE FROM item WHERE n = ANY($1) RETURNING n", [1, 5])
        yield execute("DELETE FROM item WHERE n = ANY($1)", [3])
        yield execute("DELETE FROM item WHERE n = ANY($1)", [])
        return sorted(n for (n,) in gone)

    assert await database.write(work()) == [1, 5]
    assert await database.read(numbers()) == [2, 4]


async def test_a_statement_for_many_rows_answers_none(database: Database) -> None:
    def work() -> Work[list[Any]]:
        return (yield execute_many("INSERT INTO item VALUES ($1, $2)", [(n, str(n)) for n in range(500)]))

    assert await database.write(work()) == []
    assert len(await database.read(numbers())) == 500


async def test_closing_finishes_what_was_queued(url: str, database: Database) -> None:
    writes = [asyncio.create_task(database.write(insert(n))) for n in range(1, 101)]
    await asyncio.sleep(0)
    await database.close()
    assert await asyncio.gather(*writes) == list(range(1, 101))
    again = await open_database(url, lock_key=11)
    try:
        assert await again.read(numbers()) == list(range(1, 101))
    finally:
        await again.close()


async def test_a_write_after_the_close_is_refused(url: str, database: Database) -> None:
    await database.close()
    with pytest.raises(DatabaseClosedError):
        await database.write(insert(1))
    await database.close()
    again = await open_database(url, lock_key=11)
    try:
        assert await again.read(numbers()) == []
    finally:
        await again.close()


async def test_a_caller_who_gives_up_does_not_stop_the_work(database: Database) -> None:
    writing = asyncio.create_task(database.write(insert(1)))
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await database.write(insert(2)) == 2
    assert await database.read(numbers()) == [1, 2]


@pytest.mark.parametrize("unknown", ["mysql://localhost/x", "sqlite://", "index.db", ""])
async def test_other_databases_are_refused(unknown: str) -> None:
    with pytest.raises(ValueError, match="must begin with"):
        await open_database(unknown)


def insert_many() -> Work[None]:
    yield execute_many("INSERT INTO item VALUES ($1, $2)", [(n, word) for n, word in enumerate("abcde", 1)])
