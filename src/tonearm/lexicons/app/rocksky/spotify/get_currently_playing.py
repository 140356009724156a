# Generated from lexicons/app/rocksky/spotify/getCurrentlyPlaying.json by scripts/codegen. Do not edit.
"""`app.rocksky.spotify.getCurrentlyPlaying`, a query.

Get what an account is playing on Spotify.
"""

from typing import Final, TypeAlias

from tonearm.lexicons.app.rocksky.player import defs as player_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.spotify.getCurrentlyPlaying"


class Params(models.Params):
    """Parameters."""

    actor: constraints.AtIdentifier | None = None
    """The account: a DID or a handle. Without it, the signed-in account."""


Output: TypeAlias = player_defs.CurrentlyPlayingViewDetailed

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("ActorNotFound", "SpotifyNotConnected"))
"""Errors:

ActorNotFound: No account with this DID or handle is known.

SpotifyNotConnected: The account has not connected Spotify.
"""
