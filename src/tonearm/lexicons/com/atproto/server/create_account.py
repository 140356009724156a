# Generated from lexicons/com/atproto/server/createAccount.json by scripts/codegen. Do not edit.
"""`com.atproto.server.createAccount`, a procedure.

Make an account, or bring an existing identity to this server.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import constraints, models, values
from tonearm.xrpc.method import Procedure

NSID: Final = "com.atproto.server.createAccount"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    email: str | None = None
    """E-mail address."""
    handle: constraints.Handle
    """Wanted handle."""
    did: constraints.Did | None = None
    """DID of an identity that moves here."""
    invite_code: str | None = Field(default=None, alias="inviteCode")
    """Invite code."""
    verification_code: str | None = Field(default=None, alias="verificationCode")
    """Code that confirms the telephone number."""
    verification_phone: str | None = Field(default=None, alias="verificationPhone")
    """Telephone number."""
    password: str | None = None
    """First password."""
    recovery_key: str | None = Field(default=None, alias="recoveryKey")
    """did:key of a rotation key that the owner keeps, to be put into the DID document."""
    plc_op: values.UnknownObject | None = Field(default=None, alias="plcOp")
    """Signed operation of an identity that moves here."""


class Output(models.Output):
    """The new account, signed in."""

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


METHOD: Procedure[Params, Input, Output] = Procedure(
    NSID,
    Params,
    Input,
    Output,
    errors=(
        "InvalidHandle",
        "InvalidPassword",
        "InvalidInviteCode",
        "HandleNotAvailable",
        "UnsupportedDomain",
        "UnresolvableDid",
        "IncompatibleDidDoc",
    ),
)
"""Errors:

InvalidHandle: The handle is not valid or not allowed.

InvalidPassword: The password is too weak.

InvalidInviteCode: The invite code is not valid.

HandleNotAvailable: The handle is taken.

UnsupportedDomain: This server gives no handles under that domain.

UnresolvableDid: The DID cannot be resolved.

IncompatibleDidDoc: The DID document does not name this server.
"""
