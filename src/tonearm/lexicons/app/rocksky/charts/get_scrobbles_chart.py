# Generated from lexicons/app/rocksky/charts/getScrobblesChart.json by scripts/codegen. Do not edit.
"""`app.rocksky.charts.getScrobblesChart`, a query.

Count plays by UTC day. Of `did`, `artisturi`, `albumuri`, `songuri` and `genre`, the first that is given says whose
plays; with none of them, everybody's.
"""

from typing import Final, TypeAlias

from pydantic import Field

from tonearm.lexicons.app.rocksky.charts import defs as charts_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.charts.getScrobblesChart"


class Params(models.Params):
    """Parameters."""

    did: constraints.AtIdentifier | None = None
    """Plays of this account: a DID or a handle."""
    genre: str | None = None
    """Plays of artists with this genre."""
    from_: str | None = Field(default=None, alias="from")
    """First day, inclusive, `YYYY-MM-DD` in UTC. Without it, six months before `to`."""
    to: str | None = None
    """Last day, inclusive, `YYYY-MM-DD` in UTC. Without it, today."""
    albumuri: constraints.AtUri | None = None
    """Plays of this album."""
    artisturi: constraints.AtUri | None = None
    """Plays of this artist."""
    songuri: constraints.AtUri | None = None
    """Plays of this song; the AT-URI of one of its scrobbles will do."""


Output: TypeAlias = charts_defs.ChartsView

METHOD: Query[Params, Output] = Query(
    NSID, Params, Output, errors=("ActorNotFound", "RecordNotFound", "InvalidDateRange")
)
"""Errors:

ActorNotFound: No account with this DID or handle is known.

RecordNotFound: No record with this AT-URI is known.

InvalidDateRange: A date cannot be read, or the range ends before it begins.
"""
