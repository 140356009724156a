# Generated from lexicons/app/rocksky/radio/defs.json by scripts/codegen. Do not edit.
"""`app.rocksky.radio.defs`.

Views of radio stations.
"""

from typing import ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.radio.defs"


class RadioViewBasic(models.Object):
    """A radio station as lists show it."""

    TYPE: ClassVar[str] = "app.rocksky.radio.defs#radioViewBasic"

    id: str | None = None
    """Identifier of the station."""
    name: str | None = None
    """Name of the station."""
    created_at: constraints.Datetime | None = Field(default=None, alias="createdAt")
    """When it was added."""
    description: str | None = None
    """Text about the station."""


class RadioViewDetailed(models.Object):
    """A radio station."""

    TYPE: ClassVar[str] = "app.rocksky.radio.defs#radioViewDetailed"

    id: str | None = None
    """Identifier of the station."""
    name: str | None = None
    """Name of the station."""
    genre: str | None = None
    """What it plays."""
    created_at: constraints.Datetime | None = Field(default=None, alias="createdAt")
    """When it was added."""
    description: str | None = None
    """Text about the station."""
    logo: str | None = None
    """Address of its logo."""
    url: constraints.Uri | None = None
    """Address of the audio stream."""
    website: constraints.Uri | None = None
    """Address of its web site."""
