# Generated from lexicons/app/tonearm/token/listTokens.json by scripts/codegen. Do not edit.
"""`app.tonearm.token.listTokens`, a query.

List the signed-in account's API tokens, newest first.
"""

from typing import Final

from tonearm.lexicons.app.tonearm.token import defs as token_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Query

NSID: Final = "app.tonearm.token.listTokens"


class Params(models.Params):
    """No parameters."""


class Output(models.Output):
    """The output."""

    tokens: list[token_defs.TokenView]
    """Newest first."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output)
