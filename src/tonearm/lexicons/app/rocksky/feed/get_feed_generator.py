# Generated from lexicons/app/rocksky/feed/getFeedGenerator.json by scripts/codegen. Do not edit.
"""`app.rocksky.feed.getFeedGenerator`, a query.

Get a feed's description.
"""

from typing import Final

from tonearm.lexicons.app.rocksky.feed import defs as feed_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.feed.getFeedGenerator"


class Params(models.Params):
    """Parameters."""

    feed: constraints.AtUri
    """AT-URI of the feed generator record."""


class Output(models.Output):
    """The output."""

    view: feed_defs.FeedGeneratorView | None = None
    """The feed."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("UnknownFeed",))
"""Errors:

UnknownFeed: No feed with this AT-URI is known.
"""
