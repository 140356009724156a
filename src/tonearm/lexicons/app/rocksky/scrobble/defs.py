# Generated from lexicons/app/rocksky/scrobble/defs.json by scripts/codegen. Do not edit.
"""`app.rocksky.scrobble.defs`.

Views of scrobbles.
"""

from typing import ClassVar, Final

from pydantic import Field

from tonearm.lexicons.app.rocksky.artist import defs as artist_defs
from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.scrobble.defs"


class ScrobbleViewBasic(models.Object):
    """A scrobble as lists show it. Fields that are unknown are left out."""

    TYPE: ClassVar[str] = "app.rocksky.scrobble.defs#scrobbleViewBasic"

    id: str | None = None
    """Identifier of the scrobble in the index."""
    user: str | None = None
    """Handle of the listener."""
    user_display_name: str | None = Field(default=None, alias="userDisplayName")
    """Display name of the listener; the handle where none is set."""
    user_avatar: constraints.Uri | None = Field(default=None, alias="userAvatar")
    """Address of the listener's avatar."""
    title: str | None = None
    """Title of the track."""
    artist: str | None = None
    """Name of the artist as credited."""
    album_artist: str | None = Field(default=None, alias="albumArtist")
    """Name of the album's artist."""
    artist_uri: constraints.AtUri | None = Field(default=None, alias="artistUri")
    """AT-URI of the artist record."""
    album: str | None = None
    """Title of the album."""
    album_uri: constraints.AtUri | None = Field(default=None, alias="albumUri")
    """AT-URI of the album record."""
    track_id: str | None = Field(default=None, alias="trackId")
    """Identifier of the song in the index."""
    track_uri: constraints.AtUri | None = Field(default=None, alias="trackUri")
    """AT-URI of the song record."""
    album_art: constraints.Uri | None = Field(default=None, alias="albumArt")
    """Address of the cover image."""
    cover: constraints.Uri | None = None
    """Address of the cover image; the same as `albumArt`."""
    did: constraints.AtIdentifier | None = None
    """DID of the listener."""
    handle: str | None = None
    """Handle of the listener; the same as `user`."""
    avatar: constraints.Uri | None = None
    """Address of the listener's avatar; the same as `userAvatar`."""
    date: constraints.Datetime | None = None
    """When the play began."""
    timestamp: constraints.Datetime | None = None
    """When the play began; the same as `date`."""
    created_at: constraints.Datetime | None = Field(default=None, alias="createdAt")
    """When the play began, as the record has it."""
    uri: constraints.Uri | None = None
    """AT-URI of the scrobble record."""
    sha256: str | None = None
    """Identity of the song: SHA-256, in hex, of the lower-cased `title - artist - album`."""
    liked: bool | None = None
    """Whether the caller likes the song. False when nobody is signed in."""
    likes_count: constraints.Int | None = Field(default=None, alias="likesCount")
    """How many accounts like the song."""
    duration: constraints.Int | None = None
    """Length of the track in milliseconds. Absent when unknown."""
    track_number: constraints.Int | None = Field(default=None, alias="trackNumber")
    """Position on its disc, counted from 1."""
    disc_number: constraints.Int | None = Field(default=None, alias="discNumber")
    """Number of the disc, counted from 1."""
    release_date: str | None = Field(default=None, alias="releaseDate")
    """Day of the release, `YYYY-MM-DD`."""
    year: constraints.Int | None = None
    """Year of the release."""
    mb_id: str | None = Field(default=None, alias="mbId")
    """MusicBrainz recording id."""
    isrc: str | None = None
    """International Standard Recording Code."""
    genre: str | None = None
    """Main genre of the track."""
    tags: list[str] | None = None
    """Genres and other tags of the track."""
    composer: str | None = None
    """Name of the composer."""
    label: str | None = None
    """Record label."""
    copyright_message: str | None = Field(default=None, alias="copyrightMessage")
    """Copyright line of the release."""
    spotify_link: constraints.Uri | None = Field(default=None, alias="spotifyLink")
    """Address of the track on Spotify."""
    lastfm_link: constraints.Uri | None = Field(default=None, alias="lastfmLink")
    """Address of the track on Last.fm."""
    tidal_link: constraints.Uri | None = Field(default=None, alias="tidalLink")
    """Address of the track on Tidal."""
    apple_music_link: constraints.Uri | None = Field(default=None, alias="appleMusicLink")
    """Address of the track on Apple Music."""
    youtube_link: constraints.Uri | None = Field(default=None, alias="youtubeLink")
    """Address of the track on YouTube."""
    deezer_link: constraints.Uri | None = Field(default=None, alias="deezerLink")
    """Address of the track on Deezer."""


class FirstScrobbleView(models.Object):
    """Who played a song first, and when."""

    TYPE: ClassVar[str] = "app.rocksky.scrobble.defs#firstScrobbleView"

    handle: str | None = None
    """Handle of the listener."""
    avatar: constraints.Uri | None = None
    """Address of the listener's avatar."""
    timestamp: constraints.Datetime | None = None
    """When the play began."""


class ScrobbleViewDetailed(models.Object):
    """A scrobble with figures on its song."""

    TYPE: ClassVar[str] = "app.rocksky.scrobble.defs#scrobbleViewDetailed"

    id: str | None = None
    """Identifier of the scrobble in the index."""
    user: str | None = None
    """Handle of the listener."""
    user_display_name: str | None = Field(default=None, alias="userDisplayName")
    """Display name of the listener; the handle where none is set."""
    user_avatar: constraints.Uri | None = Field(default=None, alias="userAvatar")
    """Address of the listener's avatar."""
    title: str | None = None
    """Title of the track."""
    artist: str | None = None
    """Name of the artist as credited."""
    album_artist: str | None = Field(default=None, alias="albumArtist")
    """Name of the album's artist."""
    artist_uri: constraints.AtUri | None = Field(default=None, alias="artistUri")
    """AT-URI of the artist record."""
    album: str | None = None
    """Title of the album."""
    album_uri: constraints.AtUri | None = Field(default=None, alias="albumUri")
    """AT-URI of the album record."""
    track_id: str | None = Field(default=None, alias="trackId")
    """Identifier of the song in the index."""
    track_uri: constraints.AtUri | None = Field(default=None, alias="trackUri")
    """AT-URI of the song record."""
    cover: constraints.Uri | None = None
    """Address of the cover image; the same as `albumArt`."""
    date: constraints.Datetime | None = None
    """When the play began."""
    created_at: constraints.Datetime | None = Field(default=None, alias="createdAt")
    """When the play began, as the record has it."""
    uri: constraints.Uri | None = None
    """AT-URI of the scrobble record."""
    sha256: str | None = None
    """Identity of the song: SHA-256, in hex, of the lower-cased `title - artist - album`."""
    liked: bool | None = None
    """Whether the caller likes the song. False when nobody is signed in."""
    likes_count: constraints.Int | None = Field(default=None, alias="likesCount")
    """How many accounts like the song."""
    duration: constraints.Int | None = None
    """Length of the track in milliseconds. Absent when unknown."""
    track_number: constraints.Int | None = Field(default=None, alias="trackNumber")
    """Position on its disc, counted from 1."""
    disc_number: constraints.Int | None = Field(default=None, alias="discNumber")
    """Number of the disc, counted from 1."""
    release_date: str | None = Field(default=None, alias="releaseDate")
    """Day of the release, `YYYY-MM-DD`."""
    year: constraints.Int | None = None
    """Year of the release."""
    mb_id: str | None = Field(default=None, alias="mbId")
    """MusicBrainz recording id."""
    isrc: str | None = None
    """International Standard Recording Code."""
    genre: str | None = None
    """Main genre of the track."""
    tags: list[str] | None = None
    """Genres and other tags of the track."""
    composer: str | None = None
    """Name of the composer."""
    label: str | None = None
    """Record label."""
    copyright_message: str | None = Field(default=None, alias="copyrightMessage")
    """Copyright line of the release."""
    spotify_link: constraints.Uri | None = Field(default=None, alias="spotifyLink")
    """Address of the track on Spotify."""
    lastfm_link: constraints.Uri | None = Field(default=None, alias="lastfmLink")
    """Address of the track on Last.fm."""
    tidal_link: constraints.Uri | None = Field(default=None, alias="tidalLink")
    """Address of the track on Tidal."""
    apple_music_link: constraints.Uri | None = Field(default=None, alias="appleMusicLink")
    """Address of the track on Apple Music."""
    youtube_link: constraints.Uri | None = Field(default=None, alias="youtubeLink")
    """Address of the track on YouTube."""
    deezer_link: constraints.Uri | None = Field(default=None, alias="deezerLink")
    """Address of the track on Deezer."""
    lyrics: str | None = None
    """Lyrics as plain text."""
    artists: list[artist_defs.ArtistViewBasic] | None = None
    """The credited artists, in order of their credit."""
    listeners: constraints.Int | None = None
    """How many accounts have played the song."""
    scrobbles: constraints.Int | None = None
    """How many times the song has been played, over all accounts."""
    first_scrobble: FirstScrobbleView | None = Field(default=None, alias="firstScrobble")
    """The first play of the song by anyone."""
