# Generated from lexicons/app/tonearm/move/pauseMove.json by scripts/codegen. Do not edit.
"""`app.tonearm.move.pauseMove`, a procedure.

Let a move rest. Plays are taken as before; `startMove` goes on.
"""

from typing import Final

from tonearm.lexicons.app.tonearm.move import defs as move_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.tonearm.move.pauseMove"


class Params(models.Params):
    """No parameters."""


class Output(models.Output):
    """The output."""

    move: move_defs.MoveView
    """The move, at rest."""


METHOD: Procedure[Params, None, Output] = Procedure(
    NSID, Params, None, Output, input_encoding=None, errors=("MoveNotFound",)
)
"""Errors:

MoveNotFound: The signed-in account is not linked to an identity elsewhere, or its move has ended.
"""
