"""Fixed windows by key, in bounded memory."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from tonearm.xrpc.errors import XrpcError
from tonearm.xrpc.http.rate_limit import RateLimiter, client_address


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


def limiter(clock: Clock, limit: int = 3, keys: int = 1000) -> RateLimiter:
    return RateLimiter(limit, 60, keys, clock)


def test_a_window_starts_with_its_first_call_and_counts_down(clock):
    rate = limiter(clock)
    assert [rate.headers(rate.hit("a"))["RateLimit-Remaining"] for _ in range(3)] == ["2", "1", "0"]
    assert rate.headers(rate.hit("b"))["RateLimit-Reset"] == "1000060"


def test_the_call_beyond_the_limit_is_refused_until_the_window_ends(clock):
    rate = limiter(clock)
    for _ in range(3):
        rate.hit("a")
    clock.now += 59.5
    with pytest.raises(XrpcError) as refused:
        rate.hit("a")
    assert refused.value.status == 429
    assert refused.value.headers["Retry-After"] == "1"
    clock.now += 0.5
    assert rate.hit("a").count == 1


def test_a_check_counts_nothing(clock):
    rate = limiter(clock, limit=1)
    rate.check("a")
    rate.check("a")
    rate.hit("a")
    with pytest.raises(XrpcError):
        rate.check("a")
    clock.now += 61
    rate.check("a")


def test_no_limit_counts_nothing(clock):
    rate = limiter(clock, limit=0)
    assert rate.hit("a") is None
    assert len(rate) == 0
    assert rate.headers(None) == {}
    assert rate.header_lines(None) == b""


def test_both_forms_of_the_headers_say_the_same(clock):
    rate = limiter(clock)
    window = rate.hit("a")
    lines = dict(line.split(": ") for line in rate.header_lines(window).decode().splitlines())
    assert lines == rate.headers(window)


def test_ended_windows_are_forgotten(clock):
    rate = limiter(clock)
    for n in range(500):
        rate.hit(f"key {n}")
    clock.now += 61
    rate.hit("new")
    assert len(rate) == 1


def test_keys_are_bounded_and_the_oldest_window_goes_first(clock):
    rate = limiter(clock, keys=10)
    for n in range(10_000):
        clock.now += 0.001
        rate.hit(f"key {n}")
    assert len(rate) == 10
    assert rate.hit("key 9999").count == 2
    assert rate.hit("key 1").count == 1


def test_a_key_that_comes_back_is_not_the_oldest(clock):
    rate = limiter(clock, keys=2)
    rate.hit("a")
    clock.now += 1
    rate.hit("b")
    clock.now += 60
    rate.hit("a")
    rate.hit("c")
    assert rate.hit("a").count == 2


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.floats(0, 30)), max_size=200))
def test_nobody_gets_more_than_the_limit_in_any_window(calls):
    clock = Clock()
    rate = RateLimiter(3, 60, 5, clock)
    granted: dict[str, list[float]] = {}
    for key, wait in calls:
        clock.now += wait
        try:
            rate.hit(key)
        except XrpcError:
            assert len(rate) <= 5
            continue
        granted.setdefault(key, []).append(clock.now)
        assert len(rate) <= 5
    # An evicted key starts anew, so the bound holds for those that were never crowded out: with five of eight keys
    # kept, that is every key when at most five were used.
    if len({key for key, _ in calls}) <= 5:
        for times in granted.values():
            for i, start in enumerate(times):
                # A fixed window bounds any span of its length to twice the limit.
                assert sum(1 for at in times[i:] if at < start + 60) <= 6


def request(remote: str | None, forwarded: list[str] | None = None):
    headers = [("X-Forwarded-For", value) for value in forwarded or []]
    return make_mocked_request("GET", "/", headers=headers).clone(remote=remote)


@pytest.mark.parametrize(
    ("remote", "forwarded", "proxies", "key"),
    [
        ("192.0.2.1", [], 0, "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], 0, "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], 1, "198.51.100.7"),
        ("192.0.2.1", ["6.6.6.6, 198.51.100.7"], 1, "198.51.100.7"),
        ("192.0.2.1", ["6.6.6.6", "198.51.100.7, 10.0.0.1"], 2, "198.51.100.7"),
        ("192.0.2.1", ["198.51.100.7"], 2, "192.0.2.1"),
        ("192.0.2.1", [], 1, "192.0.2.1"),
        ("192.0.2.1", [" , "], 1, "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", [], 0, "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", [], 0, "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.9", [], 0, "192.0.2.9"),
        ("192.0.2.1", ["198.51.100.7:4711"], 1, "198.51.100.7"),
        ("192.0.2.1", ["[2001:db8:1:2::3]:4711"], 1, "2001:db8:1:2::/64"),
        ("192.0.2.1", ["unknown"], 1, "unknown"),
        ("", [], 0, "local"),
    ],
)
def test_the_client_is_the_address_that_a_trusted_proxy_saw(remote, forwarded, proxies, key):
    assert client_address(request(remote, forwarded), proxies) == key
