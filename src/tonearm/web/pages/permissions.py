"""What we ask leave to write, in words for people. A test holds every collection of the request to have its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.lexicons import nsids
from tonearm.web.contexts import Permission

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORDS = (
    (
        "What you play",
        "One record for each play: the song, and when you heard it.",
        (nsids.APP_ROCKSKY_SCROBBLE,),
    ),
    (
        "Your music",
        "The songs, albums and artists of your plays, once each.",
        (nsids.APP_ROCKSKY_SONG, nsids.APP_ROCKSKY_ALBUM, nsids.APP_ROCKSKY_ARTIST),
    ),
    (
        "What you are playing now",
        "The song that is on, until it ends.",
        (
            nsids.APP_ROCKSKY_ACTOR_STATUS,
            nsids.FM_TEAL_ACTOR_STATUS,
            nsids.FM_TEAL_ALPHA_ACTOR_STATUS,
        ),
    ),
    (
        "Your plays for other apps",
        "The same plays in the form that teal.fm reads.",
        (nsids.FM_TEAL_FEED_PLAY, nsids.FM_TEAL_ALPHA_FEED_PLAY),
    ),
    ("What you like", "The songs, albums and comments that you mark.", (nsids.APP_ROCKSKY_LIKE,)),
    ("Your comments", "What you write about music and on other people's pages.", (nsids.APP_ROCKSKY_SHOUT,)),
    ("Whom you follow", "The listeners that you follow.", (nsids.APP_ROCKSKY_GRAPH_FOLLOW,)),
    (
        "Your playlists",
        "Playlists, the songs on them, and radio stations.",
        (nsids.APP_ROCKSKY_PLAYLIST, nsids.APP_ROCKSKY_PLAYLIST_ITEM, nsids.APP_ROCKSKY_RADIO),
    ),
    (
        "Your settings",
        "Feeds that you make, and the settings of your players.",
        (nsids.APP_ROCKSKY_FEED_GENERATOR, nsids.APP_ROCKSKY_ROCKBOX_AUDIO_SETTINGS),
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
