"""Seeded plays: one made-up listener with the habits of a real one, the same on every machine.

Titles follow Zipf's law with its head flattened by ten ranks, and each album belongs to an artist drawn by a slightly
flatter law, so a few artists fill half of the history. Seconds are unique (one peer's primary key is the second) and
the night is quiet.

NOTE: the order of the draws is the data. Moving one call of the generator changes every row of every cached history.
"""

from __future__ import annotations

import random
import time
from bisect import bisect
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

HISTORY_END = 1_767_225_600
"""2026-01-01T00:00:00Z, in seconds: the histories stop before it, fresh plays start after it."""

YEAR_S = 31_557_600
_SYLLABLES = (
    *("ka", "lo", "mi", "ra", "ten", "su", "vel", "dor", "an", "is"),
    *("qu", "or", "ba", "fen", "ti", "lu", "mar", "ze", "no", "ri"),
)
_NIGHT_HOURS = range(3, 7)


class Play(NamedTuple):
    """One play: seconds since the epoch, the catalogue's numbers and names, and the length in milliseconds."""

    played_at: int
    artist_id: int
    artist: str
    album_id: int
    album: str
    track_id: int
    title: str
    duration_ms: int

    @classmethod
    def of_line(cls, line: str) -> Play:
        """Read what `line` wrote."""
        played_at, artist_id, artist, album_id, album, track_id, title, duration_ms = line.rstrip("\n").split("\t")
        return cls(int(played_at), int(artist_id), artist, int(album_id), album, int(track_id), title, int(duration_ms))

    def line(self) -> str:
        """Write the play as a line of tab-separated fields."""
        return "\t".join(map(str, self)) + "\n"


class Track(NamedTuple):
    """A track of the made-up catalogue."""

    title: str
    artist_id: int
    album_id: int
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the listener owns; positions in the lists are the numbers in a `Play`."""

    artists: list[str]
    albums: list[str]
    tracks: list[Track]

    @classmethod
    def seeded(cls, seed: int = 42, artists: int = 5_000, tracks: int = 50_000, albums: int = 15_000) -> Catalogue:
        """Draw a catalogue; equal arguments give equal catalogues."""
        draw = random.Random(seed)
        artist_names = [_name(draw, 1, 2, number) for number in range(artists)]
        popularity = list(accumulate(1 / (rank + 1) ** 0.9 for rank in range(artists)))
        artist_of_album = [bisect(popularity, draw.random() * popularity[-1]) for _ in range(albums)]
        album_names = [_name(draw, 1, 3, number) for number in range(albums)]
        drawn = []
        for number in range(tracks):
            album = draw.randrange(albums)
            title = _name(draw, 1, 4, number)
            drawn.append(Track(title, artist_of_album[album], album, draw.randrange(120, 420) * 1000))
        return cls(artist_names, album_names, drawn)

    def play(self, track_id: int, played_at: int) -> Play:
        """Make one play of a track."""
        track = self.tracks[track_id]
        return Play(
            played_at,
            track.artist_id,
            self.artists[track.artist_id],
            track.album_id,
            self.albums[track.album_id],
            track_id,
            track.title,
            track.duration_ms,
        )


def history(count: int, *, seed: int = 42, years: int = 10, catalogue: Catalogue | None = None) -> Iterator[Play]:
    """Yield `count` plays, oldest first, spread over the `years` years before `HISTORY_END`."""
    catalogue = catalogue or Catalogue.seeded(seed)
    draw = random.Random(seed + 1)
    popularity = _track_popularity(catalogue)
    span_s = years * YEAR_S
    start, step = HISTORY_END - span_s, span_s / count
    previous = start - 1
    for number in range(count):
        second = int(start + (number + draw.random()) * step)
        if second // 3600 % 24 in _NIGHT_HOURS and step > 60:
            second += 4 * 3600
        previous = max(second, previous + 1)
        yield catalogue.play(bisect(popularity, draw.random() * popularity[-1]), previous)


def fresh(count: int, *, seed: int = 7, catalogue: Catalogue) -> Iterator[Play]:
    """Yield `count` plays that no history holds: later than `HISTORY_END`, earlier than now, evenly apart.

    Raises:
        ValueError: there is no second per play between the end of the histories and now.
    """
    step = min(180.0, (time.time() - HISTORY_END - 7200) / count)
    if step < 1:
        raise ValueError("this machine's clock leaves no room for fresh plays after 2026-01-01")
    draw = random.Random(seed)
    popularity = _track_popularity(catalogue)
    for number in range(count):
        track_id = bisect(popularity, draw.random() * popularity[-1])
        yield catalogue.play(track_id, HISTORY_END + 3600 + int(number * step))


def _track_popularity(catalogue: Catalogue) -> list[float]:
    return list(accumulate(1 / (rank + 10) for rank in range(len(catalogue.tracks))))


def _name(draw: random.Random, fewest: int, most: int, number: int) -> str:
    words = []
    for _ in range(draw.randint(fewest, most)):
        syllables = [draw.choice(_SYLLABLES) for _ in range(draw.randint(1, 3))]
        words.append("".join(syllables).capitalize())
    return f"{' '.join(words)} {number}"
