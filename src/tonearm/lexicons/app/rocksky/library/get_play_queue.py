# Generated from lexicons/app/rocksky/library/getPlayQueue.json by scripts/codegen. Do not edit.
"""`app.rocksky.library.getPlayQueue`, a query.

Get the stored queue of the signed-in account.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import models, values
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.library.getPlayQueue"


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
    play_queue: values.UnknownObject | None = Field(default=None, alias="playQueue")
    """The queue, its current song and position."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("LibraryNotAvailable",))
"""Errors:

LibraryNotAvailable: No music library is connected for this account, or it cannot be reached now.
"""
