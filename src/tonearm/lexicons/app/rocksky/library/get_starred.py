# Generated from lexicons/app/rocksky/library/getStarred.json by scripts/codegen. Do not edit.
"""`app.rocksky.library.getStarred`, a query.

List the starred artists, albums and songs of the music library.
"""

from typing import Final

from tonearm.xrpc import models, values
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.library.getStarred"


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
    starred2: values.UnknownObject | None = None
    """The starred items."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("LibraryNotAvailable",))
"""Errors:

LibraryNotAvailable: No music library is connected for this account, or it cannot be reached now.
"""
