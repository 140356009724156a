# Generated from lexicons/app/rocksky/player/defs.json by scripts/codegen. Do not edit.
"""`app.rocksky.player.defs`.

Views of a player.
"""

from typing import ClassVar, Final

from tonearm.lexicons.app.rocksky.song import defs as song_defs
from tonearm.xrpc import models

NSID: Final = "app.rocksky.player.defs"


class CurrentlyPlayingViewDetailed(models.Object):
    """What a player is playing. Empty when nothing is."""

    TYPE: ClassVar[str] = "app.rocksky.player.defs#currentlyPlayingViewDetailed"

    title: str | None = None
    """Title of the track."""


class PlaybackQueueViewDetailed(models.Object):
    """A player's queue."""

    TYPE: ClassVar[str] = "app.rocksky.player.defs#playbackQueueViewDetailed"

    tracks: list[song_defs.SongViewBasic] | None = None
    """The tracks, in the order in which they will be played."""
