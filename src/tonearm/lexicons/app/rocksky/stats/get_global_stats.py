# Generated from lexicons/app/rocksky/stats/getGlobalStats.json by scripts/codegen. Do not edit.
"""`app.rocksky.stats.getGlobalStats`, a query.

Get figures over all accounts.
"""

from typing import Final, TypeAlias

from tonearm.lexicons.app.rocksky.stats import defs as stats_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.stats.getGlobalStats"


class Params(models.Params):
    """No parameters."""


Output: TypeAlias = stats_defs.GlobalStatsView

METHOD: Query[Params, Output] = Query(NSID, Params, Output)
