# Generated from lexicons/app/rocksky/feed/search.json by scripts/codegen. Do not edit.
"""`app.rocksky.feed.search`, a query.

Search songs, albums, artists, playlists and accounts by name.
"""

from typing import Annotated, Final, TypeAlias

from tonearm.lexicons.app.rocksky.feed import defs as feed_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.feed.search"


class Params(models.Params):
    """Parameters."""

    query: str
    """What to look for. The last word may be unfinished."""
    limit: Annotated[int, constraints.Integer(minimum=1)] = 20
    """Most items to return. A higher value than 1000 is taken as 1000."""
    offset: Annotated[int, constraints.Integer(minimum=0)] | None = None
    """How many items to skip. Ignored when a cursor is given."""
    cursor: str | None = None
    """Where the last page ended: the `cursor` of its answer."""


Output: TypeAlias = feed_defs.SearchResultsView

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("InvalidCursor",))
"""Errors:

InvalidCursor: The cursor was not made by this method.
"""
