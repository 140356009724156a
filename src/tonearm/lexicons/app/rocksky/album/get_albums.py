# Generated from lexicons/app/rocksky/album/getAlbums.json by scripts/codegen. Do not edit.
"""`app.rocksky.album.getAlbums`, a query.

List the known albums.
"""

from typing import Annotated, Final

from tonearm.lexicons.app.rocksky.album import defs as album_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.album.getAlbums"


class Params(models.Params):
    """Parameters."""

    genre: str | None = None
    """Only items with this genre."""
    filter: Annotated[str, constraints.Text(max_bytes=2048)] | None = None
    """RSQL expression: `==` `!=` `<` `<=` `>` `>=` `=in=` `=out=`, joined by `;` (and) or `,` (or), with parentheses;
    `*` in a text value stands for anything. Selectors are the fields of an album.
    """
    limit: Annotated[int, constraints.Integer(minimum=1)] = 100
    """Most items to return. A higher value than 1000 is taken as 1000."""
    offset: Annotated[int, constraints.Integer(minimum=0)] | None = None
    """How many items to skip. Ignored when a cursor is given."""
    cursor: str | None = None
    """Where the last page ended: the `cursor` of its answer."""


class Output(models.Output):
    """The output."""

    albums: list[album_defs.AlbumViewBasic] | None = None
    """Most played first."""
    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("InvalidCursor", "InvalidFilter"))
"""Errors:

InvalidCursor: The cursor was not made by this method.

InvalidFilter: The filter cannot be parsed, or names a field or operator that is not offered. The message says where.
"""
