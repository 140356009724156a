"""The scalar constraints of the lexicon language, as annotations of generated code.

    title: Annotated[str, constraints.Text(min_bytes=1, max_bytes=512)]
    uri: constraints.AtUri
    limit: Annotated[int, constraints.Integer(minimum=1, maximum=100)]

A constraint that pydantic-core can hold exactly is given to it. What it cannot (bytes, grapheme clusters, formats) is
a Python function behind a test that is true for almost every value: an ASCII string has as many bytes as code points.

Source: the lexicon specification, "Field Type Definitions" and "String Formats".
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, cast

import regex
from pydantic_core import PydanticCustomError, core_schema

from tonearm.atproto.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

SAFE_INTEGER = 2**53 - 1
"""The largest integer that every implementation reads back unchanged; the smallest is its negative."""

_CLUSTER = regex.compile(r"\X")


def refusal(message: str, **context: Any) -> PydanticCustomError:
    """Make the error of a broken lexicon rule. `message` is read by the caller: "must not be longer than 8 bytes"."""
    return PydanticCustomError("lexicon", message, context or None)


def graphemes(text: str, *, stop: int | None = None) -> int:
    """Count extended grapheme clusters, at most up to `stop`, so that a huge text costs no more than its limit."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    return sum(1 for _ in islice(_CLUSTER.finditer(text), stop))


def utf8_bytes(text: str) -> int:
    """Count the bytes of a text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


@dataclass(frozen=True, slots=True)
class Text:
    """A string's format and lengths, all bounds inclusive; graphemes are extended grapheme clusters."""

    format: str | None = None
    min_bytes: int | None = None
    max_bytes: int | None = None
    min_graphemes: int | None = None
    max_graphemes: int | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Bound code points in the core, where that is necessary for the rule, and check the rule itself after."""
        base: CoreSchema
        if source is str:
            not_empty = 1 if self.min_bytes or self.min_graphemes else None
            base = core_schema.str_schema(strict=True, min_length=not_empty, max_length=self.max_bytes)
        else:
            base = handler(source)
        for check in self._checks():
            base = core_schema.no_info_after_validator_function(check, base)
        return base

    def _checks(self) -> list[Callable[[str], str]]:
        checks: list[Callable[[str], str]] = []
        if self.max_bytes is not None:
            checks.append(_at_most_bytes(self.max_bytes))
        if self.min_bytes is not None and self.min_bytes > 1:
            checks.append(_at_least_bytes(self.min_bytes))
        if self.max_graphemes is not None:
            checks.append(_at_most_graphemes(self.max_graphemes))
        if self.min_graphemes is not None and self.min_graphemes > 1:
            checks.append(_at_least_graphemes(self.min_graphemes))
        if self.format is not None:
            checks.append(_of_format(self.format))
        return checks


def _at_most_bytes(limit: int) -> Callable[[str], str]:
    sure = limit // 4  # code points that fit whatever they are

    def check(text: str) -> str:
        # NOTE: an ASCII text is as long as the core's own bound on code points has allowed.
        if text.isascii() or len(text) <= sure or len(text.encode()) <= limit:
            return text
        raise refusal(f"must not be longer than {limit} bytes")

    return check


def _at_least_bytes(limit: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        if len(text) >= limit or len(text.encode()) >= limit:
            return text
        raise refusal(f"must not be shorter than {limit} bytes")

    return check


def _at_most_graphemes(limit: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        if len(text) <= limit or graphemes(text, stop=limit + 1) <= limit:
            return text
        raise refusal(f"must not be longer than {limit} graphemes")

    return check


def _at_least_graphemes(limit: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        if len(text) >= limit and graphemes(text, stop=limit) >= limit:
            return text
        raise refusal(f"must not be shorter than {limit} graphemes")

    return check


_ALWAYS_NEW = frozenset({"cid", "record-key", "tid"})
"""Formats whose texts hardly come twice, or are checked as fast as remembered."""

_REMEMBERED_TEXTS = 2048
_REMEMBERED_LENGTH = 256


def _of_format(name: str) -> Callable[[str], str]:
    """Check a format; texts found valid lately are remembered, as one account or cover stands in many rows."""
    is_valid = FORMATS[name]
    message = f"must be a valid {name}"

    def check(text: str) -> str:
        if is_valid(text):
            return text
        raise refusal(message)

    if name == "at-uri":
        return _remembering_places(check, _remembered_of_format[name])
    return check if name in _ALWAYS_NEW else _remembering(check, _remembered_of_format[name])


_remembered_of_format: dict[str, set[str]] = {name: set() for name in FORMATS}


def _remembering(check: Callable[[str], str], remembered: set[str]) -> Callable[[str], str]:
    def check_if_new(text: str) -> str:
        if text in remembered:
            return text
        check(text)
        if len(text) <= _REMEMBERED_LENGTH:
            _keep(remembered, text)
        return text

    return check_if_new


def _remembering_places(check: Callable[[str], str], remembered: set[str]) -> Callable[[str], str]:
    """Remember AT-URIs and their `at://AUTHORITY/COLLECTION`: where only the record key is new, it alone is checked."""
    is_record_key = FORMATS["record-key"]
    places: set[str] = set()

    def check_at_uri(text: str) -> str:
        if text in remembered:
            return text
        place, _, rkey = text.rpartition("/")
        if not (place in places and is_record_key(rkey)):
            check(text)
            if place.count("/") == 3 and len(place) <= _REMEMBERED_LENGTH:
                _keep(places, place)
        if len(text) <= _REMEMBERED_LENGTH:
            _keep(remembered, text)
        return text

    return check_at_uri


def _keep(remembered: set[str], text: str) -> None:
    if len(remembered) >= _REMEMBERED_TEXTS:
        remembered.clear()
    remembered.add(text)


@dataclass(frozen=True, slots=True)
class Integer:
    """An integer's bounds, inclusive; always within `SAFE_INTEGER`, and never a boolean. Takes `int` or a Literal."""

    minimum: int = -SAFE_INTEGER
    maximum: int = SAFE_INTEGER

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check that it is an integer first: to a Literal alone, True and 1.0 would be 1."""
        bounds = core_schema.int_schema(strict=True, ge=self.minimum, le=self.maximum)
        return bounds if source is int else core_schema.chain_schema([bounds, handler(source)])


@dataclass(frozen=True, slots=True)
class Boolean:
    """A boolean with a constant value, given as a Literal."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check that it is a boolean first: to a Literal alone, 1 would be True."""
        return core_schema.chain_schema([core_schema.bool_schema(strict=True), handler(source)])


@dataclass(frozen=True, slots=True)
class Items:
    """How many elements an array has, inclusive."""

    minimum: int | None = None
    maximum: int | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Bound the list in the core."""
        schema = handler(source)
        if schema["type"] != "list":  # pragma: no cover - generated code annotates lists only
            raise TypeError(f"Items is a constraint of lists, not of {source!r}")
        limits = {"min_length": self.minimum, "max_length": self.maximum}
        return cast("CoreSchema", {**schema, **{name: limit for name, limit in limits.items() if limit is not None}})


Int = Annotated[int, Integer()]
AtIdentifier = Annotated[str, Text("at-identifier")]
AtUri = Annotated[str, Text("at-uri")]
CidText = Annotated[str, Text("cid")]
Datetime = Annotated[str, Text("datetime")]
Did = Annotated[str, Text("did")]
Handle = Annotated[str, Text("handle")]
Language = Annotated[str, Text("language")]
Nsid = Annotated[str, Text("nsid")]
RecordKey = Annotated[str, Text("record-key")]
Tid = Annotated[str, Text("tid")]
Uri = Annotated[str, Text("uri")]
