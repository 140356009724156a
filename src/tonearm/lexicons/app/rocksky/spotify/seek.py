# Generated from lexicons/app/rocksky/spotify/seek.json by scripts/codegen. Do not edit.
"""`app.rocksky.spotify.seek`, a procedure.

Go to a place in the current track on Spotify.
"""

from typing import Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.spotify.seek"


class Params(models.Params):
    """Parameters."""

    position: constraints.Int
    """The place, in milliseconds from the beginning."""


METHOD: Procedure[Params, None, None] = Procedure(
    NSID,
    Params,
    None,
    None,
    input_encoding=None,
    output_encoding=None,
    errors=("SpotifyNotConnected", "PlayerNotAvailable"),
)
"""Errors:

SpotifyNotConnected: The account has not connected Spotify.

PlayerNotAvailable: The player is not connected, or the account has none.
"""
