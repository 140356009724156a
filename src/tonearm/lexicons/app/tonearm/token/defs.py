# Generated from lexicons/app/tonearm/token/defs.json by scripts/codegen. Do not edit.
"""`app.tonearm.token.defs`.

Views of API tokens.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models

NSID: Final = "app.tonearm.token.defs"


class TokenView(models.Object):
    """An API token, without the token itself."""

    TYPE: ClassVar[str] = "app.tonearm.token.defs#tokenView"

    id: str
    """Identifier of the token; no secret."""
    label: str
    """Name that its owner gave it."""
    scopes: Annotated[list[str], constraints.Items(maximum=3)]
    """What it allows: `read` the account's own data, `scrobble` to submit plays, `manage` to change all else.

    Known values: read, scrobble, manage.
    """
    created_at: constraints.Datetime = Field(alias="createdAt")
    """When it was made."""
    expires_at: constraints.Datetime | None = Field(default=None, alias="expiresAt")
    """When its time is over. Absent when it has no end."""
    last_used_at: constraints.Datetime | None = Field(default=None, alias="lastUsedAt")
    """When it was last used, to a minute. Absent when it never was."""
