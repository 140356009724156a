"""A play as an edge understood it, before anything is decided about it.

Every edge parses its own wire format and calls `Submission.of`, which trims, normalises and judges the time. Text is
never cut here and nothing is filled in: what a record needs and a play lacks is `services.records`' business.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple, Self

EARLIEST_S = 1_035_072_000
"""2002-10-20, when the first scrobbles were made. An earlier play time is a broken clock."""
LATEST_AHEAD_S = 3600
MILLISECONDS_FROM = 100_000_000_000
"""A Unix time from here on (the year 5138 in seconds) was meant in milliseconds."""


class InvalidScrobbleError(ValueError):
    """A submission without what a play must have. The message names the field; the caller corrects it."""


class TimestampOutOfRangeError(InvalidScrobbleError):
    """A play before the first scrobbles or too far ahead. The caller's clock is wrong."""


class ArtistCredit(NamedTuple):
    """One credited artist, in the order of the credit."""

    name: str
    mbid: str | None = None


class Submission(NamedTuple):
    """One reported play. None is unknown. `raw` is what the edge received, without credentials.

    A tuple, because a frozen dataclass of so many fields takes six times as long to make.
    """

    title: str
    artist: str
    album: str | None = None
    album_artist: str | None = None
    played_at_s: int | None = None
    duration_ms: int | None = None
    mbid: str | None = None
    isrc: str | None = None
    artists: tuple[ArtistCredit, ...] = ()
    genres: tuple[str, ...] = ()
    track_number: int | None = None
    disc_number: int | None = None
    year: int | None = None
    release_date: str | None = None
    lyrics: str | None = None
    composer: str | None = None
    copyright_message: str | None = None
    label: str | None = None
    album_art_url: str | None = None
    artist_picture_url: str | None = None
    spotify_link: str | None = None
    lastfm_link: str | None = None
    tidal_link: str | None = None
    apple_music_link: str | None = None
    youtube_link: str | None = None
    deezer_link: str | None = None
    raw: bytes = b""
    idempotency_key: str | None = None

    def __repr__(self) -> str:
        """Without the raw bytes, which may be large and are nobody's to log."""
        return f"Submission({self.title!r}, {self.artist!r}, played_at_s={self.played_at_s})"

    @classmethod
    def of(cls, *, now_s: float, **values: Any) -> Self:
        """Normalise the values of an edge and judge them.

        Strings are trimmed (empty is unknown), the typographic apostrophe in names becomes the plain one, numbers that
        say nothing (0, negative) are unknown, a time of 0 is "now", a time in milliseconds is recognised.

        Raises:
            InvalidScrobbleError: no title or no artist.
            TimestampOutOfRangeError: the play time is before 2002-10-20 or more than an hour ahead of `now_s`.
        """
        tidy: dict[str, Any] = {}
        for name, value in values.items():
            if type(value) is str:
                text = value.strip()
                if name in _NAMES:
                    text = text.replace("\u2019", "'")
                if text:
                    tidy[name] = text
            elif name in _COUNTS:
                if value is not None and value > 0:
                    tidy[name] = value
            elif value is not None:
                tidy[name] = value
        for required in ("title", "artist"):
            if required not in tidy:
                raise InvalidScrobbleError(f"{required} must not be empty")
        tidy["played_at_s"] = played_at(tidy.get("played_at_s"), now_s)
        return cls(**tidy)

    def changed(self, changes: dict[str, Any]) -> Self:
        """The same play with some fields changed by its owner."""
        return self._replace(**changes)


_NAMES = frozenset({"title", "artist", "album", "album_artist"})
_COUNTS = frozenset({"duration_ms", "track_number", "disc_number", "year"})
FIELD_NAMES = frozenset(Submission._fields)


def played_at(timestamp: int | None, now_s: float) -> int | None:
    """The play time in seconds; None when the submission named none.

    Raises:
        TimestampOutOfRangeError: see `Submission.of`.
    """
    if not timestamp:
        return None
    seconds = timestamp // 1000 if timestamp >= MILLISECONDS_FROM else timestamp
    if EARLIEST_S <= seconds <= now_s + LATEST_AHEAD_S:
        return seconds
    try:
        told = dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        told = str(timestamp)
    raise TimestampOutOfRangeError(
        f"timestamp {told} is not a time at which this can have been played: it must lie between 2002-10-20 "
        "and one hour from now, in seconds since 1970"
    )
