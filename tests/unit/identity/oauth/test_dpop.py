"""Keys, proofs and nonces."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from tonearm.identity.oauth.dpop import NONCE_LIMIT, REMEMBERED, Nonces, Prover, origin_of
from tonearm.identity.oauth.keys import SigningKey

URL = "https://pds.example/xrpc/com.example.call"
NOW = 1_700_000_000.5


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def read(jwt: str, jwk: dict[str, str]) -> tuple[dict[str, object], dict[str, object]]:
    """Check a JWT's signature and answer its header and claims."""
    header, claims, signature = jwt.split(".")
    x, y = (int.from_bytes(raw(jwk[name]), "big") for name in ("x", "y"))
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    r, s = (int.from_bytes(half, "big") for half in (raw(signature)[:32], raw(signature)[32:]))
    key.verify(encode_dss_signature(r, s), f"{header}.{claims}".encode(), ec.ECDSA(SHA256()))
    return json.loads(raw(header)), json.loads(raw(claims))


def test_a_key_is_kept_as_a_jwk_and_is_the_same_afterwards() -> None:
    key = SigningKey.generate()
    again = SigningKey.from_private(json.loads(json.dumps(key.private())))
    assert (again.public(), again.key_id) == (key.public(), key.key_id)
    assert set(key.public()) == {"kty", "crv", "x", "y"}
    members = json.dumps(dict(sorted(key.public().items())), separators=(",", ":"))
    assert raw(key.key_id) == hashlib.sha256(members.encode()).digest()  # RFC 7638
    assert key.private()["d"] not in repr(key)


def test_a_proof_says_what_it_is_for_and_is_signed() -> None:
    key, prover = SigningKey.generate(), Prover(lambda: NOW)
    header, claims = read(prover.proof(key, "authorization", "POST", f"{URL}?a=b#c"), key.public())
    assert header == {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.public()}
    assert claims.pop("jti")
    assert claims == {"htm": "POST", "htu": URL, "iat": 1_700_000_000}


def test_a_proof_for_a_token_names_its_hash_and_no_proof_is_used_twice() -> None:
    key, prover = SigningKey.generate(), Prover(lambda: NOW)
    seen = set()
    for _ in range(20):
        _, claims = read(prover.proof(key, "resource", "GET", URL, access_token="token"), key.public())
        assert raw(str(claims["ath"])) == hashlib.sha256(b"token").digest()
        seen.add(claims["jti"])
    assert len(seen) == 20


def test_nonces_are_kept_by_origin_and_apart_for_the_two_roles() -> None:
    key, prover = SigningKey.generate(), Prover(lambda: NOW)
    assert prover.nonces.note("resource", URL, {"DPoP-Nonce": "rs-1"})
    assert prover.nonces.note("authorization", URL, {"DPoP-Nonce": "as-1"})
    assert not prover.nonces.note("authorization", URL, {"DPoP-Nonce": "as-1"})
    assert prover.nonces.note("authorization", URL, {"DPoP-Nonce": "as-2"})
    assert not prover.nonces.note("authorization", URL, {})

    def nonce(role: str, url: str) -> object:
        return read(prover.proof(key, role, "POST", url), key.public())[1].get("nonce")  # type: ignore[arg-type]

    assert nonce("resource", "https://pds.example:443/other") == "rs-1"
    assert nonce("authorization", "https://PDS.example/") == "as-2"
    assert nonce("authorization", "https://pds.example:8443/") is None
    assert nonce("authorization", "http://pds.example/") is None


@pytest.mark.parametrize("nonce", ["", "a" * (NONCE_LIMIT + 1), "a\nb", "ä"])
def test_a_nonce_that_cannot_be_one_is_not_kept(nonce: str) -> None:
    nonces = Nonces()
    assert not nonces.note("resource", URL, {"DPoP-Nonce": nonce})
    assert nonces.of("resource", URL) is None


def test_no_number_of_servers_fills_the_memory() -> None:
    nonces = Nonces()
    for number in range(REMEMBERED + 10):
        nonces.note("resource", f"https://s{number}.example", {"DPoP-Nonce": "n"})
    assert nonces.of("resource", "https://s0.example") is None
    assert nonces.of("resource", f"https://s{REMEMBERED + 9}.example") == "n"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Pds.Example:443/x?y", "https://pds.example"),
        ("http://localhost:2583/", "http://localhost:2583"),
        ("http://[::1]:80", "http://[::1]"),
        ("https://[2001:db8::1]:8443/a", "https://[2001:db8::1]:8443"),
    ],
)
def test_an_origin_has_one_spelling(url: str, origin: str) -> None:
    assert origin_of(url) == origin
