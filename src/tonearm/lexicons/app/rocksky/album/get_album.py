# Generated from lexicons/app/rocksky/album/getAlbum.json by scripts/codegen. Do not edit.
"""`app.rocksky.album.getAlbum`, a query.

Get an album with its known tracks.
"""

from typing import Final, TypeAlias

from tonearm.lexicons.app.rocksky.album import defs as album_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.album.getAlbum"


class Params(models.Params):
    """Parameters."""

    uri: constraints.AtUri
    """AT-URI of the album record."""


Output: TypeAlias = album_defs.AlbumViewDetailed

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("RecordNotFound",))
"""Errors:

RecordNotFound: No record with this AT-URI is known.
"""
