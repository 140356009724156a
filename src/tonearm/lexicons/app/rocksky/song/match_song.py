# Generated from lexicons/app/rocksky/song/matchSong.json by scripts/codegen. Do not edit.
"""`app.rocksky.song.matchSong`, a query.

Find the song that a title and an artist mean, in the index and in outside catalogues.
"""

from typing import Final, TypeAlias

from pydantic import Field

from tonearm.lexicons.app.rocksky.song import defs as song_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.song.matchSong"


class Params(models.Params):
    """Parameters."""

    title: str
    """Title of the track."""
    artist: str
    """Name of the artist."""
    mb_id: str | None = Field(default=None, alias="mbId")
    """MusicBrainz recording id; it decides where it is known."""
    isrc: str | None = None
    """International Standard Recording Code; it decides where it is known."""


Output: TypeAlias = song_defs.SongViewDetailed

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("SongNotFound",))
"""Errors:

SongNotFound: Nothing matches.
"""
