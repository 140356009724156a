# Generated from lexicons/app/rocksky/library/savePlayQueue.json by scripts/codegen. Do not edit.
"""`app.rocksky.library.savePlayQueue`, a procedure.

Store the queue of the signed-in account, so that another player can go on with it.
"""

from typing import Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.library.savePlayQueue"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    id: str | None = None
    """Identifiers of the songs, separated by commas."""
    current: str | None = None
    """Identifier of the song that is being played."""
    position: constraints.Int | None = None
    """How far it has been played, in milliseconds."""


class Output(models.Output):
    """The output."""

    status: str | None = None
    """`ok`; a failure is answered as an error instead."""
    version: str | None = None
    """Version of the Subsonic protocol that the payload follows."""
    type: str | None = None
    """Kind of library server."""


METHOD: Procedure[Params, Input, Output] = Procedure(NSID, Params, Input, Output, errors=("LibraryNotAvailable",))
"""Errors:

LibraryNotAvailable: No music library is connected for this account, or it cannot be reached now.
"""
