# Generated from lexicons/com/atproto/server/getSession.json by scripts/codegen. Do not edit.
"""`com.atproto.server.getSession`, a query.

Tell whose session this is.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import constraints, models, values
from tonearm.xrpc.method import Query

NSID: Final = "com.atproto.server.getSession"


class Params(models.Params):
    """No parameters."""


class Output(models.Output):
    """The output."""

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


METHOD: Query[Params, Output] = Query(NSID, Params, Output)
