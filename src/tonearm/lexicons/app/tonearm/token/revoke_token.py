# Generated from lexicons/app/tonearm/token/revokeToken.json by scripts/codegen. Do not edit.
"""`app.tonearm.token.revokeToken`, a procedure.

Revoke an API token. Whoever uses it is refused from now on.
"""

from typing import Final

from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.tonearm.token.revokeToken"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    id: str
    """Identifier of the token."""


METHOD: Procedure[Params, Input, None] = Procedure(
    NSID, Params, Input, None, output_encoding=None, errors=("TokenNotFound",)
)
"""Errors:

TokenNotFound: The account has no such token.
"""
