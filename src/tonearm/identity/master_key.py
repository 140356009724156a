"""The master key's file: made at the first start, never overwritten but by a change of the key."""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING

from tonearm.identity.secret_box import KEY_BYTES, MasterKeyError

if TYPE_CHECKING:
    from pathlib import Path

_KEY = re.compile(rf"[0-9a-fA-F]{{{2 * KEY_BYTES}}}")


def new_master_key() -> bytes:
    """A random key."""
    return os.urandom(KEY_BYTES)


def load_master_key(path: Path, *, data_exists: bool) -> bytes:
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
            write_secret_file(path, new_master_key().hex())
    try:
        text = path.read_text().strip()
    except UnicodeDecodeError:
        text = ""
    if not _KEY.fullmatch(text):
        raise MasterKeyError(f"{path} must hold {KEY_BYTES} bytes in hexadecimal")
    return bytes.fromhex(text)


def replace_master_key(path: Path, master_key: bytes) -> None:
    """Put another key in the place of the file's: the file holds the one or the other, whatever happens."""
    partial = _written_beside(path, master_key.hex())
    try:
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    _sync_folder(path.parent)


def write_secret_file(path: Path, text: str) -> None:
    """Create a file that only its owner may read, durably, and whole from its first moment.

    Raises:
        FileExistsError: there is one already. It is never overwritten.
    """
    partial = _written_beside(path, text)
    try:
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
    _sync_folder(path.parent)


def _written_beside(path: Path, text: str) -> Path:
    partial = path.with_name(f"{path.name}.{os.urandom(4).hex()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return partial


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # not every file system lets a folder be synced
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
