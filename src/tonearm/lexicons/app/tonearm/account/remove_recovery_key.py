# Generated from lexicons/app/tonearm/account/removeRecoveryKey.json by scripts/codegen. Do not edit.
"""`app.tonearm.account.removeRecoveryKey`, a procedure.

Take a recovery key's power over the identity of a local account away.
"""

from typing import Annotated, Final

from pydantic import Field

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.tonearm.account.removeRecoveryKey"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    key: Annotated[str, constraints.Text(max_bytes=256)]
    """The key as a did:key."""


class Output(models.Output):
    """The output."""

    recovery_keys: list[str] = Field(alias="recoveryKeys")
    """Keys of the owner that may change the identity, the most powerful first.

    Each: A did:key.
    """


METHOD: Procedure[Params, Input, Output] = Procedure(NSID, Params, Input, Output, errors=("InvalidKey", "NotLocal"))
"""Errors:

InvalidKey: The key is no did:key of the curves K-256 or P-256, is one of this server's own, or there are too many.
The message says which.

NotLocal: The account's repository is elsewhere: its recovery keys are managed there.
"""
