# Generated from lexicons/app/rocksky/feed/getRecommendations.json by scripts/codegen. Do not edit.
"""`app.rocksky.feed.getRecommendations`, a query.

Recommend songs to an account, from what it and accounts with similar taste play.
"""

from typing import Annotated, Final, TypeAlias

from tonearm.lexicons.app.rocksky.feed import defs as feed_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.feed.getRecommendations"


class Params(models.Params):
    """Parameters."""

    did: str
    """The account: a DID or a handle."""
    limit: Annotated[int, constraints.Integer(minimum=1)] = 50
    """Most items to return. A higher value than 100 is taken as 100."""
    cursor: str | None = None
    """Where the last page ended: the `cursor` of its answer."""


Output: TypeAlias = feed_defs.RecommendationsView

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("ActorNotFound", "InvalidCursor"))
"""Errors:

ActorNotFound: No account with this DID or handle is known.

InvalidCursor: The cursor was not made by this method.
"""
