# Generated from lexicons/app/tonearm/move/startMove.json by scripts/codegen. Do not edit.
"""`app.tonearm.move.startMove`, a procedure.

Start the move of a linked account, or go on with one that was paused. From the moment that its state is `switching`
the account has the new identity.
"""

from typing import Final

from tonearm.lexicons.app.tonearm.move import defs as move_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.tonearm.move.startMove"


class Params(models.Params):
    """No parameters."""


class Output(models.Output):
    """The output."""

    move: move_defs.MoveView
    """The move, under way."""


METHOD: Procedure[Params, None, Output] = Procedure(
    NSID, Params, None, Output, input_encoding=None, errors=("MoveNotFound", "MoveRefused")
)
"""Errors:

MoveNotFound: The signed-in account is not linked to an identity elsewhere, or its move has ended.

MoveRefused: The login at the other side is still awaited.
"""
