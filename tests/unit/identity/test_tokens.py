"""API tokens."""

from __future__ import annotations

import hashlib
import re

from tonearm.identity.tokens import PREFIX, new_token, token_hash


def test_a_token_has_256_bits_of_chance_and_a_prefix_for_scanners() -> None:
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(re.fullmatch(r"tnrm_[A-Za-z0-9_-]{43}", token) for token in tokens)
    assert PREFIX == "tnrm_"


def test_only_the_sha256_of_a_token_is_kept() -> None:
    token = new_token()
    assert token_hash(token) == hashlib.sha256(token.encode("ascii")).digest()
