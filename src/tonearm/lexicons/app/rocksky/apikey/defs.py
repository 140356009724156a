# Generated from lexicons/app/rocksky/apikey/defs.json by scripts/codegen. Do not edit.
"""`app.rocksky.apikey.defs`.

Views of keys for players.
"""

from typing import ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.apikey.defs"


class ApiKeyView(models.Object):
    """A key for players that speak the Last.fm or ListenBrainz protocol, without its secrets."""

    TYPE: ClassVar[str] = "app.rocksky.apikey.defs#apiKeyView"

    id: str | None = None
    """Identifier of the key."""
    name: str | None = None
    """Name that its owner gave it."""
    description: str | None = None
    """Note of its owner."""
    created_at: constraints.Datetime | None = Field(default=None, alias="createdAt")
    """When it was made."""


class ApiKey(models.Object):
    """A key as the methods that change keys answer it. The secrets are present only in the answer that makes the key,
    and cannot be read again.
    """

    TYPE: ClassVar[str] = "app.rocksky.apikey.defs#apiKey"

    id: str | None = None
    """Identifier of the key."""
    name: str | None = None
    """Name that its owner gave it."""
    description: str | None = None
    """Note of its owner."""
    api_key: str | None = Field(default=None, alias="apiKey")
    """The key itself."""
    shared_secret: str | None = Field(default=None, alias="sharedSecret")
    """The secret with which Last.fm calls are signed."""
    created_at: constraints.Datetime | None = Field(default=None, alias="createdAt")
    """When it was made."""
