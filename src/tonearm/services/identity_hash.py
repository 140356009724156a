"""The identity of songs, albums and artists, and the ids and record keys that follow from it.

The identity is a lower-cased sentence (Rocksky's, so that both systems agree): `title - artist - album`,
`album - album artist`, `album artist`. The first 60 bits of its SHA-256 are the id in the index, and the same integer,
read as a TID, is the key of the record in a repository: a URI leads to its row, and a row to its URI, without a table.
"""

from __future__ import annotations

from hashlib import sha256

MICROS = 1_000_000
CLOCK_BITS = 10
CLOCK_MASK = (1 << CLOCK_BITS) - 1
SECOND = MICROS << CLOCK_BITS
"""How far apart the TIDs of consecutive seconds are."""


def song_identity(title: str, artist: str, album: str) -> str:
    """The identity of a song on an album."""
    return f"{title} - {artist} - {album}".lower()


def album_identity(title: str, album_artist: str) -> str:
    """The identity of an album."""
    return f"{title} - {album_artist}".lower()


def artist_identity(album_artist: str) -> str:
    """The identity of an artist."""
    return album_artist.lower()


def identity_sha256(identity: str) -> str:
    """The SHA-256 of an identity in hexadecimal, as the `sha256` field of the API shows it."""
    return sha256(identity.encode()).hexdigest()


def identity_id(identity: str) -> int:
    """The id of whatever has this identity: 0 <= id < 2**60."""
    return int.from_bytes(sha256(identity.encode()).digest()[:8]) >> 4


def play_tid(did: str, identity: str, played_at_s: int) -> int:
    """The record key of a play, as an integer: the same for every report of the same listen.

    The second of the play, microseconds and clock id from the hash of who and what.
    """
    digest = sha256(f"{did} {identity}".encode()).digest()
    micros = played_at_s * MICROS + int.from_bytes(digest[:8]) % MICROS
    return micros << CLOCK_BITS | int.from_bytes(digest[8:10]) & CLOCK_MASK


def next_clock_id(tid: int) -> int:
    """The key that a play takes when `tid` is taken by other content."""
    return tid & ~CLOCK_MASK | (tid + 1) & CLOCK_MASK


def second_of(tid: int) -> int:
    """The second of a play's TID, since 1970 UTC."""
    return (tid >> CLOCK_BITS) // MICROS


def first_tid_of(second: int) -> int:
    """The lowest TID within a second."""
    return second * SECOND
