# Generated from lexicons/app/rocksky/library/star.json by scripts/codegen. Do not edit.
"""`app.rocksky.library.star`, a procedure.

Star a song, an album or an artist of the music library.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.library.star"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    id: str
    """Identifier of the song."""
    album_id: str | None = Field(default=None, alias="albumId")
    """Identifier of an album to star."""
    artist_id: str | None = Field(default=None, alias="artistId")
    """Identifier of an artist to star."""


class Output(models.Output):
    """The output."""

    status: str | None = None
    """`ok`; a failure is answered as an error instead."""
    version: str | None = None
    """Version of the Subsonic protocol that the payload follows."""
    type: str | None = None
    """Kind of library server."""


METHOD: Procedure[Params, Input, Output] = Procedure(
    NSID, Params, Input, Output, errors=("LibraryNotAvailable", "ItemNotFound")
)
"""Errors:

LibraryNotAvailable: No music library is connected for this account, or it cannot be reached now.

ItemNotFound: The library has no item with this identifier.
"""
