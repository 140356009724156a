# Generated from lexicons/app/rocksky/mirror/putMirrorSource.json by scripts/codegen. Do not edit.
"""`app.rocksky.mirror.putMirrorSource`, a procedure.

Set how a service is mirrored for the signed-in account. What is left out stays as it is. Switching a service on
takes effect at once; its plays of the last 24 hours are brought over too.
"""

from typing import Final, TypeAlias

from pydantic import Field

from tonearm.lexicons.app.rocksky.mirror import defs as mirror_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.mirror.putMirrorSource"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    api_key: str | None = Field(default=None, alias="apiKey")
    """Key or token for that service; it is kept encrypted. Absent leaves the stored one, an empty text removes it."""
    enabled: bool | None = None
    """Whether plays of this service are brought over."""
    external_username: str | None = Field(default=None, alias="externalUsername")
    """Name of the account on that service. Needed to switch on `lastfm` or `listenbrainz`; ignored for `tealfm`."""
    provider: str
    """`lastfm`, `listenbrainz` or `tealfm`."""


Output: TypeAlias = mirror_defs.MirrorSourceView

METHOD: Procedure[Params, Input, Output] = Procedure(
    NSID, Params, Input, Output, errors=("UnknownProvider", "UsernameRequired")
)
"""Errors:

UnknownProvider: No such service is mirrored.

UsernameRequired: Mirroring this service needs `externalUsername`.
"""
