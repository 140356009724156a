# Generated from lexicons/app/rocksky/stats/getWrapped.json by scripts/codegen. Do not edit.
"""`app.rocksky.stats.getWrapped`, a query.

Get the review of an account's year.
"""

from typing import Annotated, Final, TypeAlias

from tonearm.lexicons.app.rocksky.stats import defs as stats_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.stats.getWrapped"


class Params(models.Params):
    """Parameters."""

    did: constraints.AtIdentifier
    """The account: a DID or a handle."""
    year: Annotated[int, constraints.Integer(minimum=2000)] | None = None
    """The year; without it, the present one."""


Output: TypeAlias = stats_defs.WrappedView

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("ActorNotFound",))
"""Errors:

ActorNotFound: No account with this DID or handle is known.
"""
