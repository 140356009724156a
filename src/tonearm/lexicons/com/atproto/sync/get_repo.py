# Generated from lexicons/com/atproto/sync/getRepo.json by scripts/codegen. Do not edit.
"""`com.atproto.sync.getRepo`, a query.

Download a repository as a CAR file.
"""

from typing import Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import BinaryOutput, Query

NSID: Final = "com.atproto.sync.getRepo"


class Params(models.Params):
    """Parameters."""

    did: constraints.Did
    """DID of the account."""
    since: constraints.Tid | None = None
    """Only what has changed after this revision."""


METHOD: Query[Params, BinaryOutput] = Query(
    NSID,
    Params,
    None,
    output_encoding="application/vnd.ipld.car",
    errors=("RepoNotFound", "RepoTakendown", "RepoSuspended", "RepoDeactivated"),
)
"""Errors:

RepoNotFound: No such repository is hosted here.

RepoTakendown: The repository has been taken down.

RepoSuspended: The repository is suspended.

RepoDeactivated: Its owner has deactivated the repository.
"""
