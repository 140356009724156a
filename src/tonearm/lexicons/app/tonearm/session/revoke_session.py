# Generated from lexicons/app/tonearm/session/revokeSession.json by scripts/codegen. Do not edit.
"""`app.tonearm.session.revokeSession`, a procedure.

End a session: its tokens, or its cookie, are good no longer. Another session than the caller's own can be ended by
those who may `manage`.
"""

from typing import Final

from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.tonearm.session.revokeSession"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    id: str | None = None
    """Identifier of the session; without it, the one that the call is made with."""


METHOD: Procedure[Params, Input, None] = Procedure(
    NSID, Params, Input, None, output_encoding=None, errors=("SessionNotFound",)
)
"""Errors:

SessionNotFound: The account has no such session, or the call was made with none.
"""
