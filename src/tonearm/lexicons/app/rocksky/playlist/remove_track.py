# Generated from lexicons/app/rocksky/playlist/removeTrack.json by scripts/codegen. Do not edit.
"""`app.rocksky.playlist.removeTrack`, a procedure.

Remove a track from a playlist of the signed-in account.
"""

from typing import Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.playlist.removeTrack"


class Params(models.Params):
    """Parameters."""

    uri: constraints.AtUri
    """AT-URI of the playlist record."""
    position: constraints.Int
    """Place of the track, counted from 0."""


METHOD: Procedure[Params, None, None] = Procedure(
    NSID, Params, None, None, input_encoding=None, output_encoding=None, errors=("RecordNotFound", "PositionOutOfRange")
)
"""Errors:

RecordNotFound: No record with this AT-URI is known.

PositionOutOfRange: The playlist has no such place.
"""
