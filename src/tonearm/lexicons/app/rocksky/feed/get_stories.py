# Generated from lexicons/app/rocksky/feed/getStories.json by scripts/codegen. Do not edit.
"""`app.rocksky.feed.getStories`, a query.

List the latest play of each account, newest first.
"""

from typing import Annotated, Final, TypeAlias

from tonearm.lexicons.app.rocksky.feed import defs as feed_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.feed.getStories"


class Params(models.Params):
    """Parameters."""

    following: bool | None = None
    """Only accounts that the signed-in account follows; needs a signed-in account."""
    size: Annotated[int, constraints.Integer(minimum=1)] = 20
    """Most items to return. A higher value than 1000 is taken as 1000."""
    feed: constraints.AtUri | None = None
    """Only plays of this feed."""
    cursor: str | None = None
    """Where the last page ended: the `cursor` of its answer."""


Output: TypeAlias = feed_defs.StoriesView

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("UnknownFeed", "InvalidCursor"))
"""Errors:

UnknownFeed: No feed with this AT-URI is known.

InvalidCursor: The cursor was not made by this method.
"""
