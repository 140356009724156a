# Generated from lexicons/app/rocksky/player/playDirectory.json by scripts/codegen. Do not edit.
"""`app.rocksky.player.playDirectory`, a procedure.

Replace a player's queue by the tracks of a folder and play them.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.player.playDirectory"


class Params(models.Params):
    """Parameters."""

    directory_id: str = Field(alias="directoryId")
    """Identifier of the folder."""
    player_id: str | None = Field(default=None, alias="playerId")
    """Which player; without it, the account's primary one."""
    position: constraints.Int | None = None
    """Place in the new queue to begin at, counted from 0."""
    recurse: bool | None = None
    """Whether folders inside it are included."""
    shuffle: bool | None = None
    """Whether the tracks are shuffled."""


METHOD: Procedure[Params, None, None] = Procedure(
    NSID, Params, None, None, input_encoding=None, output_encoding=None, errors=("PlayerNotAvailable", "FileNotFound")
)
"""Errors:

PlayerNotAvailable: The player is not connected, or the account has none.

FileNotFound: The storage has no such file or folder.
"""
