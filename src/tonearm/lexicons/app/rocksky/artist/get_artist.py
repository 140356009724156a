# Generated from lexicons/app/rocksky/artist/getArtist.json by scripts/codegen. Do not edit.
"""`app.rocksky.artist.getArtist`, a query.

Get an artist.
"""

from typing import Final, TypeAlias

from tonearm.lexicons.app.rocksky.artist import defs as artist_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.artist.getArtist"


class Params(models.Params):
    """Parameters."""

    uri: constraints.AtUri
    """AT-URI of the artist record."""


Output: TypeAlias = artist_defs.ArtistViewDetailed

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("RecordNotFound",))
"""Errors:

RecordNotFound: No record with this AT-URI is known.
"""
