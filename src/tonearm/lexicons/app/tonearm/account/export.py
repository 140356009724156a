# Generated from lexicons/app/tonearm/account/export.json by scripts/codegen. Do not edit.
"""`app.tonearm.account.export`, a query.

Download everything that is held of an account, as a ZIP archive: account, profile, plays, submissions as they came,
the queue, names of tokens, keys and sessions without the secrets, and the repository.
"""

from typing import Annotated, Final

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import BinaryOutput, Query

NSID: Final = "app.tonearm.account.export"


class Params(models.Params):
    """Parameters."""

    account: Annotated[str, constraints.Text(max_bytes=256)] | None = None
    """Whose account: its name, handle or DID. The caller's own without it; another's for administrators only."""


METHOD: Query[Params, BinaryOutput] = Query(
    NSID, Params, None, output_encoding="application/zip", errors=("AccountNotFound",)
)
"""Errors:

AccountNotFound: There is no such account here.
"""
