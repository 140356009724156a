# Generated from lexicons/app/rocksky/feed/getFeedSkeleton.json by scripts/codegen. Do not edit.
"""`app.rocksky.feed.getFeedSkeleton`, a query.

Read a feed that this server makes, as a feed reader asks for it.
"""

from typing import Annotated, Final

from tonearm.lexicons.app.rocksky.scrobble import defs as scrobble_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.feed.getFeedSkeleton"


class Params(models.Params):
    """Parameters."""

    limit: Annotated[int, constraints.Integer(minimum=1)] = 50
    """Most items to return. A higher value than 1000 is taken as 1000."""
    offset: Annotated[int, constraints.Integer(minimum=0)] | None = None
    """How many items to skip. Ignored when a cursor is given."""
    cursor: str | None = None
    """Where the last page ended: the `cursor` of its answer."""
    feed: constraints.AtUri
    """AT-URI of the feed generator record."""


class Output(models.Output):
    """The output."""

    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""
    scrobbles: list[scrobble_defs.ScrobbleViewBasic] | None = None
    """In the feed's order; only `uri` is sure to be present."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("UnknownFeed", "InvalidCursor"))
"""Errors:

UnknownFeed: No feed with this AT-URI is known.

InvalidCursor: The cursor was not made by this method.
"""
