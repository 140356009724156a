# Generated from lexicons/app/tonearm/session/defs.json by scripts/codegen. Do not edit.
"""`app.tonearm.session.defs`.

Views of sessions.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models

NSID: Final = "app.tonearm.session.defs"


class SessionView(models.Object):
    """A session that is open, without its credentials."""

    TYPE: ClassVar[str] = "app.tonearm.session.defs#sessionView"

    id: str
    """Identifier of the session; no secret."""
    kind: str
    """`browser`: a browser that is logged in; `app`: an app with an access and a refresh token.

    Known values: browser, app.
    """
    label: str
    """Name that the app gave itself. Empty for a browser."""
    agent: str
    """What the client called itself at the login."""
    address: str | None = None
    """Address that a browser logged in from."""
    scopes: Annotated[list[str], constraints.Items(maximum=3)]
    """What it allows: `read` the account's own data, `scrobble` to submit plays, `manage` to change all else.

    Known values: read, scrobble, manage.
    """
    created_at: constraints.Datetime = Field(alias="createdAt")
    """When it was opened."""
    last_used_at: constraints.Datetime | None = Field(default=None, alias="lastUsedAt")
    """When it was last used, to a minute. Absent when it never was."""
    current: bool
    """Whether this call was made with it."""
