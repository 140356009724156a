# Generated from lexicons/com/atproto/repo/describeRepo.json by scripts/codegen. Do not edit.
"""`com.atproto.repo.describeRepo`, a query.

Tell whose repository this is and which collections it has.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import constraints, models, values
from tonearm.xrpc.method import Query

NSID: Final = "com.atproto.repo.describeRepo"


class Params(models.Params):
    """Parameters."""

    repo: constraints.AtIdentifier
    """The repository: a DID or a handle."""


class Output(models.Output):
    """The output."""

    handle: constraints.Handle
    """Handle of the account."""
    did: constraints.Did
    """DID of the account."""
    did_doc: values.UnknownObject = Field(alias="didDoc")
    """The account's DID document."""
    collections: list[constraints.Nsid]
    """NSIDs of the collections that hold at least one record."""
    handle_is_correct: bool = Field(alias="handleIsCorrect")
    """Whether the handle and the DID point to each other."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output)
