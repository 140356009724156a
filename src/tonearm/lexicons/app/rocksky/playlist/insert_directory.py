# Generated from lexicons/app/rocksky/playlist/insertDirectory.json by scripts/codegen. Do not edit.
"""`app.rocksky.playlist.insertDirectory`, a procedure.

Add the tracks of a folder to a playlist of the signed-in account.
"""

from typing import Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.playlist.insertDirectory"


class Params(models.Params):
    """Parameters."""

    uri: constraints.AtUri
    """AT-URI of the playlist record."""
    directory: str
    """The folder."""
    position: constraints.Int | None = None
    """Place of the first added track, counted from 0. Without it, the end."""


METHOD: Procedure[Params, None, None] = Procedure(
    NSID,
    Params,
    None,
    None,
    input_encoding=None,
    output_encoding=None,
    errors=("RecordNotFound", "FileNotFound", "PositionOutOfRange"),
)
"""Errors:

RecordNotFound: No record with this AT-URI is known.

FileNotFound: The storage has no such file or folder.

PositionOutOfRange: The playlist has no such place.
"""
