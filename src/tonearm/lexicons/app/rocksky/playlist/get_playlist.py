# Generated from lexicons/app/rocksky/playlist/getPlaylist.json by scripts/codegen. Do not edit.
"""`app.rocksky.playlist.getPlaylist`, a query.

Get a playlist with its tracks.
"""

from typing import Final, TypeAlias

from tonearm.lexicons.app.rocksky.playlist import defs as playlist_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.playlist.getPlaylist"


class Params(models.Params):
    """Parameters."""

    uri: constraints.AtUri
    """AT-URI of the playlist record."""


Output: TypeAlias = playlist_defs.PlaylistViewDetailed

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("RecordNotFound",))
"""Errors:

RecordNotFound: No record with this AT-URI is known.
"""
