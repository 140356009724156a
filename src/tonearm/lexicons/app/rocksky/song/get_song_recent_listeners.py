# Generated from lexicons/app/rocksky/song/getSongRecentListeners.json by scripts/codegen. Do not edit.
"""`app.rocksky.song.getSongRecentListeners`, a query.

List the accounts that have played a song, latest play first.
"""

from typing import Final

from tonearm.lexicons.app.rocksky.song import defs as song_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.song.getSongRecentListeners"


class Params(models.Params):
    """Parameters."""

    uri: constraints.AtUri
    """AT-URI of the song record."""
    limit: constraints.Int = 20
    """Most items to return. A higher value than 1000 is taken as 1000, a lower one than 1 as 1."""
    offset: constraints.Int | None = None
    """How many items to skip. Ignored when a cursor is given. A negative value is taken as 0."""
    cursor: str | None = None
    """Where the last page ended: the `cursor` of its answer."""


class Output(models.Output):
    """The output."""

    listeners: list[song_defs.RecentListenerView] | None = None
    """Latest play first."""
    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("RecordNotFound", "InvalidCursor"))
"""Errors:

RecordNotFound: No record with this AT-URI is known.

InvalidCursor: The cursor was not made by this method.
"""
