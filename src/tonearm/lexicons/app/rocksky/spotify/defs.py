# Generated from lexicons/app/rocksky/spotify/defs.json by scripts/codegen. Do not edit.
"""`app.rocksky.spotify.defs`.

Views of Spotify's catalogue.
"""

from typing import ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.spotify.defs"


class SpotifyTrackView(models.Object):
    """A track on Spotify."""

    TYPE: ClassVar[str] = "app.rocksky.spotify.defs#spotifyTrackView"

    id: str | None = None
    """Spotify's identifier."""
    name: str | None = None
    """Title of the track."""
    artist: str | None = None
    """Name of the artist as credited."""
    album: str | None = None
    """Title of the album."""
    duration: constraints.Int | None = None
    """Length in milliseconds."""
    preview_url: str | None = Field(default=None, alias="previewUrl")
    """Address of a short sample."""
