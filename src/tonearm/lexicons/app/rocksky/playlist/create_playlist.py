# Generated from lexicons/app/rocksky/playlist/createPlaylist.json by scripts/codegen. Do not edit.
"""`app.rocksky.playlist.createPlaylist`, a procedure.

Make an empty playlist in the signed-in account's repository.
"""

from typing import Final

from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.playlist.createPlaylist"


class Params(models.Params):
    """Parameters."""

    name: str
    """Name of the playlist."""
    description: str | None = None
    """Text about the playlist."""


METHOD: Procedure[Params, None, None] = Procedure(
    NSID, Params, None, None, input_encoding=None, output_encoding=None, errors=("InvalidPlaylist",)
)
"""Errors:

InvalidPlaylist: The name is empty or too long, or the text about it is too long.
"""
