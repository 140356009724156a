# Generated from lexicons/com/atproto/sync/getRepoStatus.json by scripts/codegen. Do not edit.
"""`com.atproto.sync.getRepoStatus`, a query.

Tell whether the server hosts a repository and whether it can be read.
"""

from typing import Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "com.atproto.sync.getRepoStatus"


class Params(models.Params):
    """Parameters."""

    did: constraints.Did
    """DID of the account."""


class Output(models.Output):
    """The output."""

    did: constraints.Did
    """DID of the account."""
    active: bool
    """Whether it can be read."""
    status: str | None = None
    """Why it cannot be read. Absent while it can, or where the reason is not told.

    Known values: takendown, suspended, deleted, deactivated, desynchronized, throttled.
    """
    rev: constraints.Tid | None = None
    """Revision of its latest commit, while it can be read."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("RepoNotFound",))
"""Errors:

RepoNotFound: No such repository is hosted here.
"""
