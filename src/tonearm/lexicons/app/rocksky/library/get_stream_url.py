# Generated from lexicons/app/rocksky/library/getStreamUrl.json by scripts/codegen. Do not edit.
"""`app.rocksky.library.getStreamUrl`, a query.

Get the address from which a song can be streamed.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.library.getStreamUrl"


class Params(models.Params):
    """Parameters."""

    id: str
    """The library's identifier of the item."""
    format: str | None = None
    """Wanted audio format; `raw` for the file as it is."""
    max_bit_rate: constraints.Int | None = Field(default=None, alias="maxBitRate")
    """Highest bit rate in kilobits a second; 0 for no limit."""


class Output(models.Output):
    """The output."""

    url: constraints.Uri
    """The address. It may work for a limited time only."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("LibraryNotAvailable", "ItemNotFound"))
"""Errors:

LibraryNotAvailable: No music library is connected for this account, or it cannot be reached now.

ItemNotFound: The library has no item with this identifier.
"""
