"""CAR v1 archives: a header that names roots, then blocks, each with its CID.

    varint(length) header   {"roots": [Cid], "version": 1} in DAG-CBOR
    varint(length) cid block, varint(length) cid block, ...

Every block that is read is hashed and compared with its CID; nothing unverified leaves this module. `CarReader` reads
a stream in pieces, holding one block at most; `read_car` reads what is in memory.

Source: https://ipld.io/specs/transport/car/carv1/ and https://atproto.com/specs/repository ("CAR File Serialization").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.atproto.cid import CID_LENGTH, Cid, CidError
from tonearm.atproto.dag_cbor import DagCborError, decode, encode

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator

BLOCK_LIMIT_BYTES = 2 << 20  # twice the largest record
HEADER_LIMIT_BYTES = 64 << 10
_VARINT_LIMIT = 5  # bytes: lengths below 2^35


class CarError(ValueError):
    """The bytes are no archive that we accept. The caller drops all of it: an archive is a whole."""


def varint(number: int) -> bytes:
    """Return the unsigned LEB128 bytes of a number of at least 0."""
    head = bytearray()
    while number > 0x7F:
        head.append(number & 0x7F | 0x80)
        number >>= 7
    head.append(number)
    return bytes(head)


def car_header(roots: Iterable[Cid]) -> bytes:
    """Return the first bytes of an archive."""
    header = encode({"roots": list(roots), "version": 1})
    return varint(len(header)) + header


def car_block(cid: Cid, block: bytes) -> bytes:
    """Return the bytes of one block; `cid` is the caller's word for what it is."""
    return varint(CID_LENGTH + len(block)) + bytes(cid) + block


def write_car(roots: Iterable[Cid], blocks: Iterable[tuple[Cid, bytes]]) -> bytes:
    """Return a whole archive."""
    return b"".join((car_header(roots), *(car_block(cid, block) for cid, block in blocks)))


def read_car(data: bytes, *, block_limit_bytes: int = BLOCK_LIMIT_BYTES) -> tuple[list[Cid], list[tuple[Cid, bytes]]]:
    """Read a whole archive: its roots, and its blocks in their order, each verified.

    Raises:
        CarError: truncated or malformed; a block whose hash differs or that is larger than the limit.
    """
    reader = CarReader(block_limit_bytes=block_limit_bytes)
    blocks = list(reader.feed(data))
    reader.finish()
    return reader.roots, blocks


async def iterate_car(
    chunks: AsyncIterable[bytes], *, block_limit_bytes: int = BLOCK_LIMIT_BYTES
) -> AsyncIterator[tuple[Cid, bytes]]:
    """Yield the verified blocks of an archive that arrives in pieces.

    Memory is one block and one piece, whatever the archive's size. Whoever needs the roots uses `CarReader`.

    Raises:
        CarError: as `read_car`; a truncated archive is known only at its end, after its last whole block.
    """
    reader = CarReader(block_limit_bytes=block_limit_bytes)
    async for chunk in chunks:
        for cid, block in reader.feed(chunk):
            yield cid, block
    reader.finish()


class CarReader:
    """Reads an archive in pieces: `feed` every piece and take the blocks it completes, then `finish`.

    `roots` is empty until the header has been read.
    """

    def __init__(self, *, block_limit_bytes: int = BLOCK_LIMIT_BYTES) -> None:
        """Take the size above which a block is refused before it is read."""
        self.roots: list[Cid] = []
        self._block_limit_bytes = block_limit_bytes
        self._buffer = bytearray()
        self._position = 0
        self._has_header = False

    def feed(self, chunk: bytes) -> Iterator[tuple[Cid, bytes]]:
        """Yield the blocks that `chunk` completes. The iterator must be exhausted before the next call.

        Raises:
            CarError: malformed; a block whose hash differs or that is larger than the limit.
        """
        self._buffer += chunk
        while (section := self._next_section()) is not None:
            if self._has_header:
                yield _verified(section)
            else:
                self.roots = _roots_of(section)
                self._has_header = True

    def finish(self) -> None:
        """Confirm that the archive is whole.

        Raises:
            CarError: bytes of an unfinished block are left, or there was no header.
        """
        if len(self._buffer) > self._position:
            raise CarError("the archive is truncated")
        if not self._has_header:
            raise CarError("the archive is empty")

    def _next_section(self) -> bytes | None:
        """Take the next header or block off the buffer, or None when it is not all there yet."""
        length, start = self._length_at(self._position)
        end = start + length
        if start < 0 or end > len(self._buffer):
            del self._buffer[: self._position]
            self._position = 0
            return None
        self._position = end
        return bytes(self._buffer[start:end])

    def _length_at(self, position: int) -> tuple[int, int]:
        """Return a section's length and where it starts; the latter is -1 when its varint is not complete."""
        length = 0
        for index, byte in enumerate(self._buffer[position : position + _VARINT_LIMIT]):
            length |= (byte & 0x7F) << 7 * index
            if byte < 0x80:
                if index and not byte:
                    raise CarError("a length that is not minimal")
                self._refuse_length(length)
                return length, position + index + 1
        if len(self._buffer) - position >= _VARINT_LIMIT:
            raise CarError("a length beyond all limits")
        return 0, -1

    def _refuse_length(self, length: int) -> None:
        if not self._has_header:
            if length > HEADER_LIMIT_BYTES:
                raise CarError(f"a header larger than {HEADER_LIMIT_BYTES} bytes")
        elif length > CID_LENGTH + self._block_limit_bytes:
            raise CarError(f"a block larger than {self._block_limit_bytes} bytes")
        elif length < CID_LENGTH:
            raise CarError("a block too short for its CID")


def _roots_of(section: bytes) -> list[Cid]:
    try:
        header = decode(section)
    except DagCborError as error:
        raise CarError(f"a malformed header: {error}") from None
    if type(header) is not dict or header.keys() != {"roots", "version"} or encode(header["version"]) != b"\x01":
        raise CarError("the header must have roots and version 1")
    roots = header["roots"]
    if type(roots) is not list or any(type(root) is not Cid for root in roots):
        raise CarError("the header's roots must be links")
    return roots


def _verified(section: bytes) -> tuple[Cid, bytes]:
    try:
        cid = Cid(section[:CID_LENGTH])
    except CidError as error:
        raise CarError(f"a block with an unknown kind of CID: {error}") from None
    block = section[CID_LENGTH:]
    if not cid.matches(block):
        raise CarError(f"the block of {cid} has another hash")
    return cid, block
