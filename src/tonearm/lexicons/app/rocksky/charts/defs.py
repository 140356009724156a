# Generated from lexicons/app/rocksky/charts/defs.json by scripts/codegen. Do not edit.
"""`app.rocksky.charts.defs`.

Views of charts.
"""

from typing import ClassVar, Final

from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.charts.defs"


class ScrobbleViewBasic(models.Object):
    """The plays of one day."""

    TYPE: ClassVar[str] = "app.rocksky.charts.defs#scrobbleViewBasic"

    date: constraints.Datetime | None = None
    """Start of the day in UTC."""
    count: constraints.Int | None = None
    """Number of plays on that day."""


class ChartsView(models.Object):
    """Plays over time."""

    TYPE: ClassVar[str] = "app.rocksky.charts.defs#chartsView"

    scrobbles: list[ScrobbleViewBasic] | None = None
    """One entry for each UTC day that has plays, oldest first; days without plays are left out."""
