# Generated from lexicons/app/rocksky/feed/describeFeedGenerator.json by scripts/codegen. Do not edit.
"""`app.rocksky.feed.describeFeedGenerator`, a query.

Tell which feeds this server offers.
"""

from typing import Final

from tonearm.lexicons.app.rocksky.feed import defs as feed_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.feed.describeFeedGenerator"


class Params(models.Params):
    """No parameters."""


class Output(models.Output):
    """The output."""

    did: constraints.AtIdentifier | None = None
    """DID of the service."""
    feeds: list[feed_defs.FeedUriView] | None = None
    """The feeds."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output)
