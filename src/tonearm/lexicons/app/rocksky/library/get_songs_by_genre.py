# Generated from lexicons/app/rocksky/library/getSongsByGenre.json by scripts/codegen. Do not edit.
"""`app.rocksky.library.getSongsByGenre`, a query.

List the songs of a genre in the music library.
"""

from typing import Annotated, Final

from pydantic import Field

from tonearm.xrpc import constraints, models, values
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.library.getSongsByGenre"


class Params(models.Params):
    """Parameters."""

    genre: str
    """The genre."""
    offset: Annotated[int, constraints.Integer(minimum=0)] | None = None
    """How many songs to skip."""
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
    songs_by_genre: values.UnknownObject | None = Field(default=None, alias="songsByGenre")
    """The songs."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("LibraryNotAvailable",))
"""Errors:

LibraryNotAvailable: No music library is connected for this account, or it cannot be reached now.
"""
