"""Access tokens, and what is remembered of those that were verified."""

from __future__ import annotations

import pytest

from tonearm.identity import access_tokens
from tonearm.identity.access_tokens import LIFE_S, AccessTokenError, AccessTokens

DID = "did:plc:abc"


class Clock:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_token_that_was_verified_expires_all_the_same() -> None:
    clock = Clock()
    tokens = AccessTokens(b"k" * 32, clock)
    token, expires_at = tokens.make(DID, "s")
    assert expires_at == clock.now + LIFE_S
    assert tokens.verify(token)[:2] == (DID, "s")
    clock.now += LIFE_S
    for verifier in (tokens, AccessTokens(b"k" * 32, clock)):
        with pytest.raises(AccessTokenError) as caught:
            verifier.verify(token)
        assert caught.value.name == "ExpiredToken"


def test_a_token_that_was_verified_makes_no_other_good() -> None:
    tokens = AccessTokens(b"k" * 32, Clock())
    token, _ = tokens.make(DID, "s")
    tokens.verify(token)
    forged = AccessTokens(b"j" * 32, Clock()).make(DID, "s")[0]
    for wrong in (forged, token[:-1], token + "=", token + "A", token.upper(), f" {token}"):
        with pytest.raises(AccessTokenError) as caught:
            tokens.verify(wrong)
        assert caught.value.name == "InvalidToken"


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_tokens, "REMEMBERED", 3)
    tokens = AccessTokens(b"k" * 32, Clock())
    for number in range(10):
        tokens.verify(tokens.make(DID, str(number))[0])
        assert len(tokens._verified) <= 3


def test_the_key_is_not_shown() -> None:
    assert "kkk" not in repr(AccessTokens(b"k" * 32, Clock()))
