# Generated from lexicons/app/rocksky/scrobble/getScrobbles.json by scripts/codegen. Do not edit.
"""`app.rocksky.scrobble.getScrobbles`, a query.

List the newest scrobbles of all accounts, of one account, or of the accounts that one follows. Newest first; plays
that began in the same second in a fixed order.
"""

from typing import Annotated, Final

from tonearm.lexicons.app.rocksky.scrobble import defs as scrobble_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.scrobble.getScrobbles"


class Params(models.Params):
    """Parameters."""

    did: constraints.AtIdentifier | None = None
    """Only scrobbles of this account: a DID or a handle."""
    following: bool = False
    """With `did`: scrobbles of the accounts that it follows, instead of its own."""
    filter: Annotated[str, constraints.Text(max_bytes=2048)] | None = None
    """RSQL expression: `==` `!=` `<` `<=` `>` `>=` `=in=` `=out=`, joined by `;` (and) or `,` (or), with parentheses;
    `*` in a text value stands for anything. Selectors: uri, date, timestamp, title, artist, album,
    track.{title,artist,album,albumArtist,genre,duration,isrc,mbId}, user.{did,handle,displayName},
    artist.{name,genres}.
    """
    limit: Annotated[int, constraints.Integer(minimum=1)] = 20
    """Most items to return. A higher value than 1000 is taken as 1000."""
    offset: Annotated[int, constraints.Integer(minimum=0)] | None = None
    """How many items to skip. Ignored when a cursor is given."""
    cursor: str | None = None
    """Where the last page ended: the `cursor` of its answer."""


class Output(models.Output):
    """The output."""

    scrobbles: list[scrobble_defs.ScrobbleViewBasic] | None = None
    """Newest first."""
    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("ActorNotFound", "InvalidCursor", "InvalidFilter"))
"""Errors:

ActorNotFound: No account with this DID or handle is known.

InvalidCursor: The cursor was not made by this method.

InvalidFilter: The filter cannot be parsed, or names a field or operator that is not offered. The message says where.
"""
