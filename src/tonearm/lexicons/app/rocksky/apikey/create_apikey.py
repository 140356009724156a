# Generated from lexicons/app/rocksky/apikey/createApikey.json by scripts/codegen. Do not edit.
"""`app.rocksky.apikey.createApikey`, a procedure.

Make a key for players that speak the Last.fm or ListenBrainz protocol. The secrets are in this answer only.
"""

from typing import Final, TypeAlias

from tonearm.lexicons.app.rocksky.apikey import defs as apikey_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.apikey.createApikey"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    name: str
    """Name to tell the key by."""
    description: str | None = None
    """Note for its owner."""


Output: TypeAlias = apikey_defs.ApiKey

METHOD: Procedure[Params, Input, Output] = Procedure(NSID, Params, Input, Output, errors=("InvalidName",))
"""Errors:

InvalidName: The name is empty or too long.
"""
