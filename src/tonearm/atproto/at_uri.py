"""AT-URIs: names of repositories, collections and records.

`at://AUTHORITY[/COLLECTION[/RKEY]]`, the form that lexicons allow: no query, no fragment, no final slash. The
authority is a DID in everything that is stored; a handle appears only in what a caller sends.

Source: https://atproto.com/specs/at-uri-scheme ("Restricted AT URI Syntax").
"""

from __future__ import annotations

from dataclasses import dataclass

from tonearm.atproto.formats import is_at_uri


class AtUriError(ValueError):
    """The text is no AT-URI. The caller refuses the input."""


@dataclass(frozen=True, slots=True)
class AtUri:
    """The parts of an AT-URI. `rkey` is None when `collection` is."""

    authority: str
    collection: str | None = None
    rkey: str | None = None

    def __str__(self) -> str:
        return "/".join(part for part in ("at:/", self.authority, self.collection, self.rkey) if part is not None)


def parse_at_uri(text: str) -> AtUri:
    """Split an AT-URI into its parts.

    Raises:
        AtUriError: `text` is not of the `at-uri` format.
    """
    if not is_at_uri(text):
        raise AtUriError("not an AT-URI of the form at://AUTHORITY[/COLLECTION[/RKEY]]")
    return AtUri(*text[5:].split("/"))


def at_uri(did: str, collection: str, rkey: str) -> str:
    """Return the AT-URI of a record from parts that are known to be well-formed."""
    return f"at://{did}/{collection}/{rkey}"
