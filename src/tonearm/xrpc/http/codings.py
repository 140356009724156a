"""Content codings, undone piece by piece with a bound on what each stage may put out.

A stage is asked for at most `_PIECE` bytes at a time, so a bomb (a kilobyte that inflates to a gigabyte) is refused
after the limit, having held no more than the limit in memory.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Protocol

import brotli

from tonearm.xrpc.errors import XrpcError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_PIECE = 64 * 1024
_MAX_CHAIN = 4
_MAX_MEMBERS = 64


class _Stage(Protocol):
    """One coding's incremental decoder."""

    def feed(self, data: bytes) -> Iterator[bytes]: ...

    def finished(self) -> bool: ...


class _Zlib:
    """gzip (with its concatenated members) and deflate (with the zlib wrapper, and without, as some clients send)."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._inflate = zlib.decompressobj(wbits=31) if gzip else None
        self._members = 1

    def feed(self, data: bytes) -> Iterator[bytes]:
        inflate = self._inflate
        if inflate is None:
            # RFC 1950: the low four bits of the first byte are 8 under a zlib wrapper.
            inflate = self._inflate = zlib.decompressobj(wbits=15 if data[0] & 0x0F == 8 else -15)
        while data:
            if inflate.eof:
                inflate = self._next_member()
            piece = inflate.decompress(data, _PIECE)
            if piece:
                yield piece
            data = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
            if not data and not inflate.eof and len(piece) == _PIECE:
                yield from self._drain(inflate)

    def finished(self) -> bool:
        return self._inflate is not None and self._inflate.eof

    def _next_member(self) -> zlib._Decompress:
        self._members += 1
        if not self._gzip or self._members > _MAX_MEMBERS:
            raise ValueError("data after the end of the stream")
        inflate = self._inflate = zlib.decompressobj(wbits=31)
        return inflate

    @staticmethod
    def _drain(inflate: zlib._Decompress) -> Iterator[bytes]:
        """What the window still holds when the input is used up but the last piece was full."""
        while piece := inflate.decompress(b"", _PIECE):
            yield piece


class _Brotli:
    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        decompressor = self._decompressor
        if decompressor.is_finished():
            raise ValueError("data after the end of the stream")
        piece = decompressor.process(data, output_buffer_limit=_PIECE)
        while True:
            if piece:
                yield piece
            if decompressor.can_accept_more_data():
                return
            piece = decompressor.process(b"", output_buffer_limit=_PIECE)

    def finished(self) -> bool:
        return bool(self._decompressor.is_finished())


class Decoder:
    """A chain of codings, undone from the last applied to the first."""

    def __init__(self, stages: Sequence[_Stage], limit_bytes: int) -> None:
        self._stages = stages
        self._room = [limit_bytes + _PIECE] * len(stages)
        self._limit_bytes = limit_bytes
        self._fed = False

    @classmethod
    def of_header(cls, values: Iterable[str], limit_bytes: int) -> Decoder:
        """The decoder for `Content-Encoding` header values.

        Raises:
            XrpcError: UnsupportedMediaType for an unknown coding or a chain of more than four.
        """
        names = [name for value in values for part in value.split(",") if (name := part.strip().lower())]
        names = [name for name in names if name != "identity"]
        if len(names) > _MAX_CHAIN:
            raise XrpcError("UnsupportedMediaType", f"More than {_MAX_CHAIN} content codings")
        return cls([_stage(name) for name in reversed(names)], limit_bytes)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decode the next bytes of the body.

        Raises:
            XrpcError: InvalidRequest for a broken coding, PayloadTooLarge for a stage that puts out too much.
        """
        self._fed = True
        return self._through(data, 0)

    def finish(self) -> None:
        """Check at the body's end that no stream was cut short; an empty body needs no stream.

        Raises:
            XrpcError: InvalidRequest.
        """
        if self._fed and not all(stage.finished() for stage in self._stages):
            raise XrpcError("InvalidRequest", "The request body ends before its content coding does")

    def _through(self, data: bytes, index: int) -> Iterator[bytes]:
        if index == len(self._stages):
            yield data
            return
        try:
            for piece in self._stages[index].feed(data):
                self._room[index] -= len(piece)
                if self._room[index] < 0:
                    raise XrpcError(
                        "PayloadTooLarge", f"The request body decodes to more than {self._limit_bytes} bytes"
                    )
                yield from self._through(piece, index + 1)
        except (zlib.error, brotli.error, ValueError):
            raise XrpcError("InvalidRequest", "The request body is not valid in its content coding") from None


def _stage(name: str) -> _Stage:
    if name in ("gzip", "x-gzip"):
        return _Zlib(gzip=True)
    if name == "deflate":
        return _Zlib(gzip=False)
    if name == "br":
        return _Brotli()
    raise XrpcError("UnsupportedMediaType", "The content coding is not supported: use gzip, deflate or br")
