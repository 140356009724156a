# Generated from lexicons/app/rocksky/dropbox/downloadFile.json by scripts/codegen. Do not edit.
"""`app.rocksky.dropbox.downloadFile`, a query.

Download a file from the signed-in account's Dropbox.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import models
from tonearm.xrpc.method import BinaryOutput, Query

NSID: Final = "app.rocksky.dropbox.downloadFile"


class Params(models.Params):
    """Parameters."""

    file_id: str = Field(alias="fileId")
    """Dropbox's identifier of the file."""


METHOD: Query[Params, BinaryOutput] = Query(
    NSID, Params, None, output_encoding="application/octet-stream", errors=("StorageNotConnected", "FileNotFound")
)
"""Errors:

StorageNotConnected: The account has not connected this storage.

FileNotFound: The storage has no such file or folder.
"""
