# Generated from lexicons/app/rocksky/player/seek.json by scripts/codegen. Do not edit.
"""`app.rocksky.player.seek`, a procedure.

Go to a place in the current track.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.player.seek"


class Params(models.Params):
    """Parameters."""

    player_id: str | None = Field(default=None, alias="playerId")
    """Which player; without it, the account's primary one."""
    position: constraints.Int
    """The place, in milliseconds from the beginning."""


METHOD: Procedure[Params, None, None] = Procedure(
    NSID, Params, None, None, input_encoding=None, output_encoding=None, errors=("PlayerNotAvailable",)
)
"""Errors:

PlayerNotAvailable: The player is not connected, or the account has none.
"""
