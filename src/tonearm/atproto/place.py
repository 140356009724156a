"""Where in a nested value something is wrong.

A walk over a value carries its place as a chain of keys, which costs one tuple a step; the text is made when there is
something to report. Carrying text instead would copy a path for every item, which hostile input (long keys, many
items) turns into minutes.
"""

from __future__ import annotations

from typing import TypeAlias

Place: TypeAlias = "tuple[Place | None, str | int] | None"

_KEY_LIMIT = 64
_STEP_LIMIT = 16


def place_text(place: Place) -> str:
    """Return a path such as `tags/3` for people to read; "" is the whole value.

    Long keys are cut, of a long path only the two ends are shown, and what is not printable ASCII is escaped, so the
    text is safe in a log line and in an answer.
    """
    steps: list[str] = []
    while place is not None:
        place, key = place
        steps.append(key_text(key))
    steps.reverse()
    if len(steps) > _STEP_LIMIT:
        steps = [*steps[: _STEP_LIMIT // 2], "...", *steps[-_STEP_LIMIT // 2 :]]
    return "/".join(steps)


def key_text(key: str | int) -> str:
    """Return a key as printable ASCII of bounded length."""
    if isinstance(key, int):
        return str(key)
    shown = key if len(key) <= _KEY_LIMIT else f"{key[:_KEY_LIMIT]}..."
    if shown.isascii() and shown.isprintable():
        return shown
    return shown.encode("unicode_escape", "backslashreplace").decode("ascii")
