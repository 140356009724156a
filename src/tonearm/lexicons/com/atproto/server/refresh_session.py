# Generated from lexicons/com/atproto/server/refreshSession.json by scripts/codegen. Do not edit.
"""`com.atproto.server.refreshSession`, a procedure.

Get the next pair of tokens. The refresh token is the bearer token of this call, and is used up by it.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import constraints, models, values
from tonearm.xrpc.method import Procedure

NSID: Final = "com.atproto.server.refreshSession"


class Params(models.Params):
    """No parameters."""


class Output(models.Output):
    """The output."""

    access_jwt: str = Field(alias="accessJwt")
    """Token for calls to this server. It lives for a short time."""
    refresh_jwt: str = Field(alias="refreshJwt")
    """Token that gets the next pair of tokens. It works once."""
    handle: constraints.Handle
    """Handle of the account."""
    did: constraints.Did
    """DID of the account."""
    did_doc: values.UnknownObject | None = Field(default=None, alias="didDoc")
    """The account's DID document."""
    email: str | None = None
    """E-mail address."""
    email_confirmed: bool | None = Field(default=None, alias="emailConfirmed")
    """Whether the address has been confirmed."""
    email_auth_factor: bool | None = Field(default=None, alias="emailAuthFactor")
    """Whether signing in needs a code sent by e-mail."""
    active: bool | None = None
    """Whether the account can be used."""
    status: str | None = None
    """Why the account cannot be used. Absent while it can, or where the reason is not told.

    Known values: takendown, suspended, deactivated.
    """


METHOD: Procedure[Params, None, Output] = Procedure(
    NSID, Params, None, Output, input_encoding=None, errors=("AccountTakedown", "InvalidToken", "ExpiredToken")
)
"""Errors:

AccountTakedown: The account has been taken down.

InvalidToken: The token is not one of this server, or has been used up.

ExpiredToken: The token has expired.
"""
