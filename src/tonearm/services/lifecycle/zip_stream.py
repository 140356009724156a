"""A ZIP archive that is made while it is sent: what was written is taken away in pieces."""

from __future__ import annotations

import zipfile
from typing import IO, TYPE_CHECKING, cast

if TYPE_CHECKING:
    from datetime import datetime


class _Taken:
    """A file that is only written, and forgets what was taken."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        """Keep until it is taken."""
        self._written += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = bytes(self._written)
        self._written.clear()
        return taken


class ZipStream:
    """Entries one after the other, of any size; call its methods in one thread at a time."""

    def __init__(self, made_at: datetime) -> None:
        self._file = _Taken()
        self._zip = zipfile.ZipFile(cast("IO[bytes]", self._file), "w", zipfile.ZIP_DEFLATED)
        self._date = made_at.timetuple()[:6]
        self._entry: IO[bytes] | None = None

    def begin(self, name: str, *, compressed: bool = True) -> None:
        """Begin an entry; the one before ends."""
        self._end_entry()
        info = zipfile.ZipInfo(name, self._date)
        info.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        self._entry = self._zip.open(info, "w", force_zip64=True)

    def add(self, data: bytes) -> bytes:
        """Write to the entry; answers what there is to send."""
        if self._entry is None:
            raise ValueError("no entry was begun")
        self._entry.write(data)
        return self._file.take()

    def end(self) -> bytes:
        """End the archive; answers what there is to send."""
        self._end_entry()
        self._zip.close()
        return self._file.take()

    def _end_entry(self) -> None:
        if self._entry is not None:
            self._entry.close()
            self._entry = None
