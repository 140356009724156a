# Generated from lexicons/app/rocksky/actor/getActorAlbums.json by scripts/codegen. Do not edit.
"""`app.rocksky.actor.getActorAlbums`, a query.

List the albums that an account has played most, most played first.
"""

from typing import Annotated, Final

from pydantic import Field

from tonearm.lexicons.app.rocksky.album import defs as album_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.actor.getActorAlbums"


class Params(models.Params):
    """Parameters."""

    did: constraints.AtIdentifier
    """The account: a DID or a handle."""
    start_date: constraints.Datetime | None = Field(default=None, alias="startDate")
    """Count only plays from this moment on, inclusive."""
    end_date: constraints.Datetime | None = Field(default=None, alias="endDate")
    """Count only plays before this moment, exclusive."""
    limit: Annotated[int, constraints.Integer(minimum=1)] = 10
    """Most items to return. A higher value than 1000 is taken as 1000."""
    offset: Annotated[int, constraints.Integer(minimum=0)] | None = None
    """How many items to skip. Ignored when a cursor is given."""
    cursor: str | None = None
    """Where the last page ended: the `cursor` of its answer."""


class Output(models.Output):
    """The output."""

    albums: list[album_defs.AlbumViewBasic] | None = None
    """Most played first."""
    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""


METHOD: Query[Params, Output] = Query(
    NSID, Params, Output, errors=("ActorNotFound", "InvalidDateRange", "InvalidCursor")
)
"""Errors:

ActorNotFound: No account with this DID or handle is known.

InvalidDateRange: A date cannot be read, or the range ends before it begins.

InvalidCursor: The cursor was not made by this method.
"""
