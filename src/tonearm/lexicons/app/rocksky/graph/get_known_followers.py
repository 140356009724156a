# Generated from lexicons/app/rocksky/graph/getKnownFollowers.json by scripts/codegen. Do not edit.
"""`app.rocksky.graph.getKnownFollowers`, a query.

List the followers of an account that the signed-in account follows, latest follow first. Empty when nobody is signed
in.
"""

from typing import Annotated, Final

from tonearm.lexicons.app.rocksky.actor import defs as actor_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.graph.getKnownFollowers"


class Params(models.Params):
    """Parameters."""

    actor: constraints.AtIdentifier
    """The account: a DID or a handle."""
    limit: Annotated[int, constraints.Integer(minimum=1)] = 50
    """Most items to return. A higher value than 1000 is taken as 1000."""
    cursor: str | None = None
    """Where the last page ended: the `cursor` of its answer."""


class Output(models.Output):
    """The output."""

    subject: actor_defs.ProfileViewBasic
    """The account that was asked about."""
    followers: list[actor_defs.ProfileViewBasic]
    """Latest follow first."""
    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("ActorNotFound", "InvalidCursor"))
"""Errors:

ActorNotFound: No account with this DID or handle is known.

InvalidCursor: The cursor was not made by this method.
"""
