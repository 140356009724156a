# Generated from lexicons/com/atproto/repo/strongRef.json by scripts/codegen. Do not edit.
"""`com.atproto.repo.strongRef`."""

from typing import ClassVar, Final

from tonearm.xrpc import constraints, models

NSID: Final = "com.atproto.repo.strongRef"


class Main(models.Object):
    """One version of a record: where it is, and the hash of what it was."""

    TYPE: ClassVar[str] = NSID

    uri: constraints.AtUri
    """AT-URI of the record."""
    cid: constraints.CidText
    """CID of that version."""
