# Generated from lexicons/app/rocksky/mirror/defs.json by scripts/codegen. Do not edit.
"""`app.rocksky.mirror.defs`.

Mirroring of plays from other services.
"""

from typing import ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.mirror.defs"


class MirrorSourceView(models.Object):
    """How one service is mirrored for an account. The stored key is never returned."""

    TYPE: ClassVar[str] = "app.rocksky.mirror.defs#mirrorSourceView"
    NULLABLE: ClassVar[frozenset[str]] = frozenset({"external_username"})

    enabled: bool
    """Whether plays of this service are brought over."""
    external_username: str | None = Field(default=None, alias="externalUsername")
    """Name of the account on that service. Null for `tealfm`."""
    has_credentials: bool = Field(alias="hasCredentials")
    """Whether a key is stored. Always false for `tealfm`."""
    last_polled_at: constraints.Datetime | None = Field(default=None, alias="lastPolledAt")
    """When the service was last read successfully."""
    last_scrobble_seen_at: constraints.Datetime | None = Field(default=None, alias="lastScrobbleSeenAt")
    """Plays on the service older than this have been dealt with and are not looked at again."""
    provider: str
    """`lastfm`, `listenbrainz` or `tealfm`."""
