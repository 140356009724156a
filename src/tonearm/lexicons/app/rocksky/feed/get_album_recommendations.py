# Generated from lexicons/app/rocksky/feed/getAlbumRecommendations.json by scripts/codegen. Do not edit.
"""`app.rocksky.feed.getAlbumRecommendations`, a query.

Recommend albums to an account, from what it and accounts with similar taste play.
"""

from typing import Annotated, Final, TypeAlias

from tonearm.lexicons.app.rocksky.feed import defs as feed_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.feed.getAlbumRecommendations"


class Params(models.Params):
    """Parameters."""

    did: str
    """The account: a DID or a handle."""
    limit: Annotated[int, constraints.Integer(minimum=1)] = 50
    """Most items to return. A higher value than 100 is taken as 100."""
    cursor: str | None = None
    """Where the last page ended: the `cursor` of its answer."""


Output: TypeAlias = feed_defs.RecommendedAlbumsView

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("ActorNotFound", "InvalidCursor"))
"""Errors:

ActorNotFound: No account with this DID or handle is known.

InvalidCursor: The cursor was not made by this method.
"""
