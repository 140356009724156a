# Generated from lexicons/com/atproto/server/createSession.json by scripts/codegen. Do not edit.
"""`com.atproto.server.createSession`, a procedure.

Sign in with a password or an app password.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import constraints, models, values
from tonearm.xrpc.method import Procedure

NSID: Final = "com.atproto.server.createSession"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    identifier: str
    """Handle, DID, or another name that the server accepts."""
    password: str
    """The password or an app password."""
    auth_factor_token: str | None = Field(default=None, alias="authFactorToken")
    """Code that was sent by e-mail, where the account needs one."""
    allow_takendown: bool | None = Field(default=None, alias="allowTakendown")
    """Whether an account that was taken down gets a session of narrow use instead of an error."""


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


METHOD: Procedure[Params, Input, Output] = Procedure(
    NSID, Params, Input, Output, errors=("AccountTakedown", "AuthFactorTokenRequired")
)
"""Errors:

AccountTakedown: The account has been taken down.

AuthFactorTokenRequired: Signing in needs a code that was sent by e-mail.
"""
