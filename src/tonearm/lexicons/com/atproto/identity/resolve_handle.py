# Generated from lexicons/com/atproto/identity/resolveHandle.json by scripts/codegen. Do not edit.
"""`com.atproto.identity.resolveHandle`, a query.

Find the DID to which a handle points.
"""

from typing import Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "com.atproto.identity.resolveHandle"


class Params(models.Params):
    """Parameters."""

    handle: constraints.Handle
    """The handle."""


class Output(models.Output):
    """The output."""

    did: constraints.Did
    """The DID. Its document has to name the handle too before the handle can be trusted."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("HandleNotFound",))
"""Errors:

HandleNotFound: The handle points to no DID.
"""
