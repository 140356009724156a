"""Sealing secrets with the master key: AES-256-GCM, a key id in front, the row's name as associated data.

A box holds several master keys while one takes another's place: it seals with the newest and opens with all of them.
"""

from __future__ import annotations

import os
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
KEY_ID_BYTES = 4
NONCE_BYTES = 12


class MasterKeyError(RuntimeError):
    """The master key is missing or is not the one that the data was sealed with. Put the right file back."""


class SecretBox:
    """Seals with one master key, and opens with each that it has learned."""

    def __init__(self, master_key: bytes) -> None:
        self._keys: dict[bytes, AESGCM] = {}
        self._key_id = b""
        self.learn(master_key)

    def __repr__(self) -> str:
        return f"SecretBox(key_id={self._key_id.hex()})"

    @property
    def key_id(self) -> bytes:
        """The id of the key that seals: the first bytes of everything that it has sealed."""
        return self._key_id

    def knows(self, key_id: bytes) -> bool:
        """Whether what was sealed with this key can be opened."""
        return key_id in self._keys

    def learn(self, master_key: bytes) -> None:
        """Seal with another master key from now on, and go on opening with those known before."""
        if len(master_key) != KEY_BYTES:
            raise MasterKeyError(f"the master key must be {KEY_BYTES} bytes, not {len(master_key)}")
        key_id = key_id_of(master_key)
        derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"tonearm/secrets").derive(master_key)
        self._keys[key_id] = AESGCM(derived)
        self._key_id = key_id

    def seal(self, plaintext: bytes, context: str) -> bytes:
        """Encrypt for one row: what is sealed for one `context` does not open for another."""
        nonce, key_id = os.urandom(NONCE_BYTES), self._key_id
        return key_id + nonce + self._keys[key_id].encrypt(nonce, plaintext, key_id + context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Decrypt what `seal` made for the same context.

        Raises:
            MasterKeyError: it was sealed with another key, for another row, or was changed.
        """
        key_id, nonce = sealed[:KEY_ID_BYTES], sealed[KEY_ID_BYTES : KEY_ID_BYTES + NONCE_BYTES]
        key = self._keys.get(key_id)
        if key is None:
            raise MasterKeyError(f"the secret of {context} was sealed with another master key ({key_id.hex()})")
        try:
            return key.decrypt(nonce, sealed[KEY_ID_BYTES + NONCE_BYTES :], key_id + context.encode())
        except (InvalidTag, ValueError) as error:  # the latter of what was cut short
            raise MasterKeyError(f"the secret of {context} does not open: it was changed or moved") from error


def key_id_of(master_key: bytes) -> bytes:
    """The id of a master key, which is no secret and says nothing of the key."""
    return sha256(b"tonearm key id" + master_key).digest()[:KEY_ID_BYTES]
