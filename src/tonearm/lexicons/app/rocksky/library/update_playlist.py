# Generated from lexicons/app/rocksky/library/updatePlaylist.json by scripts/codegen. Do not edit.
"""`app.rocksky.library.updatePlaylist`, a procedure.

Change a playlist of the music library.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.library.updatePlaylist"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    name: str | None = None
    """New name."""
    comment: str | None = None
    """New note."""
    playlist_id: str = Field(alias="playlistId")
    """Identifier of the playlist."""
    song_id_to_add: str | None = Field(default=None, alias="songIdToAdd")
    """Identifier of a song to add at the end."""
    song_index_to_remove: constraints.Int | None = Field(default=None, alias="songIndexToRemove")
    """Place of a song to remove, counted from 0."""


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
