"""From a raw query string to a method's parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from tonearm.xrpc.errors import XrpcError
from tonearm.xrpc.models import LexiconError

if TYPE_CHECKING:
    from tonearm.xrpc.models import Params


class ParamsReader:
    """Reads one method's parameters."""

    def __init__(self, params: type[Params]) -> None:
        self._from_query = params.from_query
        self._none_given = self._read_nothing()

    def _read_nothing(self) -> Params | None:
        """The parameters of a call without a query string, made once; None when some are required."""
        try:
            return self._from_query({})
        except LexiconError:
            return None

    def read(self, query: str) -> Any:
        """The parameters in a raw query string (without its `?`).

        Raises:
            XrpcError: InvalidRequest, naming the parameter.
        """
        if not query and self._none_given is not None:
            return self._none_given
        try:
            return self._from_query(parse_query(query))
        except LexiconError as error:
            raise invalid("parameter", error) from None


def invalid(what: str, error: LexiconError) -> XrpcError:
    """The answer to a parameter or an input that its lexicon refuses."""
    place = f" {error.path}" if error.path else ""
    return XrpcError("InvalidRequest", f"Invalid {what}{place}: {error.message}")


def parse_query(text: str) -> dict[str, list[str]]:
    """Split a raw query string (without its `?`) into values by key, in their order.

    `+` is a space; a `%` that no two hex digits follow stays as it is, as in browsers.

    Raises:
        XrpcError: InvalidRequest when the text is not UTF-8 after decoding, or holds a NUL, which no database text
            can.
    """
    pairs: dict[str, list[str]] = {}
    if not text:
        return pairs
    plain = "%" not in text and "+" not in text
    if not text.isascii():
        _refuse_undecodable(text)
    for part in text.split("&"):
        name, _, value = part.partition("=")
        if not plain:
            name, value = _decoded(name), _decoded(value)
        if name in pairs:
            pairs[name].append(value)
        elif part:
            pairs[name] = [value]
    return pairs


def _decoded(text: str) -> str:
    if "+" in text:
        text = text.replace("+", " ")
    if "%" not in text:
        return text
    try:
        decoded = unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        raise XrpcError("InvalidRequest", "The query string is not valid UTF-8") from None
    if "\0" in decoded:
        raise XrpcError("InvalidRequest", "The query string holds a NUL character")
    return decoded


def _refuse_undecodable(text: str) -> None:
    """Refuse raw bytes that are no UTF-8: aiohttp hands them over as lone surrogates."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise XrpcError("InvalidRequest", "The query string is not valid UTF-8") from None
