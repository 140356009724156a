# Generated from lexicons/com/atproto/sync/listBlobs.json by scripts/codegen. Do not edit.
"""`com.atproto.sync.listBlobs`, a query.

List the blobs to which a repository's records refer.
"""

from typing import Annotated, Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "com.atproto.sync.listBlobs"


class Params(models.Params):
    """Parameters."""

    did: constraints.Did
    """DID of the account."""
    since: constraints.Tid | None = None
    """Only blobs of records that were written after this revision."""
    limit: Annotated[int, constraints.Integer(minimum=1, maximum=1000)] = 500
    """Most items to return."""
    cursor: str | None = None
    """Where the last page ended: the `cursor` of its answer."""


class Output(models.Output):
    """The output."""

    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""
    cids: list[constraints.CidText]
    """CIDs of the blobs."""


METHOD: Query[Params, Output] = Query(
    NSID, Params, Output, errors=("RepoNotFound", "RepoTakendown", "RepoSuspended", "RepoDeactivated")
)
"""Errors:

RepoNotFound: No such repository is hosted here.

RepoTakendown: The repository has been taken down.

RepoSuspended: The repository is suspended.

RepoDeactivated: Its owner has deactivated the repository.
"""
