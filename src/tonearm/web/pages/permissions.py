"""What we ask leave to write, in words for people. A test holds every collection of the request to have its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.lexicons import nsids
from tonearm.web.contexts import Permission

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORDS = (
    ("What you play", "One record for each play: the song, and when you heard it.", (nsids.APP_ROCKSKY_SCROBBLE,)),
    (
        "Your music",
        "The songs, albums and artists of your plays, once each.",
        (nsids.APP_ROCKSKY_SONG, nsids.APP_ROCKSKY_ALBUM, nsids.APP_ROCKSKY_ARTIST),
    ),
)


def in_words(collections: Iterable[str]) -> tuple[Permission, ...]:
    """These collections, gathered under words for people; what has none stands last, by its name alone."""
    asked = set(collections)
    found = [
        Permission(title, detail, tuple(name for name in names if name in asked))
        for title, detail, names in _WORDS
        if asked.intersection(names)
    ]
    rest = sorted(asked.difference(*(names for _, _, names in _WORDS)))
    if rest:
        found.append(Permission("Other records", "Records of these kinds.", tuple(rest)))
    return tuple(found)
