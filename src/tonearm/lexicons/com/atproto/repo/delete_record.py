# Generated from lexicons/com/atproto/repo/deleteRecord.json by scripts/codegen. Do not edit.
"""`com.atproto.repo.deleteRecord`, a procedure.

Delete a record from the account's repository. It is no error if there is none.
"""

from typing import Final

from pydantic import Field

from tonearm.lexicons.com.atproto.repo import defs as repo_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "com.atproto.repo.deleteRecord"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    repo: constraints.AtIdentifier
    """The repository: a DID or a handle."""
    collection: constraints.Nsid
    """NSID of the collection."""
    rkey: constraints.RecordKey
    """Record key."""
    swap_record: constraints.CidText | None = Field(default=None, alias="swapRecord")
    """Refuse the write unless the record is in this version."""
    swap_commit: constraints.CidText | None = Field(default=None, alias="swapCommit")
    """Refuse the write unless the repository's latest commit is this one."""


class Output(models.Output):
    """The output."""

    commit: repo_defs.CommitMeta | None = None
    """The commit that holds the write. Absent when nothing changed."""


METHOD: Procedure[Params, Input, Output] = Procedure(NSID, Params, Input, Output, errors=("InvalidSwap",))
"""Errors:

InvalidSwap: The repository or the record is not in the version that the caller expects.
"""
