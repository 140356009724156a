# Generated from lexicons/app/rocksky/feed/getFeedGenerators.json by scripts/codegen. Do not edit.
"""`app.rocksky.feed.getFeedGenerators`, a query.

List the known feeds.
"""

from typing import Annotated, Final, TypeAlias

from tonearm.lexicons.app.rocksky.feed import defs as feed_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.feed.getFeedGenerators"


class Params(models.Params):
    """Parameters."""

    size: Annotated[int, constraints.Integer(minimum=1)] = 100
    """Most items to return. A higher value than 1000 is taken as 1000."""
    cursor: str | None = None
    """Where the last page ended: the `cursor` of its answer."""


Output: TypeAlias = feed_defs.FeedGeneratorsView

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("InvalidCursor",))
"""Errors:

InvalidCursor: The cursor was not made by this method.
"""
