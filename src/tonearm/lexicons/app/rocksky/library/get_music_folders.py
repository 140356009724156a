# Generated from lexicons/app/rocksky/library/getMusicFolders.json by scripts/codegen. Do not edit.
"""`app.rocksky.library.getMusicFolders`, a query.

List the top folders of the music library.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import models, values
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.library.getMusicFolders"


class Params(models.Params):
    """No parameters."""


class Output(models.Output):
    """The output."""

    status: str | None = None
    """`ok`; a failure is answered as an error instead."""
    version: str | None = None
    """Version of the Subsonic protocol that the payload follows."""
    type: str | None = None
    """Kind of library server."""
    music_folders: values.UnknownObject | None = Field(default=None, alias="musicFolders")
    """The folders."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("LibraryNotAvailable",))
"""Errors:

LibraryNotAvailable: No music library is connected for this account, or it cannot be reached now.
"""
