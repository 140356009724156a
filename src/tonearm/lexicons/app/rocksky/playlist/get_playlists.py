# Generated from lexicons/app/rocksky/playlist/getPlaylists.json by scripts/codegen. Do not edit.
"""`app.rocksky.playlist.getPlaylists`, a query.

List the known playlists, newest first.
"""

from typing import Final

from tonearm.lexicons.app.rocksky.playlist import defs as playlist_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.playlist.getPlaylists"


class Params(models.Params):
    """Parameters."""

    limit: constraints.Int = 20
    """Most items to return. A higher value than 1000 is taken as 1000, a lower one than 1 as 1."""
    offset: constraints.Int | None = None
    """How many items to skip. Ignored when a cursor is given. A negative value is taken as 0."""
    cursor: str | None = None
    """Where the last page ended: the `cursor` of its answer."""


class Output(models.Output):
    """The output."""

    playlists: list[playlist_defs.PlaylistViewBasic] | None = None
    """Newest first."""
    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("InvalidCursor",))
"""Errors:

InvalidCursor: The cursor was not made by this method.
"""
