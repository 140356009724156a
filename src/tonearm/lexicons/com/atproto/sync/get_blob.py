# Generated from lexicons/com/atproto/sync/getBlob.json by scripts/codegen. Do not edit.
"""`com.atproto.sync.getBlob`, a query.

Download a blob as it was uploaded.
"""

from typing import Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import BinaryOutput, Query

NSID: Final = "com.atproto.sync.getBlob"


class Params(models.Params):
    """Parameters."""

    did: constraints.Did
    """DID of the account."""
    cid: constraints.CidText
    """CID of the blob."""


METHOD: Query[Params, BinaryOutput] = Query(
    NSID,
    Params,
    None,
    output_encoding="*/*",
    errors=("BlobNotFound", "RepoNotFound", "RepoTakendown", "RepoSuspended", "RepoDeactivated"),
)
"""Errors:

BlobNotFound: The repository has no such blob.

RepoNotFound: No such repository is hosted here.

RepoTakendown: The repository has been taken down.

RepoSuspended: The repository is suspended.

RepoDeactivated: Its owner has deactivated the repository.
"""
