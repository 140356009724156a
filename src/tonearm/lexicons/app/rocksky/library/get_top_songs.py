# Generated from lexicons/app/rocksky/library/getTopSongs.json by scripts/codegen. Do not edit.
"""`app.rocksky.library.getTopSongs`, a query.

List the most played songs of an artist in the music library.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import constraints, models, values
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.library.getTopSongs"


class Params(models.Params):
    """Parameters."""

    artist: str
    """Name of the artist."""
    count: constraints.Int | None = None
    """Most songs to return."""


class Output(models.Output):
    """The output."""

    status: str | None = None
    """`ok`; a failure is answered as an error instead."""
    version: str | None = None
    """Version of the Subsonic protocol that the payload follows."""
    type: str | None = None
    """Kind of library server."""
    top_songs: values.UnknownObject | None = Field(default=None, alias="topSongs")
    """The songs."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("LibraryNotAvailable",))
"""Errors:

LibraryNotAvailable: No music library is connected for this account, or it cannot be reached now.
"""
