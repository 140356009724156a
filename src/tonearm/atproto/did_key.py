"""Signing keys: K-256 (secp256k1) and P-256, their did:key names, and the network's one form of a signature.

A signature is 64 bytes, r then s, over the SHA-256 of the message, with s in the lower half of the curve's order. The
other half verifies mathematically as well, so it is refused: a signed commit must have one form. A did:key is
`did:key:` and the base58btc of a two-byte curve code and the compressed public point.

libsecp256k1 (coincurve) serves K-256, being several times as fast as OpenSSL on that curve; OpenSSL (cryptography)
serves P-256. Private keys never appear in a `repr`, an error or a log.

Source: https://atproto.com/specs/cryptography and https://w3c-ccg.github.io/did-key-spec/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

import coincurve
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from tonearm.atproto.multibase import MultibaseError, base58btc, from_base58btc

if TYPE_CHECKING:
    from collections.abc import Callable

Curve = Literal["k256", "p256"]

DID_KEY_PREFIX = "did:key:"
SIGNATURE_LENGTH = 64

_CODE_OF: dict[Curve, bytes] = {"k256": b"\xe7\x01", "p256": b"\x80\x24"}
_JWT_ALGORITHM_OF: dict[Curve, str] = {"k256": "ES256K", "p256": "ES256"}
_ORDER_OF: dict[Curve, int] = {
    "k256": 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141,
    "p256": 0xFFFFFFFF_00000000_FFFFFFFF_FFFFFFFF_BCE6FAAD_A7179E84_F3B9CAC2_FC632551,
}
_COMPRESSED_LENGTH = 33
_ECDSA = ec.ECDSA(SHA256())


class DidKeyError(ValueError):
    """The text or the bytes are no key of a curve that the network uses. The caller refuses the input."""


class VerifyKey:
    """A public key."""

    __slots__ = ("_did_key", "_verify", "curve")

    def __init__(self, curve: Curve, compressed: bytes) -> None:
        """Take the 33 bytes of the compressed point.

        Raises:
            DidKeyError: they are no point on the curve in that form.
        """
        if len(compressed) != _COMPRESSED_LENGTH:
            raise DidKeyError("a public key must be 33 bytes, a compressed point")
        self.curve: Curve = curve
        try:
            self._verify = _VERIFIERS[curve](compressed)
        except ValueError:
            raise DidKeyError(f"no point on the curve {curve}") from None
        self._did_key = DID_KEY_PREFIX + base58btc(_CODE_OF[curve] + compressed)

    @classmethod
    def from_did_key(cls, text: str) -> VerifyKey:
        """Parse a did:key.

        Raises:
            DidKeyError: no did:key, another kind of key, or no point on its curve.
        """
        if not text.startswith(DID_KEY_PREFIX):
            raise DidKeyError("a key's name must begin with did:key:")
        return cls.from_multibase(text[len(DID_KEY_PREFIX) :])

    @classmethod
    def from_multibase(cls, text: str) -> VerifyKey:
        """Parse a DID document's `publicKeyMultibase` of a `Multikey`.

        Raises:
            DidKeyError: as `from_did_key`.
        """
        try:
            key = from_base58btc(text)
        except MultibaseError as error:
            raise DidKeyError(f"a key must be base58btc: {error}") from None
        for curve, code in _CODE_OF.items():
            if key.startswith(code):
                return cls(curve, key[len(code) :])
        raise DidKeyError("a key of a kind other than K-256 and P-256")

    def did_key(self) -> str:
        """Return the key's name, `did:key:z...`."""
        return self._did_key

    def public_multibase(self) -> str:
        """Return the key as a DID document writes it: the name without `did:key:`."""
        return self._did_key[len(DID_KEY_PREFIX) :]

    @property
    def jwt_algorithm(self) -> str:
        """`ES256K` or `ES256`, as in the header of a token signed by this key."""
        return _JWT_ALGORITHM_OF[self.curve]

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` (64 bytes, low-S) is this key's over `message`. False for anything malformed."""
        if len(signature) != SIGNATURE_LENGTH:
            return False
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        order = _ORDER_OF[self.curve]
        if not (0 < r < order and 0 < s <= order // 2):
            return False
        return self._verify(encode_dss_signature(r, s), message)

    def __repr__(self) -> str:
        return f"VerifyKey({self._did_key!r})"

    def __hash__(self) -> int:
        return hash(self._did_key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VerifyKey) and other._did_key == self._did_key


def _k256_verifier(compressed: bytes) -> Callable[[bytes, bytes], bool]:
    verify: Callable[[bytes, bytes], bool] = coincurve.PublicKey(compressed).verify
    return verify


def _p256_verifier(compressed: bytes) -> Callable[[bytes, bytes], bool]:
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), compressed)

    def verify(der: bytes, message: bytes) -> bool:
        try:
            key.verify(der, message, _ECDSA)
        except InvalidSignature:
            return False
        return True

    return verify


_VERIFIERS: dict[Curve, Callable[[bytes], Callable[[bytes, bytes], bool]]] = {
    "k256": _k256_verifier,
    "p256": _p256_verifier,
}


class _Signer(Protocol):
    def public(self) -> bytes: ...
    def secret(self) -> bytes: ...
    def sign(self, message: bytes) -> bytes: ...


class _K256Signer:
    __slots__ = ("_key",)

    def __init__(self, secret: bytes | None) -> None:
        self._key = coincurve.PrivateKey(secret)

    def public(self) -> bytes:
        point: bytes = self._key.public_key.format(compressed=True)
        return point

    def secret(self) -> bytes:
        secret: bytes = self._key.secret
        return secret

    def sign(self, message: bytes) -> bytes:
        # The recoverable form is r, s and one byte more, and libsecp256k1 makes low-S signatures only.
        signature: bytes = self._key.sign_recoverable(message)[:SIGNATURE_LENGTH]
        return signature


class _P256Signer:
    __slots__ = ("_key",)

    def __init__(self, secret: bytes | None) -> None:
        curve = ec.SECP256R1()
        self._key = (
            ec.generate_private_key(curve)
            if secret is None
            else ec.derive_private_key(int.from_bytes(secret, "big"), curve)
        )

    def public(self) -> bytes:
        # By hand: the serialization module is a tenth of the time to start, and its SSH formats are not needed.
        point = self._key.public_key().public_numbers()
        return bytes([2 + point.y % 2]) + point.x.to_bytes(32, "big")

    def secret(self) -> bytes:
        return self._key.private_numbers().private_value.to_bytes(32, "big")

    def sign(self, message: bytes) -> bytes:
        r, s = decode_dss_signature(self._key.sign(message, _ECDSA))
        order = _ORDER_OF["p256"]
        return r.to_bytes(32, "big") + min(s, order - s).to_bytes(32, "big")


_SIGNERS: dict[Curve, Callable[[bytes | None], _Signer]] = {"k256": _K256Signer, "p256": _P256Signer}


class SigningKey:
    """A private key, with the public key that belongs to it."""

    __slots__ = ("_signer", "public")

    def __init__(self, curve: Curve, signer: _Signer) -> None:
        """Take a signer. `generate` and `from_bytes` are the ways to make a key."""
        self._signer = signer
        self.public = VerifyKey(curve, signer.public())

    @classmethod
    def generate(cls, curve: Curve) -> SigningKey:
        """Make a new random key."""
        return cls(curve, _SIGNERS[curve](None))

    @classmethod
    def from_bytes(cls, curve: Curve, raw32: bytes) -> SigningKey:
        """Restore a key from `to_bytes`.

        Raises:
            DidKeyError: not 32 bytes, zero, or not below the curve's order. The message does not carry the bytes.
        """
        if len(raw32) != 32 or not 0 < int.from_bytes(raw32, "big") < _ORDER_OF[curve]:
            raise DidKeyError("a private key must be 32 bytes, above zero and below the curve's order")
        return cls(curve, _SIGNERS[curve](raw32))

    @property
    def curve(self) -> Curve:
        """`k256` or `p256`."""
        return self.public.curve

    def to_bytes(self) -> bytes:
        """Return the 32 secret bytes. The caller encrypts them before they are stored."""
        return self._signer.secret()

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the low-S signature over the SHA-256 of `message`."""
        return self._signer.sign(message)

    def did_key(self) -> str:
        """Return the public key's name, `did:key:z...`."""
        return self.public.did_key()

    def public_multibase(self) -> str:
        """Return the public key as a DID document writes it."""
        return self.public.public_multibase()

    def __repr__(self) -> str:
        return f"SigningKey({self.curve!r}, public={self.did_key()!r})"
