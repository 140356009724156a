# Generated from lexicons/app/rocksky/player/play.json by scripts/codegen. Do not edit.
"""`app.rocksky.player.play`, a procedure.

Let a paused player go on.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.player.play"


class Params(models.Params):
    """Parameters."""

    player_id: str | None = Field(default=None, alias="playerId")
    """Which player; without it, the account's primary one."""


METHOD: Procedure[Params, None, None] = Procedure(
    NSID, Params, None, None, input_encoding=None, output_encoding=None, errors=("PlayerNotAvailable",)
)
"""Errors:

PlayerNotAvailable: The player is not connected, or the account has none.
"""
