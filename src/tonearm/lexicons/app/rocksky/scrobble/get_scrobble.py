# Generated from lexicons/app/rocksky/scrobble/getScrobble.json by scripts/codegen. Do not edit.
"""`app.rocksky.scrobble.getScrobble`, a query.

Get a scrobble with figures on its song.
"""

from typing import Final, TypeAlias

from tonearm.lexicons.app.rocksky.scrobble import defs as scrobble_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.scrobble.getScrobble"


class Params(models.Params):
    """Parameters."""

    uri: constraints.AtUri
    """AT-URI of the scrobble record."""


Output: TypeAlias = scrobble_defs.ScrobbleViewDetailed

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("RecordNotFound",))
"""Errors:

RecordNotFound: No record with this AT-URI is known.
"""
