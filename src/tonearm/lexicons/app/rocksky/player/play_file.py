# Generated from lexicons/app/rocksky/player/playFile.json by scripts/codegen. Do not edit.
"""`app.rocksky.player.playFile`, a procedure.

Replace a player's queue by one file and play it.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.player.playFile"


class Params(models.Params):
    """Parameters."""

    file_id: str = Field(alias="fileId")
    """Identifier of the file."""
    player_id: str | None = Field(default=None, alias="playerId")
    """Which player; without it, the account's primary one."""


METHOD: Procedure[Params, None, None] = Procedure(
    NSID, Params, None, None, input_encoding=None, output_encoding=None, errors=("PlayerNotAvailable", "FileNotFound")
)
"""Errors:

PlayerNotAvailable: The player is not connected, or the account has none.

FileNotFound: The storage has no such file or folder.
"""
