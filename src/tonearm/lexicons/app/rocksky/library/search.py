# Generated from lexicons/app/rocksky/library/search.json by scripts/codegen. Do not edit.
"""`app.rocksky.library.search`, a query.

Search the music library.
"""

from typing import Annotated, Final

from pydantic import Field

from tonearm.xrpc import constraints, models, values
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.library.search"


class Params(models.Params):
    """Parameters."""

    album_count: constraints.Int | None = Field(default=None, alias="albumCount")
    """Most albums to return."""
    album_offset: Annotated[int, constraints.Integer(minimum=0)] | None = Field(default=None, alias="albumOffset")
    """How many albums to skip."""
    artist_count: constraints.Int | None = Field(default=None, alias="artistCount")
    """Most artists to return."""
    artist_offset: Annotated[int, constraints.Integer(minimum=0)] | None = Field(default=None, alias="artistOffset")
    """How many artists to skip."""
    query: str
    """What to look for."""
    song_count: constraints.Int | None = Field(default=None, alias="songCount")
    """Most songs to return."""
    song_offset: Annotated[int, constraints.Integer(minimum=0)] | None = Field(default=None, alias="songOffset")
    """How many songs to skip."""


class Output(models.Output):
    """The output."""

    status: str | None = None
    """`ok`; a failure is answered as an error instead."""
    version: str | None = None
    """Version of the Subsonic protocol that the payload follows."""
    type: str | None = None
    """Kind of library server."""
    search_result3: values.UnknownObject | None = Field(default=None, alias="searchResult3")
    """Artists, albums and songs that match."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("LibraryNotAvailable",))
"""Errors:

LibraryNotAvailable: No music library is connected for this account, or it cannot be reached now.
"""
