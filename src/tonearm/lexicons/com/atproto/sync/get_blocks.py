# Generated from lexicons/com/atproto/sync/getBlocks.json by scripts/codegen. Do not edit.
"""`com.atproto.sync.getBlocks`, a query.

Get blocks of a repository as a CAR file.
"""

from typing import Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import BinaryOutput, Query

NSID: Final = "com.atproto.sync.getBlocks"


class Params(models.Params):
    """Parameters."""

    did: constraints.Did
    """DID of the account."""
    cids: list[constraints.CidText]
    """CIDs of the wanted blocks."""


METHOD: Query[Params, BinaryOutput] = Query(
    NSID,
    Params,
    None,
    output_encoding="application/vnd.ipld.car",
    errors=("BlockNotFound", "RepoNotFound", "RepoTakendown", "RepoSuspended", "RepoDeactivated"),
)
"""Errors:

BlockNotFound: The repository has no such block.

RepoNotFound: No such repository is hosted here.

RepoTakendown: The repository has been taken down.

RepoSuspended: The repository is suspended.

RepoDeactivated: Its owner has deactivated the repository.
"""
