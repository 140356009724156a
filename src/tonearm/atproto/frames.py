"""Messages of event streams: one binary WebSocket message is two DAG-CBOR items, a header and a body.

    {"op": 1, "t": "#commit"} {"seq": 7, ...}            a message of the stream's own type
    {"op": -1} {"error": "FutureCursor", "message": ""}  an error, after which the server closes

A reader ignores frames whose `op` or `t` it does not know; anything but exactly two items is a protocol error.

Source: https://atproto.com/specs/event-stream.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tonearm.atproto.dag_cbor import BLOCK_LIMIT_BYTES, DagCborError, decode_sequence, encode

MESSAGE_OP = 1
ERROR_OP = -1

_ERROR_HEADER = encode({"op": ERROR_OP})


class FrameError(ValueError):
    """The bytes are no frame. The caller closes the connection: the stream cannot be trusted any more."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame as read. `type` is None unless `op` is 1; `body` is the second item."""

    op: int
    type: str | None
    body: dict[str, Any]


@lru_cache(maxsize=64)
def _message_header(name: str) -> bytes:
    return encode({"op": MESSAGE_OP, "t": name})


def message_frame(t: str, body: dict[str, Any]) -> bytes:
    """Return the bytes of a message.

    Args:
        t: the message's type as the stream writes it: `#name` for its own definitions, else a full `nsid#name`.
        body: the message, without `$type`.

    Raises:
        DagCborError: `body` is outside the data model.
    """
    return _message_header(t) + encode(body)


def encoded_message_frame(t: str, body: bytes) -> bytes:
    """Return the bytes of a message whose body is DAG-CBOR already, such as a row of an event log."""
    return _message_header(t) + body


def error_frame(name: str, message: str = "") -> bytes:
    """Return the bytes of an error: `name` from the lexicon, `message` for people ("" leaves it out)."""
    body = {"error": name, "message": message} if message else {"error": name}
    return _ERROR_HEADER + encode(body)


def decode_frame(data: bytes, *, limit_bytes: int = BLOCK_LIMIT_BYTES) -> Frame:
    """Read a frame.

    Raises:
        FrameError: not exactly two canonical DAG-CBOR maps; no integer `op`; a message without `t`; an error without
            `error`; more than `limit_bytes`.
    """
    try:
        header, body = decode_sequence(data, 2, limit_bytes=limit_bytes)
    except DagCborError as error:
        raise FrameError(f"a frame must be two items of DAG-CBOR: {error}") from None
    if type(header) is not dict or type(body) is not dict:
        raise FrameError("a frame's header and body must be maps")
    op, name = header.get("op"), header.get("t")
    if type(op) is not int:
        raise FrameError("a frame's header must have an integer op")
    if op == MESSAGE_OP and type(name) is not str:
        raise FrameError("a message's header must have a type t")
    if op == ERROR_OP and type(body.get("error")) is not str:
        raise FrameError("an error's body must have a name")
    return Frame(op, name if op == MESSAGE_OP else None, body)
