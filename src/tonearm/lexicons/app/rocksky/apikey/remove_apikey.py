# Generated from lexicons/app/rocksky/apikey/removeApikey.json by scripts/codegen. Do not edit.
"""`app.rocksky.apikey.removeApikey`, a procedure.

Revoke a key. Players that use it are refused from now on.
"""

from typing import Final, TypeAlias

from tonearm.lexicons.app.rocksky.apikey import defs as apikey_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.apikey.removeApikey"


class Params(models.Params):
    """Parameters."""

    id: str
    """Identifier of the key."""


Output: TypeAlias = apikey_defs.ApiKey

METHOD: Procedure[Params, None, Output] = Procedure(
    NSID, Params, None, Output, input_encoding=None, errors=("ApiKeyNotFound",)
)
"""Errors:

ApiKeyNotFound: The account has no key with this identifier.
"""
