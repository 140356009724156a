# Generated from lexicons/app/rocksky/apikeys/defs.json by scripts/codegen. Do not edit.
"""`app.rocksky.apikeys.defs`.

A name without definitions of its own. Those of keys are in `app.rocksky.apikey.defs`.
"""

from typing import Final

NSID: Final = "app.rocksky.apikeys.defs"

RESERVED: Final = "app.rocksky.apikeys.defs#reserved"
"""Stands for nothing; a document must define something."""
