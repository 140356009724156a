# Generated from lexicons/app/rocksky/scrobble/createScrobble.json by scripts/codegen. Do not edit.
"""`app.rocksky.scrobble.createScrobble`, a procedure.

Keep one play of the signed-in account. When the call has answered, the play is durable and stands in history; its
record reaches the account's repository soon after, also when that repository cannot be reached now. Sending the same
play again gives the same scrobble: plays of one song that began in the same second are one.
"""

from typing import ClassVar, Final

from pydantic import Field

from tonearm.lexicons.app.tonearm import defs as tonearm_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.scrobble.createScrobble"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    NULLABLE: ClassVar[frozenset[str]] = frozenset(
        {
            "album",
            "album_artist",
            "artists",
            "duration",
            "mb_id",
            "isrc",
            "album_art",
            "track_number",
            "release_date",
            "year",
            "disc_number",
            "lyrics",
            "composer",
            "copyright_message",
            "label",
            "artist_picture",
            "spotify_link",
            "lastfm_link",
            "tidal_link",
            "apple_music_link",
            "youtube_link",
            "deezer_link",
            "genres",
            "timestamp",
        },
    )

    title: str
    """Title of the track. Surrounding white space is removed, as from every text field here."""
    artist: str
    """Name of the artist as credited on the track."""
    album: str | None = None
    """Title of the album. Without it the play is kept as one on an unknown album."""
    album_artist: str | None = Field(default=None, alias="albumArtist")
    """Name of the album's artist. Without it, the track's artist is taken."""
    artists: list[tonearm_defs.ArtistCredit] | None = None
    """The credited artists one by one, in order of their credit."""
    duration: constraints.Int | None = None
    """Length of the track in milliseconds. 0 or absent means unknown."""
    mb_id: str | None = Field(default=None, alias="mbId")
    """MusicBrainz recording id."""
    isrc: str | None = None
    """International Standard Recording Code."""
    album_art: constraints.Uri | None = Field(default=None, alias="albumArt")
    """Address of the cover image."""
    track_number: constraints.Int | None = Field(default=None, alias="trackNumber")
    """Position on its disc, counted from 1. 0 means unknown."""
    release_date: str | None = Field(default=None, alias="releaseDate")
    """Day of the release, `YYYY-MM-DD`."""
    year: constraints.Int | None = None
    """Year of the release."""
    disc_number: constraints.Int | None = Field(default=None, alias="discNumber")
    """Number of the disc, counted from 1. 0 means unknown."""
    lyrics: str | None = None
    """Lyrics as plain text."""
    composer: str | None = None
    """Name of the composer."""
    copyright_message: str | None = Field(default=None, alias="copyrightMessage")
    """Copyright line of the release."""
    label: str | None = None
    """Record label."""
    artist_picture: constraints.Uri | None = Field(default=None, alias="artistPicture")
    """Address of a picture of the artist."""
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
    genres: list[str] | None = None
    """Genres of the track. They become the record's tags."""
    timestamp: constraints.Int | None = None
    """When the play began, in Unix seconds. A value too large for seconds is read as milliseconds; absent or 0 means
    now.
    """


class Output(models.Output):
    """The scrobble that was kept, or the earlier one that this play repeats."""

    id: str
    """Identifier of the scrobble in the index."""
    user: str
    """Handle of the listener."""
    user_display_name: str = Field(alias="userDisplayName")
    """Display name of the listener; the handle where none is set."""
    user_avatar: constraints.Uri = Field(alias="userAvatar")
    """Address of the listener's avatar."""
    title: str
    """Title of the track."""
    artist: str
    """Name of the artist as credited."""
    artist_uri: constraints.AtUri = Field(alias="artistUri")
    """AT-URI of the artist record."""
    album: str
    """Title of the album."""
    album_uri: constraints.AtUri = Field(alias="albumUri")
    """AT-URI of the album record."""
    cover: constraints.Uri
    """Address of the cover image; the same as `albumArt`."""
    date: constraints.Datetime
    """When the play began."""
    uri: constraints.Uri
    """AT-URI of the scrobble record."""
    sha256: str
    """Identity of the song: SHA-256, in hex, of the lower-cased `title - artist - album`."""
    liked: bool
    """Whether the caller likes the song. False when nobody is signed in."""
    likes_count: constraints.Int = Field(alias="likesCount")
    """How many accounts like the song."""
    album_artist: str | None = Field(default=None, alias="albumArtist")
    """Name of the album's artist."""
    track_id: str | None = Field(default=None, alias="trackId")
    """Identifier of the song in the index."""
    track_uri: constraints.AtUri | None = Field(default=None, alias="trackUri")
    """AT-URI of the song record."""
    album_art: constraints.Uri | None = Field(default=None, alias="albumArt")
    """Address of the cover image."""
    did: constraints.AtIdentifier | None = None
    """DID of the listener."""
    handle: str | None = None
    """Handle of the listener; the same as `user`."""
    avatar: constraints.Uri | None = None
    """Address of the listener's avatar; the same as `userAvatar`."""
    timestamp: constraints.Datetime | None = None
    """When the play began; the same as `date`."""
    created_at: constraints.Datetime | None = Field(default=None, alias="createdAt")
    """When the play began, as the record has it."""
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


METHOD: Procedure[Params, Input, Output] = Procedure(
    NSID, Params, Input, Output, errors=("InvalidScrobble", "TimestampOutOfRange")
)
"""Errors:

InvalidScrobble: The play cannot be kept as it is: an empty title or artist, or a field whose value makes no sense.
The message names the field.

TimestampOutOfRange: The play is dated before 2002-10-20 or more than an hour ahead of the server's clock.
"""
