# Generated from lexicons/app/rocksky/library/getDownloadUrl.json by scripts/codegen. Do not edit.
"""`app.rocksky.library.getDownloadUrl`, a query.

Get the address of a song's file as it was uploaded.
"""

from typing import Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.library.getDownloadUrl"


class Params(models.Params):
    """Parameters."""

    id: str
    """The library's identifier of the item."""


class Output(models.Output):
    """The output."""

    url: constraints.Uri
    """The address. It may work for a limited time only."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("LibraryNotAvailable", "ItemNotFound"))
"""Errors:

LibraryNotAvailable: No music library is connected for this account, or it cannot be reached now.

ItemNotFound: The library has no item with this identifier.
"""
