# Generated from lexicons/app/rocksky/graph/getFollows.json by scripts/codegen. Do not edit.
"""`app.rocksky.graph.getFollows`, a query.

List the accounts that an account follows, latest follow first.
"""

from typing import Annotated, Final

from tonearm.lexicons.app.rocksky.actor import defs as actor_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.graph.getFollows"


class Params(models.Params):
    """Parameters."""

    actor: constraints.AtIdentifier
    """The account: a DID or a handle."""
    limit: Annotated[int, constraints.Integer(minimum=1)] = 50
    """Most items to return. A higher value than 1000 is taken as 1000."""
    cursor: str | None = None
    """Where the last page ended: the `cursor` of its answer."""
    dids: list[constraints.Did] | None = None
    """Only these accounts."""


class Output(models.Output):
    """The output."""

    subject: actor_defs.ProfileViewBasic
    """The account that was asked about."""
    follows: list[actor_defs.ProfileViewBasic]
    """Latest follow first."""
    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""
    count: constraints.Int | None = None
    """Number of accounts in all, over all pages."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("ActorNotFound", "InvalidCursor"))
"""Errors:

ActorNotFound: No account with this DID or handle is known.

InvalidCursor: The cursor was not made by this method.
"""
