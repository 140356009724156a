# Generated from lexicons/com/atproto/server/getServiceAuth.json by scripts/codegen. Do not edit.
"""`com.atproto.server.getServiceAuth`, a query.

Get a token signed with the account's key, with which another service can be called in the account's name.
"""

from typing import Annotated, Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "com.atproto.server.getServiceAuth"


class Params(models.Params):
    """Parameters."""

    aud: Annotated[str, constraints.Text(max_bytes=2048)]
    """DID of the service that will accept the token, with or without `#` and a service id."""
    exp: constraints.Int | None = None
    """When the token expires, in Unix seconds. Without it, in 60 seconds."""
    lxm: constraints.Nsid | None = None
    """NSID of the one method that the token is good for."""


class Output(models.Output):
    """The output."""

    token: str
    """The token."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("BadExpiration",))
"""Errors:

BadExpiration: The wanted time of expiry is past, or too far ahead for the method.
"""
