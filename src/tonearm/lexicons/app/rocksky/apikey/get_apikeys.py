# Generated from lexicons/app/rocksky/apikey/getApikeys.json by scripts/codegen. Do not edit.
"""`app.rocksky.apikey.getApikeys`, a query.

List the keys of the signed-in account, newest first.
"""

from typing import Final

from pydantic import Field

from tonearm.lexicons.app.rocksky.apikey import defs as apikey_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.apikey.getApikeys"


class Params(models.Params):
    """Parameters."""

    limit: constraints.Int = 20
    """Most items to return. A higher value than 1000 is taken as 1000, a lower one than 1 as 1."""
    offset: constraints.Int | None = None
    """How many items to skip. A negative value is taken as 0."""


class Output(models.Output):
    """The output."""

    api_keys: list[apikey_defs.ApiKeyView] | None = Field(default=None, alias="apiKeys")
    """Newest first."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output)
