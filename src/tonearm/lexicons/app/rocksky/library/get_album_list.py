# Generated from lexicons/app/rocksky/library/getAlbumList.json by scripts/codegen. Do not edit.
"""`app.rocksky.library.getAlbumList`, a query.

List albums of the music library.
"""

from typing import Annotated, Final

from pydantic import Field

from tonearm.xrpc import constraints, models, values
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.library.getAlbumList"


class Params(models.Params):
    """Parameters."""

    genre: str | None = None
    """With `byGenre`: the genre."""
    size: constraints.Int | None = None
    """Most albums to return."""
    offset: Annotated[int, constraints.Integer(minimum=0)] | None = None
    """How many albums to skip."""
    from_year: constraints.Int | None = Field(default=None, alias="fromYear")
    """With `byYear`: the first year; a later one than `toYear` reverses the order."""
    to_year: constraints.Int | None = Field(default=None, alias="toYear")
    """With `byYear`: the last year."""
    type: str
    """Which albums, in which order: `random`, `newest`, `highest`, `frequent`, `recent`, `alphabeticalByName`,
    `alphabeticalByArtist`, `starred`, `byYear` or `byGenre`.
    """


class Output(models.Output):
    """The output."""

    status: str | None = None
    """`ok`; a failure is answered as an error instead."""
    version: str | None = None
    """Version of the Subsonic protocol that the payload follows."""
    type: str | None = None
    """Kind of library server."""
    album_list2: values.UnknownObject | None = Field(default=None, alias="albumList2")
    """The albums."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("LibraryNotAvailable",))
"""Errors:

LibraryNotAvailable: No music library is connected for this account, or it cannot be reached now.
"""
