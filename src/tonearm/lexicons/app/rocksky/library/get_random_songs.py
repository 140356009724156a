# Generated from lexicons/app/rocksky/library/getRandomSongs.json by scripts/codegen. Do not edit.
"""`app.rocksky.library.getRandomSongs`, a query.

List songs of the music library at random.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import constraints, models, values
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.library.getRandomSongs"


class Params(models.Params):
    """Parameters."""

    genre: str | None = None
    """Only items with this genre."""
    size: constraints.Int | None = None
    """Most songs to return."""
    from_year: constraints.Int | None = Field(default=None, alias="fromYear")
    """Only releases of this year or later."""
    to_year: constraints.Int | None = Field(default=None, alias="toYear")
    """Only releases of this year or earlier."""


class Output(models.Output):
    """The output."""

    status: str | None = None
    """`ok`; a failure is answered as an error instead."""
    version: str | None = None
    """Version of the Subsonic protocol that the payload follows."""
    type: str | None = None
    """Kind of library server."""
    random_songs: values.UnknownObject | None = Field(default=None, alias="randomSongs")
    """The songs."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("LibraryNotAvailable",))
"""Errors:

LibraryNotAvailable: No music library is connected for this account, or it cannot be reached now.
"""
