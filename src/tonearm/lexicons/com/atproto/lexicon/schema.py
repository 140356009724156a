# Generated from lexicons/com/atproto/lexicon/schema.json by scripts/codegen. Do not edit.
"""`com.atproto.lexicon.schema`, a record."""

from typing import ClassVar, Final

from tonearm.xrpc import constraints, models

NSID: Final = "com.atproto.lexicon.schema"


class Record(models.Record):
    """A lexicon document, published as a record whose key is its NSID. Beside `lexicon` it holds `id`, `defs` and the
    other parts of a lexicon document.
    """

    TYPE: ClassVar[str] = NSID

    lexicon: constraints.Int
    """Version of the lexicon language; 1."""


KEY: Final = "nsid"
