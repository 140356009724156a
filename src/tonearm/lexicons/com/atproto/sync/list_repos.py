# Generated from lexicons/com/atproto/sync/listRepos.json by scripts/codegen. Do not edit.
"""`com.atproto.sync.listRepos`, a query.

List the repositories that the server hosts.
"""

from typing import Annotated, ClassVar, Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "com.atproto.sync.listRepos"


class Params(models.Params):
    """Parameters."""

    limit: Annotated[int, constraints.Integer(minimum=1, maximum=1000)] = 500
    """Most items to return."""
    cursor: str | None = None
    """Where the last page ended: the `cursor` of its answer."""


class Repo(models.Object):
    """A repository."""

    TYPE: ClassVar[str] = "com.atproto.sync.listRepos#repo"

    did: constraints.Did
    """DID of the account."""
    head: constraints.CidText
    """CID of its latest commit."""
    rev: constraints.Tid
    """Revision of that commit."""
    active: bool | None = None
    """Whether it can be read."""
    status: str | None = None
    """Why it cannot be read. Absent while it can, or where the reason is not told.

    Known values: takendown, suspended, deleted, deactivated, desynchronized, throttled.
    """


class Output(models.Output):
    """The output."""

    cursor: str | None = None
    """Pass it to get the next page. Absent on the last page."""
    repos: list[Repo]
    """The repositories."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output)
