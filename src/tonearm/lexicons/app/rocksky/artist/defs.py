# Generated from lexicons/app/rocksky/artist/defs.json by scripts/codegen. Do not edit.
"""`app.rocksky.artist.defs`.

Views of artists.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.artist.defs"


class ArtistMbid(models.Object):
    """One credited artist."""

    TYPE: ClassVar[str] = "app.rocksky.artist.defs#artistMbid"

    name: Annotated[str, constraints.Text(min_bytes=1, max_bytes=256)] | None = None
    """Name of the artist."""
    mbid: str | None = None
    """MusicBrainz artist id."""


class ArtistViewBasic(models.Object):
    """An artist as lists show it."""

    TYPE: ClassVar[str] = "app.rocksky.artist.defs#artistViewBasic"

    id: str | None = None
    """Identifier of the artist in the index."""
    uri: constraints.AtUri | None = None
    """AT-URI of the artist record."""
    name: str | None = None
    """Name of the artist."""
    sha256: str | None = None
    """Identity of the artist: SHA-256, in hex, of the lower-cased name."""
    picture: str | None = None
    """Address of a picture of the artist."""
    tags: list[str] | None = None
    """Genres and other tags."""
    play_count: Annotated[int, constraints.Integer(minimum=0)] | None = Field(default=None, alias="playCount")
    """Number of plays in the range that the list is about."""
    unique_listeners: Annotated[int, constraints.Integer(minimum=0)] | None = Field(
        default=None, alias="uniqueListeners"
    )
    """Number of different listeners in the same range."""
    genres: list[str] | None = None
    """Genres of the artist."""


class ArtistViewDetailed(models.Object):
    """An artist's page."""

    TYPE: ClassVar[str] = "app.rocksky.artist.defs#artistViewDetailed"

    id: str | None = None
    """Identifier of the artist in the index."""
    uri: constraints.AtUri | None = None
    """AT-URI of the artist record."""
    name: str | None = None
    """Name of the artist."""
    sha256: str | None = None
    """Identity of the artist: SHA-256, in hex, of the lower-cased name."""
    picture: str | None = None
    """Address of a picture of the artist."""
    tags: list[str] | None = None
    """Genres and other tags."""
    play_count: Annotated[int, constraints.Integer(minimum=0)] | None = Field(default=None, alias="playCount")
    """Number of plays in the range that the list is about."""
    unique_listeners: Annotated[int, constraints.Integer(minimum=0)] | None = Field(
        default=None, alias="uniqueListeners"
    )
    """Number of different listeners in the same range."""
    genres: list[str] | None = None
    """Genres of the artist."""


class SongViewBasic(models.Object):
    """A song of the artist with its plays by one listener."""

    TYPE: ClassVar[str] = "app.rocksky.artist.defs#songViewBasic"

    uri: constraints.AtUri | None = None
    """AT-URI of the song record."""
    title: str | None = None
    """Title of the track."""
    play_count: Annotated[int, constraints.Integer(minimum=0)] | None = Field(default=None, alias="playCount")
    """Number of plays by that listener."""


class ListenerViewBasic(models.Object):
    """A listener of an artist, by number of plays."""

    TYPE: ClassVar[str] = "app.rocksky.artist.defs#listenerViewBasic"

    id: str | None = None
    """Identifier of the account in the index."""
    did: str | None = None
    """DID of the account."""
    handle: str | None = None
    """Handle of the account."""
    display_name: str | None = Field(default=None, alias="displayName")
    """Display name; the handle where none is set."""
    avatar: constraints.Uri | None = None
    """Address of the avatar."""
    most_listened_song: SongViewBasic | None = Field(default=None, alias="mostListenedSong")
    """The artist's song that this listener played most."""
    rank: Annotated[int, constraints.Integer(minimum=1)] | None = None
    """Place among the listeners, 1 is first."""
    total_plays: Annotated[int, constraints.Integer(minimum=0)] | None = Field(default=None, alias="totalPlays")
    """Number of plays of the artist."""


class RecentListenerView(models.Object):
    """A listener of an artist, by latest play."""

    TYPE: ClassVar[str] = "app.rocksky.artist.defs#recentListenerView"

    id: str | None = None
    """Identifier of the account in the index."""
    did: str | None = None
    """DID of the account."""
    handle: str | None = None
    """Handle of the account."""
    display_name: str | None = Field(default=None, alias="displayName")
    """Display name; the handle where none is set."""
    avatar: constraints.Uri | None = None
    """Address of the avatar."""
    timestamp: constraints.Datetime | None = None
    """When that listener's latest play began."""
    scrobble_uri: constraints.AtUri | None = Field(default=None, alias="scrobbleUri")
    """AT-URI of that play's record."""
