"""Sealing secrets with the master key: AES-256-GCM, a key id in front, the row's name as associated data."""

from __future__ import annotations

import contextlib
import os
from hashlib import sha256
from typing import TYPE_CHECKING, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from pathlib import Path

KEY_BYTES = 32
KEY_ID_BYTES = 4
NONCE_BYTES = 12


class MasterKeyError(RuntimeError):
    """The master key is missing or is not the one that the data was sealed with. Put the right file back."""


class SecretBox:
    """Seals and opens with one master key."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY_BYTES:
            raise MasterKeyError(f"the master key must be {KEY_BYTES} bytes, not {len(master_key)}")
        self._key = AESGCM(self.derive(master_key, "secrets"))
        self._key_id = sha256(b"tonearm key id" + master_key).digest()[:KEY_ID_BYTES]
        self.session_key = self.derive(master_key, "sessions")

    def __repr__(self) -> str:
        return f"SecretBox(key_id={self._key_id.hex()})"

    @staticmethod
    def derive(master_key: bytes, purpose: str) -> bytes:
        """A 32-byte key of its own for a purpose."""
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"tonearm/" + purpose.encode()).derive(master_key)

    def seal(self, plaintext: bytes, context: str) -> bytes:
        """Encrypt for one row: what is sealed for one `context` does not open for another."""
        nonce = os.urandom(NONCE_BYTES)
        return self._key_id + nonce + self._key.encrypt(nonce, plaintext, self._key_id + context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Decrypt what `seal` made for the same context.

        Raises:
            MasterKeyError: it was sealed with another key, for another row, or was changed.
        """
        key_id, nonce = sealed[:KEY_ID_BYTES], sealed[KEY_ID_BYTES : KEY_ID_BYTES + NONCE_BYTES]
        if key_id != self._key_id:
            raise MasterKeyError(f"the secret of {context} was sealed with another master key ({key_id.hex()})")
        try:
            return self._key.decrypt(nonce, sealed[KEY_ID_BYTES + NONCE_BYTES :], self._key_id + context.encode())
        except (InvalidTag, ValueError) as error:  # the latter of what was cut short
            raise MasterKeyError(f"the secret of {context} does not open: it was changed or moved") from error

    @classmethod
    def load(cls, path: Path, *, data_exists: bool) -> Self:
        """Read the master key's file; make it when there is neither a key nor data.

        Raises:
            MasterKeyError: there is data but no key. A new key could open none of it, so none is made.
        """
        if not path.exists():
            if data_exists:
                raise MasterKeyError(
                    f"{path} is missing, but there is data that was sealed with it. Put the file back (from a backup); "
                    "without it the accounts' keys and sessions cannot be read"
                )
            with contextlib.suppress(FileExistsError):  # another process that starts now was first: its key counts
                write_secret_file(path, os.urandom(KEY_BYTES).hex())
        try:
            return cls(bytes.fromhex(path.read_text().strip()))
        except ValueError as error:
            raise MasterKeyError(f"{path} must hold {KEY_BYTES} bytes in hexadecimal") from error


def write_secret_file(path: Path, text: str) -> None:
    """Create a file that only its owner may read, durably, and whole from its first moment.

    Raises:
        FileExistsError: there is one already. It is never overwritten.
    """
    partial = path.with_name(f"{path.name}.{os.urandom(4).hex()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(partial, path)
        except FileExistsError:
            raise
        except OSError as error:  # a file system without hard links
            if path.exists():
                raise FileExistsError(f"{path} exists") from error
            partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)
