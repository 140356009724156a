# Generated from lexicons/app/rocksky/mirror/getMirrorSources.json by scripts/codegen. Do not edit.
"""`app.rocksky.mirror.getMirrorSources`, a query.

Tell how each service is mirrored for the signed-in account: `lastfm`, `listenbrainz` and `tealfm`, always these
three in this order, with defaults where nothing is set.
"""

from typing import Final

from tonearm.lexicons.app.rocksky.mirror import defs as mirror_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.mirror.getMirrorSources"


class Params(models.Params):
    """No parameters."""


class Output(models.Output):
    """The output."""

    sources: list[mirror_defs.MirrorSourceView]
    """One entry for each service."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output)
