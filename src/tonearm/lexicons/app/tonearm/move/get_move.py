# Generated from lexicons/app/tonearm/move/getMove.json by scripts/codegen. Do not edit.
"""`app.tonearm.move.getMove`, a query.

How the move of the signed-in account stands.
"""

from typing import Final

from tonearm.lexicons.app.tonearm.move import defs as move_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Query

NSID: Final = "app.tonearm.move.getMove"


class Params(models.Params):
    """No parameters."""


class Output(models.Output):
    """The output."""

    move: move_defs.MoveView
    """The move."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("MoveNotFound",))
"""Errors:

MoveNotFound: The signed-in account is not linked to an identity elsewhere, or its move has ended.
"""
