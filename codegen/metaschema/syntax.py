"""The small grammars that lexicon documents use.

Source: the specifications of NSIDs, record keys, language tags (BCP 47) and media types (RFC 2045).
"""

from __future__ import annotations

import re

_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_NSID = re.compile(rf"[a-zA-Z](?:[a-zA-Z0-9-]{{0,61}}[a-zA-Z0-9])?(?:\.{_LABEL})+\.[a-zA-Z][a-zA-Z0-9]{{0,62}}")
_DEFINITION_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]*")
_RECORD_KEY = re.compile(r"(?!\.\.?$)[a-zA-Z0-9._:~-]{1,512}")
_MEDIA_NAME = r"[a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]{0,126}"
_MEDIA_TYPE = re.compile(rf"\*/\*|{_MEDIA_NAME}/(?:\*|{_MEDIA_NAME})")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{1,8})*")
_ERROR_NAME = re.compile(r"\S+")


def is_nsid(text: str) -> bool:
    """Tell whether a text is an NSID: a reversed domain of at most 253 characters, and a name."""
    return _NSID.fullmatch(text) is not None and len(text.rpartition(".")[0]) <= 253


def is_definition_name(text: str) -> bool:
    """Tell whether a text can name a definition, that is stand after `#` in a reference."""
    return _DEFINITION_NAME.fullmatch(text) is not None


def is_reference(text: str) -> bool:
    """Tell whether a text has the form `nsid`, `nsid#name` or `#name`."""
    nsid, hash_sign, name = text.partition("#")
    if hash_sign and not is_definition_name(name):
        return False
    return is_nsid(nsid) if nsid else bool(hash_sign)


def is_record_key_type(text: str) -> bool:
    """Tell whether a text is a type of record key: `tid`, `nsid`, `any` or `literal:` and a record key."""
    kind, colon, literal = text.partition(":")
    if colon:
        return kind == "literal" and _RECORD_KEY.fullmatch(literal) is not None
    return kind in {"tid", "nsid", "any"}


def is_media_type(text: str) -> bool:
    """Tell whether a text is one media type, or a glob of them, without parameters."""
    return _MEDIA_TYPE.fullmatch(text) is not None


def is_language(text: str) -> bool:
    """Tell whether a text has the form of a language tag."""
    return _LANGUAGE.fullmatch(text) is not None


def is_error_name(text: str) -> bool:
    """Tell whether a text can be an error's name: not empty, without white space."""
    return _ERROR_NAME.fullmatch(text) is not None
