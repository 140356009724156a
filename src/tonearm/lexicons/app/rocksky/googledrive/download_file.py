# Generated from lexicons/app/rocksky/googledrive/downloadFile.json by scripts/codegen. Do not edit.
"""`app.rocksky.googledrive.downloadFile`, a query.

Download a file from the signed-in account's Google Drive.
"""

from typing import Final

from pydantic import Field

from tonearm.xrpc import models
from tonearm.xrpc.method import BinaryOutput, Query

NSID: Final = "app.rocksky.googledrive.downloadFile"


class Params(models.Params):
    """Parameters."""

    file_id: str = Field(alias="fileId")
    """Google Drive's identifier of the file."""


METHOD: Query[Params, BinaryOutput] = Query(
    NSID, Params, None, output_encoding="application/octet-stream", errors=("StorageNotConnected", "FileNotFound")
)
"""Errors:

StorageNotConnected: The account has not connected this storage.

FileNotFound: The storage has no such file or folder.
"""
