# Generated from lexicons/com/atproto/sync/subscribeRepos.json by scripts/codegen. Do not edit.
"""`com.atproto.sync.subscribeRepos`, an event stream.

Stream of what happens to the repositories of this server: commits with their changes, and changes of identities and
accounts. Each message has a higher `seq` than the one before; numbers may be missing.
"""

from typing import Annotated, ClassVar, Final, TypeAlias

from pydantic import Field

from tonearm.xrpc import constraints, models, values
from tonearm.xrpc.method import Subscription

NSID: Final = "com.atproto.sync.subscribeRepos"


class Params(models.Params):
    """Parameters."""

    cursor: constraints.Int | None = None
    """Begin after the message with this number; 0 begins with the oldest that is kept. Without it, with the next that
    happens.
    """


class RepoOp(models.Object):
    """The change of one record."""

    TYPE: ClassVar[str] = "com.atproto.sync.subscribeRepos#repoOp"

    action: str
    """What was done.

    Known values: create, update, delete.
    """
    path: str
    """Collection and record key, with a slash between."""
    cid: values.CidLink | None
    """CID of the new version; null when deleted."""
    prev: values.CidLink | None = None
    """CID of the version before. Absent when created."""


class Commit(models.Object):
    """A commit with what it changed."""

    TYPE: ClassVar[str] = "com.atproto.sync.subscribeRepos#commit"

    seq: constraints.Int
    """Number of the message."""
    rebase: bool
    """No longer used; false."""
    too_big: bool = Field(alias="tooBig")
    """No longer used; false."""
    repo: constraints.Did
    """DID of the account."""
    commit: values.CidLink
    """CID of the commit."""
    rev: constraints.Tid
    """Revision of the commit."""
    since: constraints.Tid | None
    """Revision of the commit before, null for the first."""
    blocks: Annotated[bytes, values.Bytes(maximum=2000000)]
    """CAR file with the commit, its root, and the blocks that are new since the commit before, with those needed to
    check the change.
    """
    ops: Annotated[list[RepoOp], constraints.Items(maximum=200)]
    """What the commit changed."""
    blobs: list[values.CidLink]
    """No longer used; empty."""
    prev_data: values.CidLink | None = Field(default=None, alias="prevData")
    """Root of the tree of the commit before. With it, the change can be checked without knowing the repository."""
    time: constraints.Datetime
    """When the message was made."""


class Sync(models.Object):
    """The repository is now in this state, whatever the messages before have said."""

    TYPE: ClassVar[str] = "com.atproto.sync.subscribeRepos#sync"

    seq: constraints.Int
    """Number of the message."""
    did: constraints.Did
    """DID of the account."""
    blocks: Annotated[bytes, values.Bytes(maximum=10000)]
    """CAR file with the commit, its root, and nothing else."""
    rev: str
    """Revision of the commit."""
    time: constraints.Datetime
    """When the message was made."""


class Identity(models.Object):
    """The account's handle, keys or server may have changed; readers should resolve it anew."""

    TYPE: ClassVar[str] = "com.atproto.sync.subscribeRepos#identity"

    seq: constraints.Int
    """Number of the message."""
    did: constraints.Did
    """DID of the account."""
    time: constraints.Datetime
    """When the message was made."""
    handle: constraints.Handle | None = None
    """The handle, as far as the sender knows; `handle.invalid` where it does not hold."""


class Account(models.Object):
    """The account's state on this server has changed."""

    TYPE: ClassVar[str] = "com.atproto.sync.subscribeRepos#account"

    seq: constraints.Int
    """Number of the message."""
    did: constraints.Did
    """DID of the account."""
    time: constraints.Datetime
    """When the message was made."""
    active: bool
    """Whether the repository can be read here."""
    status: str | None = None
    """Why it cannot be read.

    Known values: takendown, suspended, deleted, deactivated, desynchronized, throttled.
    """


class Info(models.Object):
    """A note to the reader. It has no number."""

    TYPE: ClassVar[str] = "com.atproto.sync.subscribeRepos#info"

    name: str
    """What it is about; `OutdatedCursor` means that messages after the cursor are no longer kept.

    Known values: OutdatedCursor.
    """
    message: str | None = None
    """The same for people."""


Message: TypeAlias = Commit | Sync | Identity | Account | Info

METHOD: Subscription[Params, Message] = Subscription(
    NSID,
    Params,
    messages={"#commit": Commit, "#sync": Sync, "#identity": Identity, "#account": Account, "#info": Info},
    errors=("FutureCursor", "ConsumerTooSlow"),
)
"""Errors:

FutureCursor: The cursor is ahead of the stream.

ConsumerTooSlow: The reader fell too far behind and is disconnected.
"""
