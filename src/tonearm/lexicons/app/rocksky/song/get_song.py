# Generated from lexicons/app/rocksky/song/getSong.json by scripts/codegen. Do not edit.
"""`app.rocksky.song.getSong`, a query.

Get a song by its AT-URI, MusicBrainz id, ISRC or Spotify id. The first of these that is given counts.
"""

from typing import Final, TypeAlias

from pydantic import Field

from tonearm.lexicons.app.rocksky.song import defs as song_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.song.getSong"


class Params(models.Params):
    """Parameters."""

    uri: constraints.AtUri | None = None
    """AT-URI of the song record."""
    mbid: str | None = None
    """MusicBrainz recording id."""
    isrc: str | None = None
    """International Standard Recording Code."""
    spotify_id: str | None = Field(default=None, alias="spotifyId")
    """Spotify's identifier of the track."""


Output: TypeAlias = song_defs.SongViewDetailed

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("RecordNotFound",))
"""Errors:

RecordNotFound: No record with this AT-URI is known.
"""
