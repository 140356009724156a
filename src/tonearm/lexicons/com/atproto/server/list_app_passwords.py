# Generated from lexicons/com/atproto/server/listAppPasswords.json by scripts/codegen. Do not edit.
"""`com.atproto.server.listAppPasswords`, a query.

List the app passwords of the account, without the passwords themselves.
"""

from typing import ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "com.atproto.server.listAppPasswords"


class Params(models.Params):
    """No parameters."""


class AppPassword(models.Object):
    """An app password."""

    TYPE: ClassVar[str] = "com.atproto.server.listAppPasswords#appPassword"

    name: str
    """Name to tell it by."""
    created_at: constraints.Datetime = Field(alias="createdAt")
    """When it was made."""
    privileged: bool | None = None
    """Whether it reaches private messages and other sensitive parts."""


class Output(models.Output):
    """The output."""

    passwords: list[AppPassword]
    """The app passwords."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("AccountTakedown",))
"""Errors:

AccountTakedown: The account has been taken down.
"""
