"""The errors that an XRPC caller meets: HTTP status, error name, message; and the table from domain errors to them.

Source: the table in the XRPC specification. A message is written for the caller and never carries the text of an
unexpected exception.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Builder = Callable[[Any], "XrpcError"]

STATUS_OF_ERROR = {
    "InvalidRequest": 400,
    "AuthenticationRequired": 401,
    "Forbidden": 403,
    "XRPCNotSupported": 404,
    "NotAcceptable": 406,
    "PayloadTooLarge": 413,
    "UnsupportedMediaType": 415,
    "RateLimitExceeded": 429,
    "InternalServerError": 500,
    "MethodNotImplemented": 501,
    "UpstreamFailure": 502,
    "NotEnoughResources": 503,
    "UpstreamTimeout": 504,
}

# What an `Authenticator` may answer on every method, undeclared: existing clients refresh their session on exactly
# `400 ExpiredToken`, so these keep the default status unless the authenticator says otherwise.
CREDENTIAL_ERRORS = frozenset({"InvalidToken", "ExpiredToken", "AccountDeactivated"})
PROTOCOL_ERRORS = frozenset(STATUS_OF_ERROR) | CREDENTIAL_ERRORS

E = TypeVar("E", bound=Exception)


class XrpcError(Exception):
    """An answer with an error body, raised by handlers and by the router itself.

    `name` is one of `STATUS_OF_ERROR` or a name that the method's lexicon declares (status 400 unless given).
    `headers` are added to the answer.
    """

    def __init__(
        self, name: str, message: str, *, status: int | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message
        self.status = status if status is not None else STATUS_OF_ERROR.get(name, 400)
        self.headers = headers or {}

    def body(self) -> bytes:
        """The answer's body, `{"error": name, "message": message}`, in ASCII whatever the message holds."""
        return json.dumps({"error": self.name, "message": self.message}, separators=(",", ":")).encode("ascii")


class ErrorTable:
    """An edge's table from domain errors to wire errors.

    A row holds for the type and its subclasses; the nearest type in the method resolution order wins. What no row
    names is unexpected, and answered as such.
    """

    def __init__(self, rows: Mapping[type[Exception], Builder] | None = None) -> None:
        self._rows: dict[type[Exception], Builder] = dict(rows or {})

    def add(self, kind: type[E], build: Callable[[E], XrpcError]) -> None:
        """Add a row.

        Raises:
            ValueError: the type has a row already; two answers to one error are a mistake in the table.
        """
        if kind in self._rows:
            raise ValueError(f"{kind.__name__} has a row already")
        self._rows[kind] = build

    def translate(self, error: Exception) -> XrpcError | None:
        """The wire error of `error`, or None when no row covers it. An `XrpcError` is its own translation."""
        if isinstance(error, XrpcError):
            return error
        for kind in type(error).__mro__:
            build = self._rows.get(kind)
            if build is not None:
                return build(error)
        return None

    def __iter__(self) -> Any:
        """The types that have a row, for the test that holds every wire error to be declared."""
        return iter(self._rows)
