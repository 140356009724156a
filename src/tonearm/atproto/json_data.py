"""JSON: strict text, and the data model's form in it.

`parse_json` is the only way in for JSON from outside. It accepts what every parser understands alike and refuses what
they do not: duplicate keys (which wins?), numbers that a double cannot hold, NaN, lone surrogates, NUL (which text
columns cannot hold), byte order marks, encodings other than UTF-8, deep nesting. Integer-like numbers such as `1.0`
are integers, as they are everywhere else on the network.

In JSON a link is `{"$link": "bafy..."}`, bytes are `{"$bytes": "base64"}`, a blob is
`{"$type": "blob", "ref": {"$link": "bafk..."}, "mimeType": "image/png", "size": 1024}`.

NOTE: Integers here stay within 2^53 - 1, in both directions; the data model itself allows 64 bits, see `dag_cbor`.

Source: https://atproto.com/specs/data-model.
"""

from __future__ import annotations

import binascii
import json
import re
from decimal import Decimal
from typing import Any

from pydantic_core import from_json

from tonearm.atproto.cid import Cid, CidError, cid_text, parse_cid
from tonearm.atproto.place import Place, key_text, place_text

DEPTH_LIMIT = 64
MAX_SAFE_INTEGER = (1 << 53) - 1  # the largest integer up to which a double holds every one

_NOT_GOOD = -(1 << 60)  # below what any sum of counts could lift to zero
_SAFE_DIGITS = 15  # so many digits, or 14 and a sign, are always safe
_NUMBER_LIMIT = 32  # characters of a number that are looked at; a longer one is refused unread
_BAD_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


class JsonError(ValueError):
    """The text is not JSON that we accept, or the value not the data model's. The caller answers `InvalidRequest`.

    `message` says what is wrong; `where` is a path such as `track/name` or `items/0`, a position such as
    `line 1 column 5`, or empty for the whole.
    """

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(f"{message} (at {where})" if where else message)
        self.message = message
        self.where = where


def parse_json(raw: bytes, *, depth_limit: int = DEPTH_LIMIT) -> Any:
    """Parse JSON in UTF-8 into dict, list, str, int, bool and None.

    A fast pass accepts what is plainly good; whatever it does not accept, a slow pass judges value by value, which
    knows the place of each and has the last word.

    Args:
        raw: the text. Its size is the caller's to limit; time and memory are proportional to it.
        depth_limit: containers inside one another, at most; itself at most 200.

    Raises:
        JsonError: what the module refuses, with its place.
    """
    try:
        value = from_json(raw, allow_inf_nan=False, cache_strings="keys")
    except ValueError:
        return _parse_slowly(raw, depth_limit)
    if _count_keys(value, depth_limit) != raw.count(b'":') or _may_mislead(raw):
        return _parse_slowly(raw, depth_limit)
    return value


def _count_keys(container: Any, levels: int) -> int:
    """Count the keys of all objects; far below zero when a value is not plainly good.

    The parser keeps the last of duplicate keys, so where there are duplicates, fewer keys are left than the text has
    members. A member is a quote, white space and a colon; without the white space (see `_may_mislead`) each is an
    occurrence of `":`. Strings may hold that too, so the occurrences are at least the members: equal counts prove that
    there is no duplicate.
    """
    kind = type(container)
    if levels == 0 or (kind is not dict and kind is not list):
        return _NOT_GOOD
    count = len(container) if kind is dict else 0
    for item in container.values() if kind is dict else container:
        kind = type(item)
        if kind is str:
            continue
        if kind is int:
            if not -MAX_SAFE_INTEGER <= item <= MAX_SAFE_INTEGER:
                return _NOT_GOOD
        elif kind is dict or kind is list:
            count += _count_keys(item, levels - 1)
        elif kind is float:
            return _NOT_GOOD
    return count


def _may_mislead(raw: bytes) -> bool:
    """Whether there is white space before a colon, or an escape that may be a surrogate or NUL."""
    return (
        b" :" in raw
        or (b"\n" in raw and b"\n:" in raw)
        or (b"\r" in raw and b"\r:" in raw)
        or (b"\t" in raw and b"\t:" in raw)
        or (b"\\" in raw and _BAD_ESCAPE.search(raw) is not None)
    )


def _exact_integer(text: str) -> int | None:
    """Return the integer that a number's text stands for: `1.0` and `1e2` stand for one, `1.5` and `1e400` do not."""
    if len(text) > _NUMBER_LIMIT:
        return None
    try:
        number = Decimal(text)
        if not -MAX_SAFE_INTEGER <= number <= MAX_SAFE_INTEGER:
            return None
    except ArithmeticError:  # an exponent beyond Decimal's, or a comparison with NaN
        return None
    exact = int(number)
    return exact if exact == number else None


class _Pairs(list[tuple[str, Any]]):
    """An object of the slow pass, duplicates and all."""


class _BadNumber:
    """In the slow pass, the place of a number that is refused."""

    def __init__(self, _text: str) -> None:
        """Forget the text, which may be long."""


def _number(text: str) -> int | _BadNumber:
    if len(text) <= _SAFE_DIGITS and (text.isdecimal() or text[1:].isdecimal()):
        return int(text)
    number = _exact_integer(text)
    return _BadNumber(text) if number is None else number


_SLOW = json.JSONDecoder(object_pairs_hook=_Pairs, parse_int=_number, parse_float=_number, parse_constant=_BadNumber)
_PLAIN = frozenset([int, bool, type(None)])


def _parse_slowly(raw: bytes, depth_limit: int) -> Any:
    """Parse keeping duplicates and the text of numbers, and judge each value in its place."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise JsonError("invalid UTF-8", f"byte {error.start}") from None
    try:
        return _judge(_SLOW.decode(text), None, depth_limit)
    except json.JSONDecodeError as error:
        raise _syntax_error(text, error) from None
    except RecursionError:
        raise JsonError(f"nested deeper than {depth_limit} levels") from None


def _judge(value: Any, place: Place, levels: int) -> Any:
    kind = type(value)
    if kind is str:
        return _judge_text(value, place)
    if kind is _BadNumber:
        raise JsonError("a number that is not an integer between -(2^53 - 1) and 2^53 - 1", place_text(place))
    if kind in _PLAIN:
        return value
    if levels == 0:
        raise JsonError("nested too deeply", place_text(place))
    if kind is list:
        return [
            item if type(item) in _PLAIN else _judge(item, (place, index), levels - 1)
            for index, item in enumerate(value)
        ]
    judged: dict[str, Any] = {}
    for key, item in value:
        if key in judged:
            raise JsonError(f'duplicate key "{key_text(key)}"', place_text(place))
        judged[_judge_text(key, (place, key))] = _judge(item, (place, key), levels - 1)
    return judged


def _judge_text(text: str, place: Place) -> str:
    if "\0" in text:
        raise JsonError("text with a NUL character", place_text(place))
    try:
        text.encode()
    except UnicodeEncodeError:
        raise JsonError("text with a lone surrogate", place_text(place)) from None
    return text


def _syntax_error(text: str, error: json.JSONDecodeError) -> JsonError:
    if text.startswith("\ufeff"):
        return JsonError("a byte order mark before the value", "byte 0")
    message = error.msg[:1].lower() + error.msg[1:]
    return JsonError(f"invalid JSON: {message}", f"line {error.lineno} column {error.colno}")


_ALIKE = frozenset([str, bool, type(None)])  # the same in JSON and in the data model


def to_data(value: Any) -> Any:
    """Return the data model's value for a JSON value (from `parse_json`): links become `Cid`, bytes `bytes`.

    Raises:
        JsonError: `$link` or `$bytes` malformed or beside other keys; `$type` empty or no text; a blob without a link,
            a MIME type and a size; a float, an integer beyond 2^53 - 1; nesting beyond 64.
    """
    return _to_data(value, None, DEPTH_LIMIT)


def _to_data(value: Any, place: Place, levels: int) -> Any:
    kind = type(value)
    if kind in _ALIKE:
        return value
    if kind is int:
        return _safe(value, place)
    if levels == 0:
        raise JsonError("nested too deeply", place_text(place))
    if kind is list:
        return [_to_data(item, (place, index), levels - 1) for index, item in enumerate(value)]
    if kind is not dict:
        raise JsonError(f"a {kind.__name__}, which JSON data does not have", place_text(place))
    if "$link" in value:
        return _link(value, place)
    if "$bytes" in value:
        return _bytes(value, place)
    data = {
        key: item if type(item) in _ALIKE else _to_data(item, (place, key), levels - 1) for key, item in value.items()
    }
    if "$type" in data:
        _check_type(data, place)
    return data


def _safe(number: int, place: Place) -> int:
    if not -MAX_SAFE_INTEGER <= number <= MAX_SAFE_INTEGER:
        raise JsonError("an integer beyond 2^53 - 1", place_text(place))
    return number


def _link(value: dict[str, Any], place: Place) -> Cid:
    text = value["$link"]
    if len(value) != 1 or type(text) is not str:
        raise JsonError("$link must be a text and the only key", place_text(place))
    try:
        return parse_cid(text)
    except CidError as error:
        raise JsonError(f"$link is no link: {error}", place_text(place)) from None


def _bytes(value: dict[str, Any], place: Place) -> bytes:
    text = value["$bytes"]
    if len(value) != 1 or type(text) is not str:
        raise JsonError("$bytes must be a text and the only key", place_text(place))
    try:
        data = binascii.a2b_base64(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), strict_mode=True)
    except ValueError:  # binascii.Error is one; so is a character outside ASCII
        raise JsonError("$bytes is no base64", place_text(place)) from None
    if text not in (padded := _base64(data), padded.rstrip("=")):
        raise JsonError("$bytes is not canonical base64", place_text(place))
    return data


def _base64(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode()


def _check_type(data: dict[str, Any], place: Place) -> None:
    name = data["$type"]
    if type(name) is not str or not name:
        raise JsonError("$type must be a text that is not empty", place_text(place))
    if name != "blob":
        return
    if type(data.get("ref")) is not Cid:
        raise JsonError("a blob must have a link as its ref", place_text(place))
    if type(data.get("mimeType")) is not str or not data["mimeType"]:
        raise JsonError("a blob must have a mimeType", place_text(place))
    if type(data.get("size")) is not int or data["size"] < 0:
        raise JsonError("a blob must have a size of at least 0 bytes", place_text(place))


def to_json(value: Any) -> Any:
    """Return the JSON value (for `json.dumps`) of a value of the data model; `to_data` undoes it.

    Raises:
        JsonError: a map with the key `$link` or `$bytes`, which JSON could not tell from a link or bytes; an integer
            beyond 2^53 - 1; a type that the data model does not have; nesting beyond 64.
    """
    return _to_json(value, None, DEPTH_LIMIT)


def _to_json(value: Any, place: Place, levels: int) -> Any:
    kind = type(value)
    if kind in _ALIKE:
        return value
    if kind is int:
        return _safe(value, place)
    if kind is Cid:
        return {"$link": cid_text(value)}
    if kind is bytes:
        return {"$bytes": _base64(value).rstrip("=")}
    if levels == 0:
        raise JsonError("nested too deeply", place_text(place))
    if kind is list:
        return [_to_json(item, (place, index), levels - 1) for index, item in enumerate(value)]
    if kind is not dict:
        raise JsonError(f"a {kind.__name__}, which the data model does not have", place_text(place))
    if "$link" in value or "$bytes" in value:
        raise JsonError("a map with the reserved key $link or $bytes", place_text(place))
    return {
        key: item if type(item) in _ALIKE else _to_json(item, (place, key), levels - 1) for key, item in value.items()
    }
