# Generated from lexicons/com/atproto/repo/uploadBlob.json by scripts/codegen. Do not edit.
"""`com.atproto.repo.uploadBlob`, a procedure.

Upload a blob. It is deleted again unless a record refers to it soon.
"""

from typing import Final

from tonearm.xrpc import models, values
from tonearm.xrpc.method import BinaryInput, Procedure

NSID: Final = "com.atproto.repo.uploadBlob"


class Params(models.Params):
    """No parameters."""


class Output(models.Output):
    """The output."""

    blob: values.Blob
    """What a record has to hold to refer to the blob."""


METHOD: Procedure[Params, BinaryInput, Output] = Procedure(NSID, Params, None, Output, input_encoding="*/*")
