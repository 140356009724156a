"""MBIDs and ISRCs: which texts name a recording.

Players send junk where they know nothing ("unknown", "0", the nil UUID), the same for every track. Taken as identity,
it would make one play of all that is heard within half a minute. So only what has the form of an identifier identifies;
the record and the journal keep what was sent.
"""

from __future__ import annotations

import re

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NIL = "00000000-0000-0000-0000-000000000000"
_ISRC = re.compile(r"[A-Za-z]{2}[A-Za-z0-9]{3}[0-9]{7}")


def mbid_of(text: str) -> str | None:
    """The MBID in lower case, without the prefix `mbid:`; None when this is no UUID, or the nil one."""
    mbid = text.lower().removeprefix("mbid:")
    return mbid if _UUID.fullmatch(mbid) and mbid != _NIL else None


def isrc_of(text: str) -> str | None:
    """The ISRC in capitals, without hyphens and spaces; None when the text is none.

    Source: ISO 3901: two letters, three letters or digits, seven digits.
    """
    isrc = text.replace("-", "").replace(" ", "")
    return isrc.upper() if _ISRC.fullmatch(isrc) else None
