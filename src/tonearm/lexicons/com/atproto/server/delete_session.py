# Generated from lexicons/com/atproto/server/deleteSession.json by scripts/codegen. Do not edit.
"""`com.atproto.server.deleteSession`, a procedure.

End a session. The refresh token is the bearer token of this call.
"""

from typing import Final

from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "com.atproto.server.deleteSession"


class Params(models.Params):
    """No parameters."""


METHOD: Procedure[Params, None, None] = Procedure(
    NSID, Params, None, None, input_encoding=None, output_encoding=None, errors=("InvalidToken", "ExpiredToken")
)
"""Errors:

InvalidToken: The token is not one of this server, or has been used up.

ExpiredToken: The token has expired.
"""
