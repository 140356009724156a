# Generated from lexicons/app/tonearm/move/linkAccount.json by scripts/codegen. Do not edit.
"""`app.tonearm.move.linkAccount`, a procedure.

Link the signed-in local account to an identity of its owner's elsewhere, which they prove with an app password.
Nothing is moved before `startMove`.
"""

from typing import Final

from tonearm.lexicons.app.tonearm.move import defs as move_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.tonearm.move.linkAccount"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    identifier: str
    """Handle or DID of the identity elsewhere."""
    password: str
    """App password of that identity. It is not kept."""


class Output(models.Output):
    """The output."""

    move: move_defs.MoveView
    """The move, ready to be started."""


METHOD: Procedure[Params, Input, Output] = Procedure(
    NSID, Params, Input, Output, errors=("MoveRefused", "LoginRefused", "LoginNotAllowed")
)
"""Errors:

MoveRefused: The accounts cannot be linked: the message says why.

LoginRefused: The identity's PDS refused the login, or cannot be found or asked. The message says what to do.

LoginNotAllowed: Who may log in here is limited, and that identity may not.
"""
