# Generated from lexicons/app/rocksky/song/createSong.json by scripts/codegen. Do not edit.
"""`app.rocksky.song.createSong`, a procedure.

Make a song's record, and those of its artist and album, in the signed-in account's repository without scrobbling it.
Sending the same song again changes nothing.
"""

from typing import Final, TypeAlias

from pydantic import Field

from tonearm.lexicons.app.rocksky.song import defs as song_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.song.createSong"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    title: str
    """Title of the track."""
    artist: str
    """Name of the artist as credited on the track."""
    album_artist: str = Field(alias="albumArtist")
    """Name of the album's artist."""
    album: str
    """Title of the album."""
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


Output: TypeAlias = song_defs.SongViewDetailed

METHOD: Procedure[Params, Input, Output] = Procedure(NSID, Params, Input, Output, errors=("InvalidSong",))
"""Errors:

InvalidSong: The song cannot be kept as it is. The message names the field.
"""
