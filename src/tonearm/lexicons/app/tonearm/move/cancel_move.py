# Generated from lexicons/app/tonearm/move/cancelMove.json by scripts/codegen. Do not edit.
"""`app.tonearm.move.cancelMove`, a procedure.

Give a move up before the account has the new identity.
"""

from typing import Final

from tonearm.lexicons.app.tonearm.move import defs as move_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.tonearm.move.cancelMove"


class Params(models.Params):
    """No parameters."""


class Output(models.Output):
    """The output."""

    move: move_defs.MoveView
    """The move, given up."""


METHOD: Procedure[Params, None, Output] = Procedure(
    NSID, Params, None, Output, input_encoding=None, errors=("MoveNotFound", "MoveNotCancellable")
)
"""Errors:

MoveNotFound: The signed-in account is not linked to an identity elsewhere, or its move has ended.

MoveNotCancellable: The account has the new identity already. The move can be paused.
"""
