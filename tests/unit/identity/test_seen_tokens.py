"""What is remembered of service tokens that were used."""

from __future__ import annotations

from tonearm.identity.service_auth import SeenTokens

NOW = 1_800_000_000.0


def test_a_token_is_new_once() -> None:
    seen = SeenTokens()
    assert seen.is_first("did:a", "1", NOW + 60, NOW)
    assert not seen.is_first("did:a", "1", NOW + 60, NOW + 59)
    assert seen.is_first("did:b", "1", NOW + 60, NOW)
    assert seen.is_first("did:a", "2", NOW + 60, NOW)


def test_a_token_is_remembered_until_it_has_expired_and_then_forgotten() -> None:
    seen = SeenTokens()
    for second in range(0, 3600, 10):
        assert seen.is_first("did:a", str(second), NOW + second + 60, NOW + second)
        assert seen._count <= 13
    assert not seen.is_first("did:a", "3590", NOW + 3650, NOW + 3649.9)
    assert seen.is_first("did:b", "x", NOW + 10_000, NOW + 9_000)
    assert seen._count == 1


def test_a_flood_forgets_its_own_tokens_and_nobody_elses() -> None:
    seen = SeenTokens(limit=1000)
    assert seen.is_first("did:victim", "once", NOW + 3000, NOW)
    for number in range(20_000):
        assert seen.is_first(f"did:flood{number % 3}", str(number), NOW + number % 3600, NOW)
        assert seen._count <= 1000
    assert not seen.is_first("did:victim", "once", NOW + 3000, NOW)
