"""Times and browsers as people read them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tonearm.web.contexts import Moment

if TYPE_CHECKING:
    from datetime import datetime

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""Marks in a User-Agent; the first that is there counts, since most browsers name others too."""
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_PRODUCT = re.compile(r"[A-Za-z][\w.-]{0,30}(?=/|\Z|\s)")


def moment(when: datetime) -> Moment:
    """A time in UTC, to the minute."""
    return Moment(f"{when.day} {when:%b %Y, %H:%M}", when.isoformat(timespec="seconds"))


def moment_or_none(when: datetime | None) -> Moment | None:
    """A time that may not have come."""
    return None if when is None else moment(when)


def device(agent: str) -> str:
    """What a User-Agent says of a browser and its system; a guess, good enough to know one's own by."""
    browser = next((name for mark, name in _BROWSERS if f"{mark}/" in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    if browser and system:
        return f"{browser} on {system}"
    product = _PRODUCT.match(agent)
    return browser or (product.group() if product else "Unknown browser")
