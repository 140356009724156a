# Generated from lexicons/app/rocksky/song/defs.json by scripts/codegen. Do not edit.
"""`app.rocksky.song.defs`.

Views of songs.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.lexicons.app.rocksky.artist import defs as artist_defs
from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.song.defs"


class FirstScrobbleView(models.Object):
    """Who played a song first, and when."""

    TYPE: ClassVar[str] = "app.rocksky.song.defs#firstScrobbleView"

    handle: str | None = None
    """Handle of the listener."""
    avatar: constraints.Uri | None = None
    """Address of the listener's avatar."""
    timestamp: constraints.Datetime | None = None
    """When the play began."""


class RecentListenerView(models.Object):
    """A listener of a song, by latest play."""

    TYPE: ClassVar[str] = "app.rocksky.song.defs#recentListenerView"

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


class SongMatchView(models.Object):
    """A track of an outside catalogue that may be the song."""

    TYPE: ClassVar[str] = "app.rocksky.song.defs#songMatchView"

    id: constraints.Int | None = None
    """The catalogue's identifier."""
    title: str | None = None
    """Title of the track."""
    artist: str | None = None
    """Name of the artist as credited."""
    album: str | None = None
    """Title of the album."""
    duration_ms: Annotated[int, constraints.Integer(minimum=0)] | None = Field(default=None, alias="durationMs")
    """Length in milliseconds."""
    isrc: str | None = None
    """International Standard Recording Code."""
    album_art: constraints.Uri | None = Field(default=None, alias="albumArt")
    """Address of the cover image."""
    track_number: constraints.Int | None = Field(default=None, alias="trackNumber")
    """Position on its disc, counted from 1."""
    disc_number: constraints.Int | None = Field(default=None, alias="discNumber")
    """Number of the disc, counted from 1."""
    explicit: bool | None = None
    """Whether the lyrics are marked as explicit."""
    link: constraints.Uri | None = None
    """Address of the track in the catalogue."""
    preview: constraints.Uri | None = None
    """Address of a short sample."""
    rank: constraints.Int | None = None
    """The catalogue's popularity figure; higher is more popular."""
    score: Annotated[int, constraints.Integer(minimum=0, maximum=100)] | None = None
    """How sure the match is, 0 to 100."""


class SongViewBasic(models.Object):
    """A song as lists show it."""

    TYPE: ClassVar[str] = "app.rocksky.song.defs#songViewBasic"

    id: str | None = None
    """Identifier of the song in the index."""
    uri: constraints.AtUri | None = None
    """AT-URI of the song record."""
    title: str | None = None
    """Title of the track."""
    artist: str | None = None
    """Name of the artist as credited."""
    album_artist: str | None = Field(default=None, alias="albumArtist")
    """Name of the album's artist."""
    album: str | None = None
    """Title of the album."""
    duration: constraints.Int | None = None
    """Length of the track in milliseconds. Absent when unknown."""
    mbid: str | None = None
    """MusicBrainz recording id."""
    isrc: str | None = None
    """International Standard Recording Code."""
    sha256: str | None = None
    """Identity of the song: SHA-256, in hex, of the lower-cased `title - artist - album`."""
    artist_uri: constraints.AtUri | None = Field(default=None, alias="artistUri")
    """AT-URI of the artist record."""
    album_uri: constraints.AtUri | None = Field(default=None, alias="albumUri")
    """AT-URI of the album record."""
    album_art: constraints.Uri | None = Field(default=None, alias="albumArt")
    """Address of the cover image."""
    track_number: constraints.Int | None = Field(default=None, alias="trackNumber")
    """Position on its disc, counted from 1."""
    disc_number: constraints.Int | None = Field(default=None, alias="discNumber")
    """Number of the disc, counted from 1."""
    tags: list[str] | None = None
    """Genres and other tags."""
    play_count: Annotated[int, constraints.Integer(minimum=0)] | None = Field(default=None, alias="playCount")
    """Number of plays in the range that the list is about."""
    unique_listeners: Annotated[int, constraints.Integer(minimum=0)] | None = Field(
        default=None, alias="uniqueListeners"
    )
    """Number of different listeners in the same range."""
    created_at: constraints.Datetime | None = Field(default=None, alias="createdAt")
    """When the song was first indexed; in a list of liked songs, when it was liked."""


class SongViewDetailed(models.Object):
    """A song's page."""

    TYPE: ClassVar[str] = "app.rocksky.song.defs#songViewDetailed"

    id: str | None = None
    """Identifier of the song in the index."""
    uri: constraints.AtUri | None = None
    """AT-URI of the song record."""
    title: str | None = None
    """Title of the track."""
    artist: str | None = None
    """Name of the artist as credited."""
    artists: list[artist_defs.ArtistViewBasic] | None = None
    """The credited artists, in order of their credit."""
    album_artist: str | None = Field(default=None, alias="albumArtist")
    """Name of the album's artist."""
    album: str | None = None
    """Title of the album."""
    duration: constraints.Int | None = None
    """Length of the track in milliseconds. Absent when unknown."""
    mbid: str | None = None
    """MusicBrainz recording id."""
    isrc: str | None = None
    """International Standard Recording Code."""
    sha256: str | None = None
    """Identity of the song: SHA-256, in hex, of the lower-cased `title - artist - album`."""
    artist_uri: constraints.AtUri | None = Field(default=None, alias="artistUri")
    """AT-URI of the artist record."""
    album_uri: constraints.AtUri | None = Field(default=None, alias="albumUri")
    """AT-URI of the album record."""
    album_art: constraints.Uri | None = Field(default=None, alias="albumArt")
    """Address of the cover image."""
    track_number: constraints.Int | None = Field(default=None, alias="trackNumber")
    """Position on its disc, counted from 1."""
    disc_number: constraints.Int | None = Field(default=None, alias="discNumber")
    """Number of the disc, counted from 1."""
    tags: list[str] | None = None
    """Genres and other tags."""
    play_count: Annotated[int, constraints.Integer(minimum=0)] | None = Field(default=None, alias="playCount")
    """Number of plays in the range that the list is about."""
    unique_listeners: Annotated[int, constraints.Integer(minimum=0)] | None = Field(
        default=None, alias="uniqueListeners"
    )
    """Number of different listeners in the same range."""
    created_at: constraints.Datetime | None = Field(default=None, alias="createdAt")
    """When the song was first indexed; in a list of liked songs, when it was liked."""
    first_scrobble: FirstScrobbleView | None = Field(default=None, alias="firstScrobble")
    """The first play of the song by anyone."""
    matches: list[SongMatchView] | None = None
    """Tracks of outside catalogues that may be the song, best first. Only from `app.rocksky.song.matchSong`."""
