# Generated from lexicons/com/atproto/repo/getRecord.json by scripts/codegen. Do not edit.
"""`com.atproto.repo.getRecord`, a query.

Get a record.
"""

from typing import Final

from tonearm.xrpc import constraints, models, values
from tonearm.xrpc.method import Query

NSID: Final = "com.atproto.repo.getRecord"


class Params(models.Params):
    """Parameters."""

    repo: constraints.AtIdentifier
    """The repository: a DID or a handle."""
    collection: constraints.Nsid
    """NSID of the collection."""
    rkey: constraints.RecordKey
    """Record key."""
    cid: constraints.CidText | None = None
    """Only this version of the record. Without it, the present one."""


class Output(models.Output):
    """The output."""

    uri: constraints.AtUri
    """AT-URI of the record."""
    cid: constraints.CidText | None = None
    """CID of the record."""
    value: values.UnknownObject
    """The record."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("RecordNotFound",))
"""Errors:

RecordNotFound: The repository has no such record.
"""
