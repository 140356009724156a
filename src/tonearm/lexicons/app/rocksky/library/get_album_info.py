# Generated from lexicons/app/rocksky/library/getAlbumInfo.json by scripts/codegen. Do not edit.
"""`app.rocksky.library.getAlbumInfo`, a query.

Get notes, images and links on an album of the music library.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import models, values
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.library.getAlbumInfo"


class Params(models.Params):
    """Parameters."""

    id: str
    """The library's identifier of the item."""


class Output(models.Output):
    """The output."""

    status: str | None = None
    """`ok`; a failure is answered as an error instead."""
    version: str | None = None
    """Version of the Subsonic protocol that the payload follows."""
    type: str | None = None
    """Kind of library server."""
    album_info: values.UnknownObject | None = Field(default=None, alias="albumInfo")
    """Notes, images and links."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("LibraryNotAvailable", "ItemNotFound"))
"""Errors:

LibraryNotAvailable: No music library is connected for this account, or it cannot be reached now.

ItemNotFound: The library has no item with this identifier.
"""
