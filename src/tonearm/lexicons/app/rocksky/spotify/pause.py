# Generated from lexicons/app/rocksky/spotify/pause.json by scripts/codegen. Do not edit.
"""`app.rocksky.spotify.pause`, a procedure.

Pause Spotify.
"""

from typing import Final

from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.spotify.pause"


class Params(models.Params):
    """No parameters."""


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
