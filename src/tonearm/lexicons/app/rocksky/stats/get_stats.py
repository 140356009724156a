# Generated from lexicons/app/rocksky/stats/getStats.json by scripts/codegen. Do not edit.
"""`app.rocksky.stats.getStats`, a query.

Get figures on an account.
"""

from typing import Final, TypeAlias

from tonearm.lexicons.app.rocksky.stats import defs as stats_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.stats.getStats"


class Params(models.Params):
    """Parameters."""

    did: constraints.AtIdentifier
    """The account: a DID or a handle."""


Output: TypeAlias = stats_defs.StatsView

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("ActorNotFound",))
"""Errors:

ActorNotFound: No account with this DID or handle is known.
"""
