# Generated from lexicons/app/rocksky/playlist/startPlaylist.json by scripts/codegen. Do not edit.
"""`app.rocksky.playlist.startPlaylist`, a procedure.

Play a playlist on the account's primary player.
"""

from typing import Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.playlist.startPlaylist"


class Params(models.Params):
    """Parameters."""

    uri: constraints.AtUri
    """AT-URI of the playlist record."""
    position: constraints.Int | None = None
    """Place to begin at, counted from 0."""
    shuffle: bool | None = None
    """Whether the tracks are shuffled."""


METHOD: Procedure[Params, None, None] = Procedure(
    NSID,
    Params,
    None,
    None,
    input_encoding=None,
    output_encoding=None,
    errors=("RecordNotFound", "PlayerNotAvailable", "PositionOutOfRange"),
)
"""Errors:

RecordNotFound: No record with this AT-URI is known.

PlayerNotAvailable: The player is not connected, or the account has none.

PositionOutOfRange: The playlist has no such place.
"""
