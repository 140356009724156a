# Generated from lexicons/app/rocksky/actor/getActorPlaylists.json by scripts/codegen. Do not edit.
"""`app.rocksky.actor.getActorPlaylists`, a query.

List the playlists of an account, newest first.
"""

from typing import Annotated, Final

from tonearm.lexicons.app.rocksky.playlist import defs as playlist_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.actor.getActorPlaylists"


class Params(models.Params):
    """Parameters."""

    did: constraints.AtIdentifier
    """The account: a DID or a handle."""
    limit: Annotated[int, constraints.Integer(minimum=1)] = 20
    """Most items to return. A higher value than 1000 is taken as 1000."""
    offset: Annotated[int, constraints.Integer(minimum=0)] | None = None
    """How many items to skip. Ignored when a cursor is given."""
    cursor: str | None = None
    """Where the last page ended: the `cursor` of its answer."""


class Output(models.Output):
    """The output."""

    playlists: list[playlist_defs.PlaylistViewBasic] | None = None
    """Newest first."""
    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("ActorNotFound", "InvalidCursor"))
"""Errors:

ActorNotFound: No account with this DID or handle is known.

InvalidCursor: The cursor was not made by this method.
"""
