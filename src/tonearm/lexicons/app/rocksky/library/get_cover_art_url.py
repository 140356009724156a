# Generated from lexicons/app/rocksky/library/getCoverArtUrl.json by scripts/codegen. Do not edit.
"""`app.rocksky.library.getCoverArtUrl`, a query.

Get the address of a cover image.
"""

from typing import Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.library.getCoverArtUrl"


class Params(models.Params):
    """Parameters."""

    id: str
    """The library's identifier of the item."""
    size: constraints.Int | None = None
    """Width and height in pixels; without it, as stored."""


class Output(models.Output):
    """The output."""

    url: constraints.Uri
    """The address. It may work for a limited time only."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("LibraryNotAvailable", "ItemNotFound"))
"""Errors:

LibraryNotAvailable: No music library is connected for this account, or it cannot be reached now.

ItemNotFound: The library has no item with this identifier.
"""
