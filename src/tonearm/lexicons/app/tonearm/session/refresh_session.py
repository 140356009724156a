# Generated from lexicons/app/tonearm/session/refreshSession.json by scripts/codegen. Do not edit.
"""`app.tonearm.session.refreshSession`, a procedure.

Exchange a refresh token for the session's next two tokens. The one that was sent is spent: whoever uses it again
ends the session.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.tonearm.session.refreshSession"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    refresh_token: str = Field(alias="refreshToken")
    """The newest refresh token of the session."""


class Output(models.Output):
    """The output."""

    access_jwt: str = Field(alias="accessJwt")
    """Send it as `Authorization: Bearer`. It lives a quarter of an hour."""
    refresh_token: str = Field(alias="refreshToken")
    """Good for one `refreshSession`, within ninety days."""
    session_id: str = Field(alias="sessionId")
    """Identifier of the session; no secret."""
    expires_at: constraints.Datetime = Field(alias="expiresAt")
    """When the access token's time is over."""


METHOD: Procedure[Params, Input, Output] = Procedure(NSID, Params, Input, Output, errors=("RefreshRefused",))
"""Errors:

RefreshRefused: The token is unknown, spent or too old. Log in again.
"""
