# Generated from lexicons/app/rocksky/playlist/removePlaylist.json by scripts/codegen. Do not edit.
"""`app.rocksky.playlist.removePlaylist`, a procedure.

Delete a playlist of the signed-in account with its entries.
"""

from typing import Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.playlist.removePlaylist"


class Params(models.Params):
    """Parameters."""

    uri: constraints.AtUri
    """AT-URI of the playlist record."""


METHOD: Procedure[Params, None, None] = Procedure(
    NSID, Params, None, None, input_encoding=None, output_encoding=None, errors=("RecordNotFound",)
)
"""Errors:

RecordNotFound: No record with this AT-URI is known.
"""
