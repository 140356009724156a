"""Keeping clear of rate limits."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest

from tests.support.pds_sessions import MemorySessions, delete_of, write_of
from tests.unit.pds.remote_fakes import COMMITTED, DID, FakePds, Given, a_session, refused
from tonearm.pds.errors import PdsRateLimitedError
from tonearm.pds.remote import RemotePds
from tonearm.pds.remote.pacing import BUDGETS_LIMIT, Pacing, cost_of, retry_moment

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = 1_800_000_000.0


def headers(remaining: int | str, *, limit: int | str = 5000, reset: int | str = int(NOW) + 600) -> dict[str, str]:
    return {
        "RateLimit-Limit": str(limit),
        "RateLimit-Remaining": str(remaining),
        "RateLimit-Reset": str(reset),
        "RateLimit-Policy": f"{limit};w=3600",
    }


def noted(given: Mapping[str, str]) -> Pacing:
    pacing = Pacing()
    pacing.note("k", given, NOW)
    return pacing


def test_a_batch_costs_three_points_a_create_two_an_update_one_a_delete():
    record = {"$type": "app.rocksky.scrobble"}
    writes = [write_of("a", record), write_of("b", record), write_of("c", record, "update"), delete_of("d")]
    assert cost_of(writes) == 9


@pytest.mark.parametrize(
    ("remaining", "cost", "sent"),
    [
        (5000, 600, True),
        (1100, 600, True),
        (1099, 600, False),
        (500, 30, True),
        (30, 30, True),
        (29, 30, False),
        (530, 31, False),
        (531, 31, True),
        (0, 1, False),
    ],
)
def test_a_large_batch_leaves_a_tenth_and_a_small_one_may_use_it(remaining: int, cost: int, sent: bool):
    waits = noted(headers(remaining)).wait_until("k", cost, NOW)
    assert waits == (None if sent else NOW + 600)


def test_a_limit_too_small_for_the_batch_sends_on_a_full_budget():
    full = headers(100, limit=100)
    assert noted(full).wait_until("k", 600, NOW) is None
    assert noted(headers(99, limit=100)).wait_until("k", 600, NOW) == NOW + 600


def test_what_is_not_known_is_allowed():
    assert Pacing().wait_until("k", 600, NOW) is None
    assert noted(headers(0)).wait_until("another", 600, NOW) is None


def test_a_budget_is_forgotten_when_its_window_ends():
    pacing = noted(headers(0))
    assert pacing.wait_until("k", 1, NOW + 599) == NOW + 600
    assert pacing.wait_until("k", 1, NOW + 600) is None


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"RateLimit-Limit": "5000"},
        headers("many"),
        headers(-1),
        headers("1.5"),
        headers("9" * 40),
        headers("٣"),
        headers(0, reset="soon"),
    ],
)
def test_headers_that_make_no_sense_are_ignored(bad: dict[str, str]):
    assert noted(bad).wait_until("k", 600, NOW) is None


def test_a_reset_far_away_is_bounded_and_a_past_one_is_soon():
    assert noted(headers(0, reset=int(NOW) + 10**7)).wait_until("k", 1, NOW) == NOW + 86_400
    assert noted(headers(0, reset=int(NOW) - 100)).wait_until("k", 1, NOW) == NOW + 1


def test_a_reset_in_seconds_from_now_is_understood():
    assert noted(headers(0, reset=90)).wait_until("k", 1, NOW) == NOW + 90


def test_a_pds_whose_clock_is_wrong_is_waited_for_by_ours():
    fast = {**headers(0, reset=int(NOW) + 7200 + 60), "Date": formatdate(NOW + 7200, usegmt=True)}
    assert noted(fast).wait_until("k", 1, NOW) == NOW + 60


def test_budgets_do_not_grow_without_bound():
    pacing = Pacing()
    for n in range(BUDGETS_LIMIT + 50):
        pacing.note(f"k{n}", headers(0), NOW)
    assert pacing.wait_until(f"k{BUDGETS_LIMIT + 10}", 1, NOW) is None
    pacing.note("later", headers(0, reset=int(NOW) + 2000), NOW + 601)
    assert pacing.wait_until("later", 1, NOW + 601) is not None


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ({"Retry-After": "30"}, NOW + 30),
        ({"Retry-After": "0"}, NOW + 1),
        ({"Retry-After": "999999999999"}, NOW + 86_400),
        ({"Retry-After": formatdate(NOW + 45, usegmt=True)}, NOW + 45),
        ({"Retry-After": "later"}, NOW + 60),
        ({}, NOW + 60),
        (headers(0), NOW + 600),
        ({**headers(0), "Retry-After": "5"}, NOW + 5),
    ],
)
def test_a_refused_request_is_sent_again_when_the_pds_says(given: dict[str, str], moment: float):
    assert retry_moment(given, NOW) == moment


async def test_after_a_refusal_nothing_is_sent_before_its_time():
    now = NOW
    fake = FakePds(applyWrites=[refused("RateLimitExceeded", 429, Retry_After="30"), Given(COMMITTED)])
    pds = RemotePds(fake, MemorySessions(a_session()), clock=lambda: now)
    write = [write_of("a", {"$type": "app.rocksky.scrobble"})]
    for _ in range(3):
        with pytest.raises(PdsRateLimitedError) as raised:
            await pds.apply_writes(DID, write)
        assert raised.value.retry_at == NOW + 30
    assert len(fake.sent) == 1
    now = NOW + 30
    await pds.apply_writes(DID, write)


async def test_lookups_and_writes_have_budgets_of_their_own():
    fake = FakePds(
        applyWrites=Given(COMMITTED, headers=headers(4000)),
        getRecord=Given({"error": "RecordNotFound"}, 400, headers(0)),
    )
    pds = RemotePds(fake, MemorySessions(a_session()), clock=lambda: NOW)
    assert await pds.existing(DID, [("a.b.c", "x")]) == {}
    with pytest.raises(PdsRateLimitedError):
        await pds.existing(DID, [("a.b.c", "x")])
    await pds.apply_writes(DID, [write_of("a", {"$type": "app.rocksky.scrobble"})])
    assert fake.methods() == ["getRecord", "applyWrites"]
