# Generated from lexicons/com/atproto/server/createAppPassword.json by scripts/codegen. Do not edit.
"""`com.atproto.server.createAppPassword`, a procedure.

Make an app password. It is shown in this answer only.
"""

from typing import ClassVar, Final, TypeAlias

from pydantic import Field

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "com.atproto.server.createAppPassword"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    name: str
    """Name to tell it by."""
    privileged: bool | None = None
    """Whether it reaches private messages and other sensitive parts."""


class AppPassword(models.Object):
    """A new app password."""

    TYPE: ClassVar[str] = "com.atproto.server.createAppPassword#appPassword"

    name: str
    """Name to tell it by."""
    password: str
    """The app password."""
    created_at: constraints.Datetime = Field(alias="createdAt")
    """When it was made."""
    privileged: bool | None = None
    """Whether it reaches private messages and other sensitive parts."""


Output: TypeAlias = AppPassword

METHOD: Procedure[Params, Input, Output] = Procedure(NSID, Params, Input, Output, errors=("AccountTakedown",))
"""Errors:

AccountTakedown: The account has been taken down.
"""
