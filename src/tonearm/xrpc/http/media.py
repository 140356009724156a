"""Media types: what a procedure's lexicon asks for, against the Content-Type that came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.xrpc.errors import XrpcError

if TYPE_CHECKING:
    from aiohttp import web

_JSON = "application/json"


class InputEncoding:
    """An input `encoding` of a lexicon: one media type, or a range such as `image/*` or `*/*`."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding.lower()
        self._prefix = None if not encoding.endswith("/*") else self._encoding[:-1]
        self.is_json = self._encoding == _JSON

    def check(self, request: web.BaseRequest) -> str:
        """The request's media type, in lower case without parameters.

        Raises:
            XrpcError: InvalidRequest when there is none, it is another one, or JSON in a charset that JSON has not.
        """
        header = request.headers.get("Content-Type")
        if header == self._encoding and self._prefix is None:
            return header
        if header is None:
            raise XrpcError("InvalidRequest", "Request encoding (Content-Type) required but not provided")
        media, _, parameters = header.lower().partition(";")
        media = media.strip()
        if not self._accepts(media):
            raise XrpcError("InvalidRequest", f"Wrong request encoding (Content-Type): {_shown(media)}")
        if self.is_json and "charset" in parameters and "utf-8" not in parameters.replace("utf8", "utf-8"):
            raise XrpcError("InvalidRequest", f"Wrong request encoding (Content-Type): {_shown(header)}")
        return media

    def _accepts(self, media: str) -> bool:
        kind, slash, subtype = media.partition("/")
        if not (kind and slash and subtype) or "*" in media:
            return False
        if self._prefix is not None:
            return self._prefix == "*/" or media.startswith(self._prefix)
        return media == self._encoding


def _shown(text: str) -> str:
    """At most 100 printable characters of what the caller sent."""
    return "".join(char for char in text[:100] if char.isprintable())
