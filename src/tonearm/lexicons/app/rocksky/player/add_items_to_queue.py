# Generated from lexicons/app/rocksky/player/addItemsToQueue.json by scripts/codegen. Do not edit.
"""`app.rocksky.player.addItemsToQueue`, a procedure.

Add tracks to a player's queue.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.player.addItemsToQueue"


class Params(models.Params):
    """Parameters."""

    items: list[str]
    """Identifiers or AT-URIs of the tracks."""
    player_id: str | None = Field(default=None, alias="playerId")
    """Which player; without it, the account's primary one."""
    position: constraints.Int | None = None
    """Place in the queue, counted from 0. Without it, the end."""
    shuffle: bool | None = None
    """Whether the added tracks are shuffled."""


METHOD: Procedure[Params, None, None] = Procedure(
    NSID, Params, None, None, input_encoding=None, output_encoding=None, errors=("PlayerNotAvailable", "ItemNotFound")
)
"""Errors:

PlayerNotAvailable: The player is not connected, or the account has none.

ItemNotFound: The library has no item with this identifier.
"""
