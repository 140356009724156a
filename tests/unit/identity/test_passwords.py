"""Password hashes, and the limit on wrong passwords."""

from __future__ import annotations

import asyncio

import pytest

from tonearm.identity.passwords import (
    FREE_FAILURES,
    LONGEST,
    REMEMBERED,
    FailureLimit,
    TooManyFailuresError,
    hash_password,
    password_matches,
)


class Clock:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limit(clock: Clock) -> FailureLimit:
    return FailureLimit(clock)


async def test_the_right_password_matches_and_no_other() -> None:
    hashed = await hash_password("correct horse battery")
    assert await password_matches(hashed, "correct horse battery")
    for wrong in ("correct horse batterY", "correct horse battery ", "", "correct horse"):
        assert not await password_matches(hashed, wrong)


async def test_a_hash_is_argon2id_with_a_salt_of_its_own() -> None:
    one, other = await hash_password("correct horse battery"), await hash_password("correct horse battery")
    assert one.startswith("$argon2id$v=19$")
    assert one != other
    assert "correct" not in one


async def test_the_loop_goes_on_while_passwords_are_hashed() -> None:
    work = asyncio.gather(*(hash_password("correct horse battery") for _ in range(4)), password_matches(None, "x"))
    turns = 0
    while not work.done():
        await asyncio.sleep(0)
        turns += 1
    await work
    assert turns > 20


async def test_without_a_hash_nothing_matches() -> None:
    assert not await password_matches(None, "no such account")
    assert not await password_matches(None, "")


async def test_a_password_longer_than_the_longest_never_matches() -> None:
    longest = "x" * LONGEST
    assert await password_matches(await hash_password(longest), longest)
    assert not await password_matches(await hash_password(longest + "x"), longest + "x")


def test_ten_tries_are_free(limit: FailureLimit) -> None:
    for _ in range(FREE_FAILURES):
        limit.attempt("account a")
    with pytest.raises(TooManyFailuresError) as caught:
        limit.attempt("account a")
    assert caught.value.retry_after_s == pytest.approx(12)
    assert "13 seconds" in str(caught.value)
    limit.attempt("account b")


def test_after_ten_failures_there_is_one_try_in_twelve_seconds(limit: FailureLimit, clock: Clock) -> None:
    for _ in range(10):
        limit.attempt("account a")
    for _ in range(3):
        clock.now += 11.9
        with pytest.raises(TooManyFailuresError):
            limit.attempt("account a")
        clock.now += 0.11
        limit.attempt("account a")


def test_a_try_counts_from_its_beginning(limit: FailureLimit) -> None:
    """Many at once, none of them judged yet, are no way around the limit."""
    begun = 0
    with pytest.raises(TooManyFailuresError):
        while True:
            limit.attempt("account a")
            begun += 1
    assert begun == 10


def test_a_right_password_costs_nothing(limit: FailureLimit) -> None:
    for _ in range(100):
        limit.attempt("account a")
        limit.succeeded("account a")
    for _ in range(9):
        limit.attempt("account a")
    limit.attempt("account a")
    limit.succeeded("account a")
    limit.attempt("account a")
    with pytest.raises(TooManyFailuresError):
        limit.attempt("account a")


def test_every_key_of_a_try_is_held_to_the_limit(limit: FailureLimit) -> None:
    for number in range(10):
        limit.attempt(f"account {number}", "address 192.0.2.1")
    with pytest.raises(TooManyFailuresError):
        limit.attempt("account new", "address 192.0.2.1")
    for _ in range(10):
        limit.attempt("account new", "address 192.0.2.2")


def test_failures_are_forgotten_with_time(limit: FailureLimit, clock: Clock) -> None:
    for _ in range(10):
        limit.attempt("account a")
    clock.now += 120
    for _ in range(10):
        limit.attempt("account a")


def test_memory_is_bounded(limit: FailureLimit) -> None:
    for number in range(REMEMBERED + 500):
        limit.attempt(f"account {number}")
    assert len(limit._levels) == REMEMBERED
