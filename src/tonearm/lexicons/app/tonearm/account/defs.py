# Generated from lexicons/app/tonearm/account/defs.json by scripts/codegen. Do not edit.
"""`app.tonearm.account.defs`.

Accounts of this server: what they are in, and their end.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models

NSID: Final = "app.tonearm.account.defs"


class AccountView(models.Object):
    """An account of this server."""

    TYPE: ClassVar[str] = "app.tonearm.account.defs#accountView"

    did: constraints.Did
    """DID of the account."""
    handle: str
    """Handle of the account."""
    name: str
    """The name by which it is known here; for most accounts elsewhere, their first handle."""
    display_name: str | None = Field(default=None, alias="displayName")
    """What its owner calls themselves in their profile."""
    avatar: constraints.Uri | None = None
    """Address of the picture in its owner's profile."""
    role: str
    """What it may do here beyond its own things.

    Known values: none, operator, administrator.
    """
    state: str
    """`active`; `deactivated` by its owner, who can reactivate it; `suspended` by an administrator, who can; `deleting`
    for good.

    Known values: active, deactivated, suspended, deleting.
    """
    local: bool
    """Whether its repository lives in this server's own PDS."""
    pds: str | None = None
    """Address of the PDS that holds its repository. Absent for a local account."""
    created_at: constraints.Datetime = Field(alias="createdAt")
    """When the account was made here."""
    recovery_keys: list[str] | None = Field(default=None, alias="recoveryKeys")
    """Keys of its owner that may change its identity, the most powerful first. Only for a local account.

    Each: A did:key.
    """


class DeletionView(models.Object):
    """How far the deletion of an account is."""

    TYPE: ClassVar[str] = "app.tonearm.account.defs#deletionView"

    id: str
    """By which the deletion can be asked about when the account's credentials are gone."""
    records: str
    """What becomes of the records in the repository. `kept`: they were to be deleted, and some could not be.

    Known values: keep, delete, kept.
    """
    stage: str
    """What is being removed now; `done` at the end.

    Known values: outbox, records, journal, sessions, repository, account, done.
    """
    done: Annotated[int, constraints.Integer(minimum=0)]
    """Plays that are removed."""
    total: Annotated[int, constraints.Integer(minimum=0)]
    """Plays that there were."""
    note: str | None = None
    """What holds it up, or what could not be done, in words."""
    asked_at: constraints.Datetime = Field(alias="askedAt")
    """When it was asked for."""
    finished_at: constraints.Datetime | None = Field(default=None, alias="finishedAt")
    """When it was done. Absent before."""
