# Generated from lexicons/app/rocksky/player/getCurrentlyPlaying.json by scripts/codegen. Do not edit.
"""`app.rocksky.player.getCurrentlyPlaying`, a query.

Get what a player is playing.
"""

from typing import Final, TypeAlias

from pydantic import Field

from tonearm.lexicons.app.rocksky.player import defs as player_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.player.getCurrentlyPlaying"


class Params(models.Params):
    """Parameters."""

    actor: constraints.AtIdentifier | None = None
    """Whose player: a DID or a handle. Without it, that of the signed-in account."""
    player_id: str | None = Field(default=None, alias="playerId")
    """Which player; without it, the account's primary one."""


Output: TypeAlias = player_defs.CurrentlyPlayingViewDetailed

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("ActorNotFound", "PlayerNotAvailable"))
"""Errors:

ActorNotFound: No account with this DID or handle is known.

PlayerNotAvailable: The player is not connected, or the account has none.
"""
