# Generated from lexicons/app/rocksky/rockbox/getAudioSettings.json by scripts/codegen. Do not edit.
"""`app.rocksky.rockbox.getAudioSettings`, a query.

Get the sound settings of an account's Rockbox players.
"""

from typing import Final, TypeAlias

from tonearm.lexicons.app.rocksky.rockbox import defs as rockbox_defs
from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.rockbox.getAudioSettings"


class Params(models.Params):
    """Parameters."""

    did: constraints.AtIdentifier | None = None
    """The account: a DID or a handle. Without it, the signed-in account."""


Output: TypeAlias = rockbox_defs.SettingsView

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("ActorNotFound", "SettingsNotFound"))
"""Errors:

ActorNotFound: No account with this DID or handle is known.

SettingsNotFound: The account has stored none.
"""
