"""Timestamp identifiers: record keys that sort by time.

A TID is a 63-bit number: microseconds since 1970 (53 bits), then a clock id (10 bits) that tells writers apart. Its
text is 13 characters of an alphabet in ASCII order, so numbers, texts and times sort alike. Inside, a TID is the
number; the text is made at the edge.

Source: https://atproto.com/specs/tid.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
CLOCK_ID_BITS = 10
MAX_CLOCK_ID = (1 << CLOCK_ID_BITS) - 1
MAX_MICROS = (1 << 53) - 1
MAX_TID = (1 << 63) - 1

_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
_TO_DIGITS = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_TID = re.compile(r"[234567ab][234567a-z]{12}")


class TidError(ValueError):
    """The text or the number is no TID. The caller refuses the input."""


def tid_text(tid: int) -> str:
    """Return the 13 characters of a TID.

    Raises:
        TidError: `tid` is negative or needs more than 63 bits.
    """
    if not 0 <= tid <= MAX_TID:
        raise TidError("a TID is a number of 63 bits")
    pairs = _PAIRS
    return (
        ALPHABET[tid >> 60]
        + pairs[tid >> 50 & 1023]
        + pairs[tid >> 40 & 1023]
        + pairs[tid >> 30 & 1023]
        + pairs[tid >> 20 & 1023]
        + pairs[tid >> 10 & 1023]
        + pairs[tid & 1023]
    )


def tid_int(text: str) -> int:
    """Return the number of a TID's text.

    NOTE: The `tid` format's grammar lets the first character be up to `j`, which is a 64th bit. The layout has that
    bit always clear, and numbers stay within what databases call an integer, so such a text has no number here.

    Raises:
        TidError: `text` is not 13 characters of the alphabet, or its first is above `b`.
    """
    if _TID.fullmatch(text) is None:
        raise TidError("a TID is 13 characters of 2-7 and a-z, the first at most 'b'")
    return int(text.translate(_TO_DIGITS), 32)


def tid_from(micros: int, clock_id: int) -> int:
    """Return the TID of a time and a clock id.

    Args:
        micros: microseconds since 1970, 0 to 2^53 - 1 (the year 2255).
        clock_id: 0 to 1023.

    Raises:
        TidError: either is out of bounds.
    """
    if not 0 <= micros <= MAX_MICROS:
        raise TidError("a TID's time must be 0 to 2^53 - 1 microseconds after 1970")
    if not 0 <= clock_id <= MAX_CLOCK_ID:
        raise TidError("a TID's clock id must be 0 to 1023")
    return micros << CLOCK_ID_BITS | clock_id


def micros_of(tid: int) -> int:
    """Return the microseconds since 1970 that a TID was made from."""
    return tid >> CLOCK_ID_BITS


class TidClock:
    """Gives TIDs that always grow, whatever the system clock does: revisions of commits, keys of new records."""

    def __init__(self, now_micros: Callable[[], int], clock_id: int) -> None:
        """Take the clock to read and the clock id (0 to 1023) of all TIDs given."""
        self._now_micros = now_micros
        self._clock_id = tid_from(0, clock_id)
        self._last_micros = -1

    def next(self) -> int:
        """Return a TID above every one given before: the present, or a microsecond after the last."""
        micros = max(self._now_micros(), self._last_micros + 1)
        self._last_micros = micros
        return tid_from(micros, self._clock_id)

    def advance_past(self, tid: int) -> None:
        """Make every later TID greater than `tid`, such as the stored revision of a repository."""
        self._last_micros = max(self._last_micros, micros_of(tid))
