# Generated from lexicons/app/rocksky/apikey/updateApikey.json by scripts/codegen. Do not edit.
"""`app.rocksky.apikey.updateApikey`, a procedure.

Rename a key.
"""

from typing import Final, TypeAlias

from tonearm.lexicons.app.rocksky.apikey import defs as apikey_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.apikey.updateApikey"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    id: str
    """Identifier of the key."""
    name: str
    """New name."""
    description: str | None = None
    """New note; without it, the note stays."""


Output: TypeAlias = apikey_defs.ApiKey

METHOD: Procedure[Params, Input, Output] = Procedure(
    NSID, Params, Input, Output, errors=("ApiKeyNotFound", "InvalidName")
)
"""Errors:

ApiKeyNotFound: The account has no key with this identifier.

InvalidName: The name is empty or too long.
"""
