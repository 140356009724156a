# Generated from lexicons/app/rocksky/library/ping.json by scripts/codegen. Do not edit.
"""`app.rocksky.library.ping`, a query.

Ask whether the music library can be reached.
"""

from typing import Final

from tonearm.xrpc import models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.library.ping"


class Params(models.Params):
    """No parameters."""


class Output(models.Output):
    """The output."""

    status: str | None = None
    """`ok`; a failure is answered as an error instead."""
    version: str | None = None
    """Version of the Subsonic protocol that the payload follows."""
    type: str | None = None
    """Kind of library server."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("LibraryNotAvailable",))
"""Errors:

LibraryNotAvailable: No music library is connected for this account, or it cannot be reached now.
"""
