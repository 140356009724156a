"""The eleven string formats of lexicons, as predicates on text.

Each predicate is exact: it accepts what the specification's grammar accepts and nothing else, including the limits on
length. All text is ASCII. A predicate says whether the text is well-formed, not whether the thing exists: a DID of
any method passes, a handle is not resolved, a language's subtags need not be registered.

Two rules are kept everywhere: patterns match the whole string (`$` would let a final newline pass), and digits are
written `[0-9]`, since the short class would let other scripts' digits pass.

Source: https://atproto.com/specs/lexicon ("String Formats") and the specification of each identifier.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DID_LENGTH = 2048
MAX_HANDLE_LENGTH = 253
MAX_NSID_LENGTH = 317  # a domain of 253, a dot, a name of 63
MAX_RECORD_KEY_LENGTH = 512
MAX_URI_LENGTH = 8192
MAX_DATETIME_LENGTH = 64

_DID = r"did:[a-z]+:[a-zA-Z0-9._:%-]*[a-zA-Z0-9._-]"
_LABEL = r"(?!-)[a-zA-Z0-9-]{1,63}(?<!-)"
_HANDLE = rf"(?:{_LABEL}\.)+(?![0-9]){_LABEL}"
_NSID = rf"(?![0-9]){_LABEL}(?:\.{_LABEL})+\.[a-zA-Z][a-zA-Z0-9]{{0,62}}"
_RECORD_KEY = r"(?!\.\.?(?![a-zA-Z0-9._:~-]))[a-zA-Z0-9._:~-]{1,512}"

_did = re.compile(_DID).fullmatch
_bad_escape = re.compile(r"%(?![0-9a-fA-F]{2})").search
_handle = re.compile(_HANDLE).fullmatch
_nsid = re.compile(_NSID).fullmatch
_record_key = re.compile(_RECORD_KEY).fullmatch
_tid = re.compile(r"[234567a-j][234567a-z]{12}").fullmatch
_at_uri = re.compile(rf"at://(?:({_DID})|({_HANDLE}))(?:/({_NSID})(?:/{_RECORD_KEY})?)?").fullmatch
_cid = re.compile(r"(?!Qm)[a-zA-Z0-9+=]{8,256}").fullmatch
_uri = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:/*[!-.0-~][!-~]*").fullmatch

_datetime = re.compile(
    r"""
    (?!000) ([0-9]{4}) -
    (?: (?:0[13578]|1[02]) - (?:0[1-9]|[12][0-9]|3[01])
      | (?:0[469]|11) - (?:0[1-9]|[12][0-9]|30)
      | 02 - (?:0[1-9]|1[0-9]|2[0-8]|(29)) )
    T (?:[01][0-9]|2[0-3]) : [0-5][0-9] : [0-5][0-9] (?:\.[0-9]+)?
    (?: Z | (?:\+|-(?!00:00)) (?:[01][0-9]|2[0-3]) : [0-5][0-9] )
    """,
    re.VERBOSE,
).fullmatch

_language = re.compile(
    r"""
    [a-z]{2,3} (?:-[a-zA-Z]{3}(?![a-zA-Z0-9])){0,3}                         # language, extended language
    (?:-[a-zA-Z]{4}(?![a-zA-Z0-9]))?                                        # script
    (?:-(?:[a-zA-Z]{2}|[0-9]{3})(?![a-zA-Z0-9]))?                           # region
    ((?:-(?:[a-zA-Z0-9]{5,8}|[0-9][a-zA-Z0-9]{3})(?![a-zA-Z0-9]))*)         # variants
    ((?:-[0-9a-wy-zA-WY-Z](?:-[a-zA-Z0-9]{2,8}(?![a-zA-Z0-9]))+)*)          # extensions
    (?:-[xX](?:-[a-zA-Z0-9]{1,8})+)?                                        # private use
    | [xX](?:-[a-zA-Z0-9]{1,8})+                                            # private use alone
    """,
    re.VERBOSE,
).fullmatch

_grandfathered_language = re.compile(
    r"""
    art-lojban | cel-gaulish | en-gb-oed | no-bok | no-nyn | sgn-be-fr | sgn-be-nl | sgn-ch-de
    | i-(?:ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)
    | zh-(?:guoyu|hakka|min|min-nan|xiang)
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
).fullmatch


def is_did(text: str) -> bool:
    """Any method; each `%` begins an escape of two hexadecimal digits; at most 2,048 characters."""
    return len(text) <= MAX_DID_LENGTH and _did(text) is not None and ("%" not in text or _bad_escape(text) is None)


def is_handle(text: str) -> bool:
    """A domain name of two or more labels, the last not beginning with a digit; at most 253 characters."""
    return len(text) <= MAX_HANDLE_LENGTH and _handle(text) is not None


def is_at_identifier(text: str) -> bool:
    """A DID or a handle."""
    return is_did(text) if text.startswith("did:") else is_handle(text)


def is_nsid(text: str) -> bool:
    """Three or more labels: a reversed domain, then a name of letters and digits; at most 317 characters."""
    return len(text) <= MAX_NSID_LENGTH and _nsid(text) is not None


def is_record_key(text: str) -> bool:
    """1 to 512 of `A-Z a-z 0-9 . _ : ~ -`, but neither `.` nor `..`."""
    return _record_key(text) is not None


def is_tid(text: str) -> bool:
    """13 characters of sortable base32, the 64th bit clear."""
    return _tid(text) is not None


def is_at_uri(text: str) -> bool:
    """`at://AUTHORITY[/COLLECTION[/RKEY]]`: no final slash, query or fragment; at most 8,192 characters."""
    match = _at_uri(text) if len(text) <= MAX_URI_LENGTH else None
    if match is None:
        return False
    if len(text) <= MAX_HANDLE_LENGTH and "%" not in text:
        return True  # shorter than the shortest of the parts' limits
    did, handle, nsid = match.groups()
    return (is_did(did) if did is not None else len(handle) <= MAX_HANDLE_LENGTH) and (
        nsid is None or len(nsid) <= MAX_NSID_LENGTH
    )


def is_cid(text: str) -> bool:
    """The text of a CID of version 1 or later in any base: 8 to 256 characters, not CIDv0's `Qm...`.

    NOTE: A link in a record is stricter, see `cid.parse_cid`; this format also covers strings about foreign systems.
    """
    return _cid(text) is not None


def is_uri(text: str) -> bool:
    """A URI with a scheme and something after it, in visible ASCII; at most 8,192 characters."""
    return len(text) <= MAX_URI_LENGTH and _uri(text) is not None


def is_datetime(text: str) -> bool:
    """The common part of RFC 3339, ISO 8601 and HTML: a real date, seconds, an offset; at most 64 characters.

    Refused beside what the grammar refuses: the offset `-00:00`, leap seconds, the years 0000 to 0009, and times that
    are outside the years 0010 to 9999 once they are moved to UTC.
    """
    match = _datetime(text) if len(text) <= MAX_DATETIME_LENGTH else None
    if match is None:
        return False
    year, leap_day = match.groups()
    if leap_day is not None and not _is_leap(int(year)):
        return False
    return text[-1] == "Z" or year not in {"9999", "0010"} or _stays_in_range(text)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _stays_in_range(text: str) -> bool:
    """Whether a well-formed time with an offset is in the years 0010 to 9999 in UTC too."""
    minutes_of_day = int(text[11:13]) * 60 + int(text[14:16])
    offset_minutes = int(text[-5:-3]) * 60 + int(text[-2:])
    if text[-6] == "-":
        return not text.startswith("9999-12-31") or minutes_of_day + offset_minutes < 24 * 60
    return not text.startswith("0010-01-01") or minutes_of_day >= offset_minutes


def is_language(text: str) -> bool:
    """A well-formed BCP 47 tag (RFC 5646), the primary language in lower case.

    Also refused: a repeated variant and a repeated extension singleton, which RFC 5646 (2.2.5, 2.2.6) forbids in any
    tag, whatever the registry says.
    """
    match = _language(text)
    if match is None:
        return _grandfathered_language(text) is not None
    variants, extensions = match.groups()
    return not (variants or extensions) or not _repeats_a_subtag(variants, extensions)


def _repeats_a_subtag(variants: str, extensions: str) -> bool:
    names = variants.lower().split("-")[1:]
    singletons = [subtag for subtag in extensions.lower().split("-")[1:] if len(subtag) == 1]
    return len(set(names)) != len(names) or len(set(singletons)) != len(singletons)


FORMATS: dict[str, Callable[[str], bool]] = {
    "at-identifier": is_at_identifier,
    "at-uri": is_at_uri,
    "cid": is_cid,
    "datetime": is_datetime,
    "did": is_did,
    "handle": is_handle,
    "language": is_language,
    "nsid": is_nsid,
    "record-key": is_record_key,
    "tid": is_tid,
    "uri": is_uri,
}
