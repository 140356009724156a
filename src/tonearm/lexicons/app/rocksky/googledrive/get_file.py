# Generated from lexicons/app/rocksky/googledrive/getFile.json by scripts/codegen. Do not edit.
"""`app.rocksky.googledrive.getFile`, a query.

Get what Google Drive knows about a file of the signed-in account.
"""

from typing import Final, TypeAlias

from pydantic import Field

from tonearm.lexicons.app.rocksky.googledrive import defs as googledrive_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Query

NSID: Final = "app.rocksky.googledrive.getFile"


class Params(models.Params):
    """Parameters."""

    file_id: str = Field(alias="fileId")
    """Google Drive's identifier of the file."""


Output: TypeAlias = googledrive_defs.FileView

METHOD: Query[Params, Output] = Query(NSID, Params, Output, errors=("StorageNotConnected", "FileNotFound"))
"""Errors:

StorageNotConnected: The account has not connected this storage.

FileNotFound: The storage has no such file or folder.
"""
