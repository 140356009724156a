# Generated from lexicons/com/atproto/repo/applyWrites.json by scripts/codegen. Do not edit.
"""`com.atproto.repo.applyWrites`, a procedure.

Apply several writes to the account's repository in one commit: all of them or none. At most 200.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.lexicons.com.atproto.repo import defs as repo_defs
from tonearm.xrpc import constraints, models, values
from tonearm.xrpc.method import Procedure

NSID: Final = "com.atproto.repo.applyWrites"


class Params(models.Params):
    """No parameters."""


class Create(models.Object):
    """Add a record."""

    TYPE: ClassVar[str] = "com.atproto.repo.applyWrites#create"

    collection: constraints.Nsid
    """NSID of the collection."""
    rkey: Annotated[str, constraints.Text("record-key", max_bytes=512)] | None = None
    """Record key. Without it, a new TID."""
    value: values.UnknownObject
    """The record."""


class Delete(models.Object):
    """Delete a record."""

    TYPE: ClassVar[str] = "com.atproto.repo.applyWrites#delete"

    collection: constraints.Nsid
    """NSID of the collection."""
    rkey: constraints.RecordKey
    """Record key."""


class Update(models.Object):
    """Replace a record."""

    TYPE: ClassVar[str] = "com.atproto.repo.applyWrites#update"

    collection: constraints.Nsid
    """NSID of the collection."""
    rkey: constraints.RecordKey
    """Record key."""
    value: values.UnknownObject
    """The record."""


class Input(models.Input):
    """The input."""

    repo: constraints.AtIdentifier
    """The repository: a DID or a handle."""
    validate_: bool | None = Field(default=None, alias="validate")
    """True to require that the record fits its lexicon, false to skip the check. Without it, only records whose lexicon
    is known are checked.
    """
    writes: list[
        Annotated[
            Create | Update | Delete,
            values.ClosedUnion(
                "com.atproto.repo.applyWrites#create",
                "com.atproto.repo.applyWrites#update",
                "com.atproto.repo.applyWrites#delete",
            )
        ]
    ]
    """The writes, in order."""
    swap_commit: constraints.CidText | None = Field(default=None, alias="swapCommit")
    """Refuse the write unless the repository's latest commit is this one."""


class CreateResult(models.Object):
    """Result of `#create`."""

    TYPE: ClassVar[str] = "com.atproto.repo.applyWrites#createResult"

    uri: constraints.AtUri
    """AT-URI of the record."""
    cid: constraints.CidText
    """CID of the record."""
    validation_status: str | None = Field(default=None, alias="validationStatus")
    """`valid` when the record was checked, `unknown` when its lexicon is not known.

    Known values: valid, unknown.
    """


class DeleteResult(models.Object):
    """Result of `#delete`."""

    TYPE: ClassVar[str] = "com.atproto.repo.applyWrites#deleteResult"


class UpdateResult(models.Object):
    """Result of `#update`."""

    TYPE: ClassVar[str] = "com.atproto.repo.applyWrites#updateResult"

    uri: constraints.AtUri
    """AT-URI of the record."""
    cid: constraints.CidText
    """CID of the record."""
    validation_status: str | None = Field(default=None, alias="validationStatus")
    """`valid` when the record was checked, `unknown` when its lexicon is not known.

    Known values: valid, unknown.
    """


class Output(models.Output):
    """The output."""

    commit: repo_defs.CommitMeta | None = None
    """The commit that holds the writes."""
    results: list[
        Annotated[
            CreateResult | UpdateResult | DeleteResult,
            values.ClosedUnion(
                "com.atproto.repo.applyWrites#createResult",
                "com.atproto.repo.applyWrites#updateResult",
                "com.atproto.repo.applyWrites#deleteResult",
            )
        ]
    ] | None = None
    """One result for each write, in the same order."""


METHOD: Procedure[Params, Input, Output] = Procedure(NSID, Params, Input, Output, errors=("InvalidSwap",))
"""Errors:

InvalidSwap: The repository or the record is not in the version that the caller expects.
"""
