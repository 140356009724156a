# Generated from lexicons/com/atproto/repo/listRecords.json by scripts/codegen. Do not edit.
"""`com.atproto.repo.listRecords`, a query.

List the records of a collection, highest key first.
"""

from typing import Annotated, ClassVar, Final

from tonearm.xrpc import constraints, models, values
from tonearm.xrpc.method import Query

NSID: Final = "com.atproto.repo.listRecords"


class Params(models.Params):
    """Parameters."""

    repo: constraints.AtIdentifier
    """The repository: a DID or a handle."""
    collection: constraints.Nsid
    """NSID of the collection."""
    limit: Annotated[int, constraints.Integer(minimum=1, maximum=100)] = 50
    """Most items to return."""
    cursor: str | None = None
    """Where the last page ended: the `cursor` of its answer."""
    reverse: bool | None = None
    """Lowest key first instead."""


class Record(models.Object):
    """A record with its address."""

    TYPE: ClassVar[str] = "com.atproto.repo.listRecords#record"

    uri: constraints.AtUri
    """AT-URI of the record."""
    cid: constraints.CidText
    """CID of the record."""
    value: values.UnknownObject
    """The record."""


class Output(models.Output):
    """The output."""

    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""
    records: list[Record]
    """The records."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output)
