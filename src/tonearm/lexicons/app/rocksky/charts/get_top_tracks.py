# Generated from lexicons/app/rocksky/charts/getTopTracks.json by scripts/codegen. Do not edit.
"""`app.rocksky.charts.getTopTracks`, a query.

List the songs with the most different listeners.
"""

from typing import Annotated, Final

from pydantic import Field

from tonearm.lexicons.app.rocksky.song import defs as song_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.charts.getTopTracks"


class Params(models.Params):
    """Parameters."""

    start_date: constraints.Datetime | None = Field(default=None, alias="startDate")
    """Count only plays from this moment on, inclusive."""
    end_date: constraints.Datetime | None = Field(default=None, alias="endDate")
    """Count only plays before this moment, exclusive."""
    limit: Annotated[int, constraints.Integer(minimum=1)] = 50
    """Most items to return. A higher value than 1000 is taken as 1000."""
    offset: Annotated[int, constraints.Integer(minimum=0)] | None = None
    """How many items to skip. Ignored when a cursor is given."""
    cursor: str | None = None
    """Where the last page ended: the `cursor` of its answer."""


class Output(models.Output):
    """The output."""

    tracks: list[song_defs.SongViewBasic] | None = None
    """Most listeners first; among equals, most plays first."""
    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("InvalidDateRange", "InvalidCursor"))
"""Errors:

InvalidDateRange: A date cannot be read, or the range ends before it begins.

InvalidCursor: The cursor was not made by this method.
"""
