# Generated from lexicons/app/rocksky/library/deleteSong.json by scripts/codegen. Do not edit.
"""`app.rocksky.library.deleteSong`, a procedure.

Delete the signed-in account's own uploads of a song from the music library.
"""

from typing import Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.library.deleteSong"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    id: str
    """Identifier of the song."""


class Output(models.Output):
    """The output."""

    deleted: constraints.Int
    """How many uploads were deleted."""
    status: str
    """`ok`."""


METHOD: Procedure[Params, Input, Output] = Procedure(
    NSID, Params, Input, Output, errors=("LibraryNotAvailable", "ItemNotFound")
)
"""Errors:

LibraryNotAvailable: No music library is connected for this account, or it cannot be reached now.

ItemNotFound: The library has no item with this identifier.
"""
