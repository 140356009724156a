"""Is this a play that we have, or a new one? The rules, without I/O.

The same account and identity (song, MBID or ISRC) in the same second is the same play. A submission without a time,
nearer to a play of its identity than max(30 s, half the known duration), is that play. All else is distinct: real
repeats are never eaten (invariant 2). The reason is recorded with each submission.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

NEAR_S = 30
WIDEST_WINDOW_S = 12 * 3600
"""Half of a day-long recording: no play further away is looked at."""

NEW = "new"
SAME_SECOND_SONG = "same second, same song"
SAME_SECOND_MBID = "same second, same MBID"
SAME_SECOND_ISRC = "same second, same ISRC"
NEAR_WITHOUT_TIME = "no time given, near a play of the same identity"
IDEMPOTENCY_KEY = "same Idempotency-Key"
TOMBSTONE = "deleted by its owner"


class KnownPlay(NamedTuple):
    """A play that the index or the group at hand already holds."""

    tid: int
    second: int
    song_id: int
    mbid: str | None
    isrc: str | None
    duration_ms: int | None

    def is_same_as(self, song_id: int, mbid: str | None, isrc: str | None) -> bool:
        """Whether a play of that identity in the same second is this one."""
        return not set(_keys(self.song_id, self.mbid, self.isrc)).isdisjoint(_keys(song_id, mbid, isrc))


@dataclass(slots=True)
class PlaysOfActor:
    """The plays of one actor around the times of the submissions at hand, by identity."""

    taken: set[int] = field(default_factory=set)
    by_identity: dict[tuple[str, object], list[KnownPlay]] = field(default_factory=dict)

    def add(self, play: KnownPlay) -> None:
        """Take note of a play; one that is known already changes nothing."""
        if play.tid in self.taken:
            return
        self.taken.add(play.tid)
        for key in _keys(play.song_id, play.mbid, play.isrc):
            self.by_identity.setdefault(key, []).append(play)

    def at(self, tid: int) -> KnownPlay | None:
        """The play that has this record key."""
        return next((play for of_one in self.by_identity.values() for play in of_one if play.tid == tid), None)

    def has_song(self, song_id: int) -> bool:
        """Whether one of these plays is of that song."""
        return ("song", song_id) in self.by_identity

    def same_as(
        self, second: int, song_id: int, mbid: str | None, isrc: str | None, duration_ms: int | None, *, timed: bool
    ) -> tuple[KnownPlay, str] | None:
        """The play that a submission repeats, and why; None when it is a new play."""
        for key in _keys(song_id, mbid, isrc):
            for play in self.by_identity.get(key, ()):
                if play.second == second:
                    return play, _REASON_OF_KIND[key[0]]
                if not timed and abs(play.second - second) < _near_s(duration_ms, play.duration_ms):
                    return play, NEAR_WITHOUT_TIME
        return None


_REASON_OF_KIND = {"song": SAME_SECOND_SONG, "mbid": SAME_SECOND_MBID, "isrc": SAME_SECOND_ISRC}


def _keys(song_id: int, mbid: str | None, isrc: str | None) -> list[tuple[str, object]]:
    keys: list[tuple[str, object]] = [("song", song_id)]
    if mbid:
        keys.append(("mbid", mbid))
    if isrc:
        keys.append(("isrc", isrc))
    return keys


def _near_s(*durations_ms: int | None) -> float:
    return max(NEAR_S, *((d or 0) / 2000 for d in durations_ms))
