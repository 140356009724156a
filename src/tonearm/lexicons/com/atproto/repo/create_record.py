# Generated from lexicons/com/atproto/repo/createRecord.json by scripts/codegen. Do not edit.
"""`com.atproto.repo.createRecord`, a procedure.

Add a record to the account's repository.
"""

from typing import Annotated, Final

from pydantic import Field

from tonearm.lexicons.com.atproto.repo import defs as repo_defs
from tonearm.xrpc import constraints, models, values
from tonearm.xrpc.method import Procedure

NSID: Final = "com.atproto.repo.createRecord"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    repo: constraints.AtIdentifier
    """The repository: a DID or a handle."""
    collection: constraints.Nsid
    """NSID of the collection."""
    rkey: Annotated[str, constraints.Text("record-key", max_bytes=512)] | None = None
    """Record key. Without it, a new TID."""
    validate_: bool | None = Field(default=None, alias="validate")
    """True to require that the record fits its lexicon, false to skip the check. Without it, only records whose lexicon
    is known are checked.
    """
    record: values.UnknownObject
    """The record, with its `$type`."""
    swap_commit: constraints.CidText | None = Field(default=None, alias="swapCommit")
    """Refuse the write unless the repository's latest commit is this one."""


class Output(models.Output):
    """The output."""

    uri: constraints.AtUri
    """AT-URI of the record."""
    cid: constraints.CidText
    """CID of the record."""
    commit: repo_defs.CommitMeta | None = None
    """The commit that holds the write."""
    validation_status: str | None = Field(default=None, alias="validationStatus")
    """`valid` when the record was checked, `unknown` when its lexicon is not known.

    Known values: valid, unknown.
    """


METHOD: Procedure[Params, Input, Output] = Procedure(NSID, Params, Input, Output, errors=("InvalidSwap",))
"""Errors:

InvalidSwap: The repository or the record is not in the version that the caller expects.
"""
