"""Signing keys: known answers, the network's SDK as oracle, and one form of a signature."""

from __future__ import annotations

import hashlib
import logging

import pytest
from atproto_crypto.did import format_did_key, parse_did_key
from atproto_crypto.verify import verify_signature
from hypothesis import given, settings
from hypothesis import strategies as st
from multiformats import multibase

from tonearm.atproto.did_key import DidKeyError, SigningKey, VerifyKey

CURVES = ("k256", "p256")
ORDERS = {
    "k256": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141,
    "p256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
}
# The generator of each curve is the public key of the private key 1.
GENERATORS = {
    "k256": "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
    "p256": "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
}
CODES = {"k256": b"\xe7\x01", "p256": b"\x80\x24"}


@pytest.fixture(params=CURVES)
def curve(request):
    return request.param


@pytest.fixture
def key(curve):
    return SigningKey.from_bytes(curve, hashlib.sha256(curve.encode()).digest())


def test_the_name_of_a_key_is_the_base58_of_its_curve_and_its_point(curve):
    point = bytes.fromhex(GENERATORS[curve])
    key = SigningKey.from_bytes(curve, bytes(31) + b"\1")
    assert key.did_key() == "did:key:" + multibase.encode(CODES[curve] + point, "base58btc")
    assert key.public_multibase() == key.did_key().removeprefix("did:key:")
    assert key.did_key().startswith({"k256": "did:key:zQ3s", "p256": "did:key:zDna"}[curve])


def test_a_key_is_restored_from_its_bytes_and_its_name(curve):
    key = SigningKey.generate(curve)
    assert SigningKey.from_bytes(curve, key.to_bytes()).did_key() == key.did_key()
    assert len(key.to_bytes()) == 32
    public = VerifyKey.from_did_key(key.did_key())
    assert public == key.public == VerifyKey.from_multibase(key.public_multibase())
    assert hash(public) == hash(key.public)
    assert public.curve == key.curve == curve


def test_generated_keys_differ(curve):
    assert SigningKey.generate(curve).to_bytes() != SigningKey.generate(curve).to_bytes()


def test_the_sdk_reads_and_writes_the_same_name(key):
    multikey = parse_did_key(key.did_key())
    assert multikey.jwt_alg == key.public.jwt_algorithm
    assert format_did_key(multikey.jwt_alg, multikey.key_bytes) == key.did_key()


@settings(max_examples=30)
@given(message=st.binary())
@pytest.mark.parametrize("curve", CURVES)
def test_a_signature_is_64_bytes_low_s_and_the_sdk_accepts_it(curve, message):
    key = SigningKey.generate(curve)
    signature = key.sign(message)
    assert len(signature) == 64
    assert 0 < int.from_bytes(signature[32:], "big") <= ORDERS[curve] // 2
    assert key.public.verify(message, signature)
    assert verify_signature(key.did_key(), message, signature)
    assert not key.public.verify(message + b"x", signature)


def test_the_other_half_of_a_signature_is_refused(curve, key):
    signature = key.sign(b"message")
    high_s = ORDERS[curve] - int.from_bytes(signature[32:], "big")
    twin = signature[:32] + high_s.to_bytes(32, "big")
    assert key.public.verify(b"message", signature)
    assert not key.public.verify(b"message", twin)


@pytest.mark.parametrize("length", [0, 32, 63, 65, 70, 71, 72, 128])
def test_a_signature_of_another_length_is_refused(key, length):
    assert not key.public.verify(b"message", (key.sign(b"message") * 2)[:length])


def test_out_of_range_numbers_are_no_signature(curve, key):
    order = ORDERS[curve]
    half = order // 2
    good_r = int.from_bytes(key.sign(b"message")[:32], "big")
    for r, s in [
        (0, 0),
        (0, half),
        (good_r, 0),
        (order, half),
        (good_r, order),
        (2**256 - 1, half),
        (good_r, half + 1),
    ]:
        assert not key.public.verify(b"message", r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def test_a_changed_bit_anywhere_breaks_a_signature(key):
    signature = key.sign(b"message")
    for position in range(64):
        changed = bytearray(signature)
        changed[position] ^= 1
        assert not key.public.verify(b"message", bytes(changed))


def test_another_key_does_not_verify(curve, key):
    other = SigningKey.generate(curve).public
    assert not other.verify(b"message", key.sign(b"message"))
    assert other != key.public
    assert key.public != key.did_key()


def test_the_signature_of_rfc_6979_is_verified_in_its_lower_half():
    # Source: RFC 6979, A.2.5, SHA-256, message "sample"; its s is in the upper half.
    key = SigningKey.from_bytes(
        "p256", bytes.fromhex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721")
    )
    r = bytes.fromhex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716")
    s = 0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8
    assert key.public.verify(b"sample", r + (ORDERS["p256"] - s).to_bytes(32, "big"))
    assert not key.public.verify(b"sample", r + s.to_bytes(32, "big"))


def test_a_signature_of_k256_is_the_one_that_rfc_6979_gives():
    key = SigningKey.from_bytes("k256", bytes(31) + b"\1")
    assert key.sign(b"Satoshi Nakamoto").hex() == (
        "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
        "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"
    )


K256_NAME = SigningKey.from_bytes("k256", b"\7" * 32).did_key()


def test_a_private_key_is_never_shown(curve, caplog):
    key = SigningKey.generate(curve)
    secret = key.to_bytes()
    logging.getLogger("test").warning("%s %r %s", key, key, [key])
    for text in (repr(key), str(key), caplog.text):
        assert secret.hex() not in text
        assert repr(secret) not in text
        assert str(int.from_bytes(secret, "big")) not in text
    assert key.did_key() in repr(key)


def test_bytes_that_are_no_private_key_are_refused_without_being_shown(curve):
    order = ORDERS[curve]
    for raw in (b"", bytes(32), bytes(31), b"\1" * 33, order.to_bytes(32, "big"), b"\xff" * 32):
        with pytest.raises(DidKeyError) as caught:
            SigningKey.from_bytes(curve, raw)
        assert repr(raw) not in str(caught.value) or not raw
    assert SigningKey.from_bytes(curve, (order - 1).to_bytes(32, "big"))


def named(payload: bytes) -> str:
    return "did:key:" + multibase.encode(payload, "base58btc")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "did:key:",
        "did:key:z",
        K256_NAME.removeprefix("did:key:"),
        "did:plc:abcdefghijklmnopqrstuvwx",
        K256_NAME + "x",
        K256_NAME[:-1],
        K256_NAME.replace("zQ3", "Q3"),
        K256_NAME + "#atproto",
        "did:key:" + "z" * 100_000,
        named(b"\xed\x01" + bytes(32)),
        named(b"\x12\x00" + bytes(33)),
        named(CODES["k256"] + bytes(33)),
        named(CODES["p256"] + b"\2" + b"\xff" * 32),
        named(CODES["k256"] + b"\4" + bytes.fromhex(GENERATORS["k256"])[1:]),
        named(CODES["k256"] + bytes.fromhex(GENERATORS["k256"])[:-1]),
        named(CODES["k256"] + bytes.fromhex(GENERATORS["k256"]) + b"\0"),
        named(CODES["k256"] + b"\5" + bytes.fromhex(GENERATORS["p256"])[1:]),
    ],
)
def test_other_names_are_no_keys(name):
    with pytest.raises(DidKeyError):
        VerifyKey.from_did_key(name)
