# Generated from lexicons/app/rocksky/library/getIndexes.json by scripts/codegen. Do not edit.
"""`app.rocksky.library.getIndexes`, a query.

List the folders of the music library by letter.
"""

from typing import Final

from tonearm.xrpc import models, values
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.library.getIndexes"


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
    indexes: values.UnknownObject | None = None
    """The folders, by letter."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("LibraryNotAvailable",))
"""Errors:

LibraryNotAvailable: No music library is connected for this account, or it cannot be reached now.
"""
