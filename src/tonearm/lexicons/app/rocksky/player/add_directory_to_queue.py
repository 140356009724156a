# Generated from lexicons/app/rocksky/player/addDirectoryToQueue.json by scripts/codegen. Do not edit.
"""`app.rocksky.player.addDirectoryToQueue`, a procedure.

Add the tracks of a folder to a player's queue.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.player.addDirectoryToQueue"


class Params(models.Params):
    """Parameters."""

    directory: str
    """The folder."""
    player_id: str | None = Field(default=None, alias="playerId")
    """Which player; without it, the account's primary one."""
    position: constraints.Int | None = None
    """Place in the queue, counted from 0. Without it, the end."""
    shuffle: bool | None = None
    """Whether the added tracks are shuffled."""


METHOD: Procedure[Params, None, None] = Procedure(
    NSID, Params, None, None, input_encoding=None, output_encoding=None, errors=("PlayerNotAvailable", "FileNotFound")
)
"""Errors:

PlayerNotAvailable: The player is not connected, or the account has none.

FileNotFound: The storage has no such file or folder.
"""
