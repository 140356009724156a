# Generated from lexicons/com/atproto/repo/putRecord.json by scripts/codegen. Do not edit.
"""`com.atproto.repo.putRecord`, a procedure.

Write a record to the account's repository, whether it exists or not.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.lexicons.com.atproto.repo import defs as repo_defs
from tonearm.xrpc import constraints, models, values
from tonearm.xrpc.method import Procedure

NSID: Final = "com.atproto.repo.putRecord"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    NULLABLE: ClassVar[frozenset[str]] = frozenset({"swap_record"})

    repo: constraints.AtIdentifier
    """The repository: a DID or a handle."""
    collection: constraints.Nsid
    """NSID of the collection."""
    rkey: Annotated[str, constraints.Text("record-key", max_bytes=512)]
    """Record key."""
    validate_: bool | None = Field(default=None, alias="validate")
    """True to require that the record fits its lexicon, false to skip the check. Without it, only records whose lexicon
    is known are checked.
    """
    record: values.UnknownObject
    """The record, with its `$type`."""
    swap_record: constraints.CidText | None = Field(default=None, alias="swapRecord")
    """Refuse the write unless the record is in this version. Null means that it must not exist."""
    swap_commit: constraints.CidText | None = Field(default=None, alias="swapCommit")
    """Refuse the write unless the repository's latest commit is this one."""


class Output(models.Output):
    """The output."""

    uri: constraints.AtUri
    """AT-URI of the record."""
    cid: constraints.CidText
    """CID of the record."""
    commit: repo_defs.CommitMeta | None = None
    """The commit that holds the write. Absent when nothing changed."""
    validation_status: str | None = Field(default=None, alias="validationStatus")
    """`valid` when the record was checked, `unknown` when its lexicon is not known.

    Known values: valid, unknown.
    """


METHOD: Procedure[Params, Input, Output] = Procedure(NSID, Params, Input, Output, errors=("InvalidSwap",))
"""Errors:

InvalidSwap: The repository or the record is not in the version that the caller expects.
"""
