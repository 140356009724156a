# Generated from lexicons/app/rocksky/playlist/insertFiles.json by scripts/codegen. Do not edit.
"""`app.rocksky.playlist.insertFiles`, a procedure.

Add files to a playlist of the signed-in account.
"""

from typing import Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.playlist.insertFiles"


class Params(models.Params):
    """Parameters."""

    uri: constraints.AtUri
    """AT-URI of the playlist record."""
    files: list[str]
    """The files, in order."""
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
