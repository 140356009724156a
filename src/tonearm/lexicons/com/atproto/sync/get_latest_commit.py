# Generated from lexicons/com/atproto/sync/getLatestCommit.json by scripts/codegen. Do not edit.
"""`com.atproto.sync.getLatestCommit`, a query.

Get the latest commit of a repository.
"""

from typing import Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "com.atproto.sync.getLatestCommit"


class Params(models.Params):
    """Parameters."""

    did: constraints.Did
    """DID of the account."""


class Output(models.Output):
    """The output."""

    cid: constraints.CidText
    """CID of the commit."""
    rev: constraints.Tid
    """Its revision."""


METHOD: Query[Params, Output] = Query(
    NSID, Params, Output, errors=("RepoNotFound", "RepoTakendown", "RepoSuspended", "RepoDeactivated")
)
"""Errors:

RepoNotFound: No such repository is hosted here.

RepoTakendown: The repository has been taken down.

RepoSuspended: The repository is suspended.

RepoDeactivated: Its owner has deactivated the repository.
"""
