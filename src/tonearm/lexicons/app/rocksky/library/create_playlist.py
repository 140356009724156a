# Generated from lexicons/app/rocksky/library/createPlaylist.json by scripts/codegen. Do not edit.
"""`app.rocksky.library.createPlaylist`, a procedure.

Make an empty playlist in the music library.
"""

from typing import Final

from tonearm.xrpc import models, values
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.library.createPlaylist"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    name: str
    """Name of the playlist."""


class Output(models.Output):
    """The output."""

    status: str | None = None
    """`ok`; a failure is answered as an error instead."""
    version: str | None = None
    """Version of the Subsonic protocol that the payload follows."""
    type: str | None = None
    """Kind of library server."""
    playlist: values.UnknownObject | None = None
    """The new playlist."""


METHOD: Procedure[Params, Input, Output] = Procedure(NSID, Params, Input, Output, errors=("LibraryNotAvailable",))
"""Errors:

LibraryNotAvailable: No music library is connected for this account, or it cannot be reached now.
"""
