# Generated from lexicons/app/tonearm/session/createSession.json by scripts/codegen. Do not edit.
"""`app.tonearm.session.createSession`, a procedure.

Log in with a password, for an app: a short-lived access token, and a refresh token for the next. Local accounts use
their own password, accounts on another PDS an app password of theirs.
"""

from typing import Annotated, Final

from pydantic import Field

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.tonearm.session.createSession"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    identifier: str
    """Handle, DID, or the name of a local account."""
    password: str
    """Password of a local account, or an app password. It is not kept."""
    label: str | None = None
    """Name of the app, by which the account's owner knows the session again."""
    scopes: Annotated[list[str], constraints.Items(maximum=3)] | None = None
    """What the session may do; everything without this. What it allows: `read` the account's own data, `scrobble` to
    submit plays, `manage` to change all else.

    Known values: read, scrobble, manage.
    """


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
    did: constraints.Did
    """The account."""
    handle: constraints.Handle
    """Its handle."""
    scopes: Annotated[list[str], constraints.Items(maximum=3)]
    """What it allows: `read` the account's own data, `scrobble` to submit plays, `manage` to change all else.

    Known values: read, scrobble, manage.
    """


METHOD: Procedure[Params, Input, Output] = Procedure(
    NSID, Params, Input, Output, errors=("LoginRefused", "LoginNotAllowed")
)
"""Errors:

LoginRefused: The account's PDS refused the login, or cannot be found or asked. The message says what to do.

LoginNotAllowed: Who may log in here is limited, and this account may not.
"""
