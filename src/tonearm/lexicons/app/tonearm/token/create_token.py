# Generated from lexicons/app/tonearm/token/createToken.json by scripts/codegen. Do not edit.
"""`app.tonearm.token.createToken`, a procedure.

Make an API token. The token is in this answer only.
"""

from typing import Annotated, Final

from pydantic import Field

from tonearm.lexicons.app.tonearm.token import defs as token_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.tonearm.token.createToken"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    label: str
    """Name to tell the token by."""
    scopes: Annotated[list[str], constraints.Items(maximum=3)] | None = None
    """What it allows; by default, what the caller may do, and never more than that. What it allows: `read` the
    account's own data, `scrobble` to submit plays, `manage` to change all else.

    Known values: read, scrobble, manage.
    """
    lives_seconds: Annotated[
        int, constraints.Integer(minimum=1, maximum=3153600000)
    ] | None = Field(default=None, alias="livesSeconds")
    """After how many seconds its time is over; never without this."""


class Output(models.Output):
    """The output."""

    token: str
    """The token. Send it as `Authorization: Bearer`."""
    view: token_defs.TokenView
    """What stays readable of it."""


METHOD: Procedure[Params, Input, Output] = Procedure(NSID, Params, Input, Output)
