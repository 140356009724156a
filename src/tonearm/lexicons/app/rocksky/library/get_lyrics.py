# Generated from lexicons/app/rocksky/library/getLyrics.json by scripts/codegen. Do not edit.
"""`app.rocksky.library.getLyrics`, a query.

Get the lyrics of a song.
"""

from typing import Final

from tonearm.xrpc import models, values
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.library.getLyrics"


class Params(models.Params):
    """Parameters."""

    title: str | None = None
    """Title of the song."""
    artist: str | None = None
    """Name of the artist."""


class Output(models.Output):
    """The output."""

    status: str | None = None
    """`ok`; a failure is answered as an error instead."""
    version: str | None = None
    """Version of the Subsonic protocol that the payload follows."""
    type: str | None = None
    """Kind of library server."""
    lyrics: values.UnknownObject | None = None
    """The lyrics; without text where none are known."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("LibraryNotAvailable",))
"""Errors:

LibraryNotAvailable: No music library is connected for this account, or it cannot be reached now.
"""
