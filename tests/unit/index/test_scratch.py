"""The scratch file of a reindex: blocks by CID, and plays in the order in which they arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tonearm.index.scratch import AT_ONCE_BYTES, FoundPlay, Scratch

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def scratch() -> Iterator[Scratch]:
    with Scratch() as opened:
        yield opened


def in_order(scratch: Scratch, limit: int = 100) -> list[tuple[int, int]]:
    return [(play.actor_id, play.tid) for plays in scratch.plays_in_order(limit) for play in plays]


def test_a_block_is_found_by_its_cid(scratch: Scratch) -> None:
    scratch.add_blocks([(b"a", b"1"), (b"b", b"2")])
    scratch.add_blocks([(b"c", b""), (b"a", b"1")])
    scratch.end_repository()
    assert [scratch.block(cid) for cid in (b"a", b"b", b"c")] == [b"1", b"2", b""]
    with pytest.raises(LookupError, match="ff00"):
        scratch.block(b"\xff\x00")


def test_the_next_repository_has_none_of_the_blocks_of_the_one_before(scratch: Scratch) -> None:
    for number in range(3):
        scratch.begin_repository()
        scratch.add_blocks([(b"%d" % number, b"x")])
        scratch.end_repository()
        assert scratch.block(b"%d" % number) == b"x"
        with pytest.raises(LookupError):
            scratch.block(b"%d" % (number - 1))


def test_plays_come_as_the_journal_says_and_the_unknown_by_their_time_at_last(scratch: Scratch) -> None:
    scratch.add_plays(1, [(5000, b""), (100, b""), (7000, b"")])
    scratch.add_plays(2, [(5000, b""), (50, b"")])
    scratch.mark_arrived([(1, 1, 7000, 7000), (3, 2, 5000, 5000), (2, 1, 5000, 5000)])
    assert in_order(scratch) == [(1, 7000), (1, 5000), (2, 5000), (2, 50), (1, 100)]


def test_of_two_at_one_time_the_older_account_comes_first(scratch: Scratch) -> None:
    for actor_id in (3, 1, 2):
        scratch.add_plays(actor_id, [(9, b"")])
    assert in_order(scratch) == [(1, 9), (2, 9), (3, 9)]


def test_the_first_mark_stays_and_counts_for_its_actor_and_range_alone(scratch: Scratch) -> None:
    scratch.add_plays(1, [(10, b""), (19, b""), (20, b"")])
    scratch.add_plays(2, [(10, b"")])
    scratch.mark_arrived([(5, 1, 10, 19), (6, 1, 10, 20)])
    scratch.mark_arrived([(7, 1, 20, 20)])
    found = next(scratch.plays_in_order(10))
    assert [(play.actor_id, play.tid, play.arrived) for play in found] == [
        (1, 10, 5),
        (1, 19, 5),
        (1, 20, 6),
        (2, 10, None),
    ]


def test_a_later_record_takes_the_place_of_an_earlier_one(scratch: Scratch) -> None:
    scratch.add_plays(1, [(1, b"of the repository"), (2, b"x")])
    scratch.add_plays(1, [(1, b"of the outbox")])
    (found,) = scratch.plays_in_order(10)
    assert found == [FoundPlay(1, 1, b"of the outbox", None), FoundPlay(1, 2, b"x", None)]


def test_plays_come_so_many_at_a_time(scratch: Scratch) -> None:
    scratch.add_plays(1, [(tid, b"x") for tid in range(25)])
    assert [len(plays) for plays in scratch.plays_in_order(10)] == [10, 10, 5]


def test_large_plays_come_fewer_at_a_time(scratch: Scratch) -> None:
    scratch.add_plays(1, [(tid, b"x" * (AT_ONCE_BYTES // 4)) for tid in range(6)])
    scratch.add_plays(1, [(6, b"x" * AT_ONCE_BYTES), (7, b"x")])
    assert [[play.tid for play in plays] for plays in scratch.plays_in_order(10)] == [[0, 1, 2, 3], [4, 5, 6], [7]]


def test_without_plays_there_is_nothing_in_order(scratch: Scratch) -> None:
    assert list(scratch.plays_in_order(10)) == []
