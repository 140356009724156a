# Generated from lexicons/app/rocksky/feed/getFeed.json by scripts/codegen. Do not edit.
"""`app.rocksky.feed.getFeed`, a query.

Read a feed: scrobbles in the order that its generator gives them.
"""

from typing import Annotated, Final, TypeAlias

from tonearm.lexicons.app.rocksky.feed import defs as feed_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.feed.getFeed"


class Params(models.Params):
    """Parameters."""

    limit: Annotated[int, constraints.Integer(minimum=1)] = 50
    """Most items to return. A higher value than 1000 is taken as 1000."""
    cursor: str | None = None
    """Where the last page ended: the `cursor` of its answer."""
    feed: constraints.AtUri
    """AT-URI of the feed generator record."""


Output: TypeAlias = feed_defs.FeedView

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("UnknownFeed", "InvalidCursor", "FeedNotAvailable"))
"""Errors:

UnknownFeed: No feed with this AT-URI is known.

InvalidCursor: The cursor was not made by this method.

FeedNotAvailable: The service that makes the feed does not answer.
"""
