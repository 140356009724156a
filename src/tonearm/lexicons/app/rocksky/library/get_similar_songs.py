# Generated from lexicons/app/rocksky/library/getSimilarSongs.json by scripts/codegen. Do not edit.
"""`app.rocksky.library.getSimilarSongs`, a query.

List songs of the music library that are similar to those of an artist.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import constraints, models, values
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.library.getSimilarSongs"


class Params(models.Params):
    """Parameters."""

    id: str
    """Identifier of the artist."""
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
    similar_songs2: values.UnknownObject | None = Field(default=None, alias="similarSongs2")
    """The songs."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("LibraryNotAvailable", "ItemNotFound"))
"""Errors:

LibraryNotAvailable: No music library is connected for this account, or it cannot be reached now.

ItemNotFound: The library has no item with this identifier.
"""
