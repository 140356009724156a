# Generated from lexicons/app/rocksky/player/getPlaybackQueue.json by scripts/codegen. Do not edit.
"""`app.rocksky.player.getPlaybackQueue`, a query.

Get the queue of a player of the signed-in account.
"""

from typing import Final, TypeAlias

from pydantic import Field

from tonearm.lexicons.app.rocksky.player import defs as player_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.player.getPlaybackQueue"


class Params(models.Params):
    """Parameters."""

    player_id: str | None = Field(default=None, alias="playerId")
    """Which player; without it, the account's primary one."""


Output: TypeAlias = player_defs.PlaybackQueueViewDetailed

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("PlayerNotAvailable",))
"""Errors:

PlayerNotAvailable: The player is not connected, or the account has none.
"""
