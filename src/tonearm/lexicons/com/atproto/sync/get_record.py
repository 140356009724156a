# Generated from lexicons/com/atproto/sync/getRecord.json by scripts/codegen. Do not edit.
"""`com.atproto.sync.getRecord`, a query.

Get the blocks that prove that a record is, or is not, in a repository, as a CAR file.
"""

from typing import Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import BinaryOutput, Query

NSID: Final = "com.atproto.sync.getRecord"


class Params(models.Params):
    """Parameters."""

    did: constraints.Did
    """DID of the account."""
    collection: constraints.Nsid
    """NSID of the collection."""
    rkey: constraints.RecordKey
    """Record key."""


METHOD: Query[Params, BinaryOutput] = Query(
    NSID,
    Params,
    None,
    output_encoding="application/vnd.ipld.car",
    errors=("RecordNotFound", "RepoNotFound", "RepoTakendown", "RepoSuspended", "RepoDeactivated"),
)
"""Errors:

RecordNotFound: The repository has no such record.

RepoNotFound: No such repository is hosted here.

RepoTakendown: The repository has been taken down.

RepoSuspended: The repository is suspended.

RepoDeactivated: Its owner has deactivated the repository.
"""
