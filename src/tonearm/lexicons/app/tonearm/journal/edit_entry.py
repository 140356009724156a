# Generated from lexicons/app/tonearm/journal/editEntry.json by scripts/codegen. Do not edit.
"""`app.tonearm.journal.editEntry`, a procedure.

Correct the play of an entry and try it again. Fields that are left out or null stay as they are. What was submitted
is kept beside the correction.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.lexicons.app.tonearm import defs as tonearm_defs
from tonearm.lexicons.app.tonearm.journal import defs as journal_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.tonearm.journal.editEntry"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    NULLABLE: ClassVar[frozenset[str]] = frozenset(
        {
            "title",
            "artist",
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

    id: str
    """Identifier of the entry."""
    title: str | None = None
    """Title of the track. An empty one is refused."""
    artist: str | None = None
    """Name of the artist as credited on the track. An empty one is refused."""
    album: str | None = None
    """Title of the album."""
    album_artist: str | None = Field(default=None, alias="albumArtist")
    """Name of the album's artist."""
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
    """When the play began, in Unix seconds. A value too large for seconds is read as milliseconds."""
    clear: Annotated[list[Annotated[str, constraints.Text(max_bytes=64)]], constraints.Items(maximum=32)] | None = None
    """Names of fields to make unknown, such as `album`. `title`, `artist` and `timestamp` cannot be."""


class Output(models.Output):
    """The output."""

    entry: journal_defs.EntryView
    """The entry with the corrected record, waiting again. Its identifier stays; its AT-URI changes when the time or the
    song does.
    """


METHOD: Procedure[Params, Input, Output] = Procedure(
    NSID,
    Params,
    Input,
    Output,
    errors=("EntryNotFound", "EntryNotEditable", "InvalidScrobble", "TimestampOutOfRange", "DuplicateScrobble"),
)
"""Errors:

EntryNotFound: The signed-in account's queue has no such entry.

EntryNotEditable: The entry is not a play, is being written at this moment, or may already have reached the
repository.

InvalidScrobble: The play cannot be kept as it is: an empty title or artist, or a field whose value makes no sense.
The message names the field.

TimestampOutOfRange: The play is dated before 2002-10-20 or more than an hour ahead of the server's clock.

DuplicateScrobble: The corrected play is one that the account already has.
"""
