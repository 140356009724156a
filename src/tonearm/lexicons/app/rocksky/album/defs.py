# Generated from lexicons/app/rocksky/album/defs.json by scripts/codegen. Do not edit.
"""`app.rocksky.album.defs`.

Views of albums.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.lexicons.app.rocksky.song import defs as song_defs
from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.album.defs"


class AlbumViewBasic(models.Object):
    """An album as lists show it."""

    TYPE: ClassVar[str] = "app.rocksky.album.defs#albumViewBasic"

    id: str | None = None
    """Identifier of the album in the index."""
    uri: constraints.AtUri | None = None
    """AT-URI of the album record."""
    title: str | None = None
    """Title of the album."""
    artist: str | None = None
    """Name of the album's artist."""
    sha256: str | None = None
    """Identity of the album: SHA-256, in hex, of the lower-cased `title - album artist`."""
    artist_uri: constraints.AtUri | None = Field(default=None, alias="artistUri")
    """AT-URI of the artist record."""
    album_art: constraints.Uri | None = Field(default=None, alias="albumArt")
    """Address of the cover image."""
    release_date: str | None = Field(default=None, alias="releaseDate")
    """Day of the release, `YYYY-MM-DD`."""
    year: constraints.Int | None = None
    """Year of the release."""
    play_count: Annotated[int, constraints.Integer(minimum=0)] | None = Field(default=None, alias="playCount")
    """Number of plays in the range that the list is about."""
    unique_listeners: Annotated[int, constraints.Integer(minimum=0)] | None = Field(
        default=None, alias="uniqueListeners"
    )
    """Number of different listeners in the same range."""


class AlbumViewDetailed(models.Object):
    """An album with its tracks."""

    TYPE: ClassVar[str] = "app.rocksky.album.defs#albumViewDetailed"

    id: str | None = None
    """Identifier of the album in the index."""
    uri: constraints.AtUri | None = None
    """AT-URI of the album record."""
    title: str | None = None
    """Title of the album."""
    artist: str | None = None
    """Name of the album's artist."""
    sha256: str | None = None
    """Identity of the album: SHA-256, in hex, of the lower-cased `title - album artist`."""
    artist_uri: constraints.AtUri | None = Field(default=None, alias="artistUri")
    """AT-URI of the artist record."""
    album_art: constraints.Uri | None = Field(default=None, alias="albumArt")
    """Address of the cover image."""
    release_date: str | None = Field(default=None, alias="releaseDate")
    """Day of the release, `YYYY-MM-DD`."""
    year: constraints.Int | None = None
    """Year of the release."""
    tags: list[str] | None = None
    """Genres and other tags."""
    play_count: Annotated[int, constraints.Integer(minimum=0)] | None = Field(default=None, alias="playCount")
    """Number of plays in the range that the list is about."""
    unique_listeners: Annotated[int, constraints.Integer(minimum=0)] | None = Field(
        default=None, alias="uniqueListeners"
    )
    """Number of different listeners in the same range."""
    tracks: list[song_defs.SongViewBasic] | None = None
    """The known tracks, by disc and number."""
