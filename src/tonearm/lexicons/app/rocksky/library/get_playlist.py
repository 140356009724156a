# Generated from lexicons/app/rocksky/library/getPlaylist.json by scripts/codegen. Do not edit.
"""`app.rocksky.library.getPlaylist`, a query.

Get a playlist of the music library with its songs.
"""

from typing import Final

from tonearm.xrpc import models, values
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.library.getPlaylist"


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
    playlist: values.UnknownObject | None = None
    """The playlist."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("LibraryNotAvailable", "ItemNotFound"))
"""Errors:

LibraryNotAvailable: No music library is connected for this account, or it cannot be reached now.

ItemNotFound: The library has no item with this identifier.
"""
