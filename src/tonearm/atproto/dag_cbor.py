"""DAG-CBOR of the AT Protocol's data model: one value, one sequence of bytes.

Values are None, bool, int (64-bit signed), str, bytes, `Cid`, list and dict with str keys; exactly these types, no
subclasses. Map keys are sorted by length, then by bytes; integers and lengths are minimal; the only tag is 42.

NOTE: The data model allows integers of 64 bits, JSON only those that a double holds (see `json_data`): a record with a
larger one can be stored and hashed, but not shown.

Source: https://ipld.io/specs/codecs/dag-cbor/spec/ and https://atproto.com/specs/data-model.
"""

from __future__ import annotations

from typing import Any

from tonearm.atproto.block_codec import decode_block, decode_blocks, encode_block
from tonearm.atproto.cid import Cid, CidError
from tonearm.atproto.place import Place, place_text

DEPTH_LIMIT = 128  # containers inside one another; real records have fewer than 16
BLOCK_LIMIT_BYTES = 8 << 20  # above the largest thing that the protocol sends, an event of 5 MB

_SCALARS = (str, int, bytes, bool, type(None), Cid)
_MIN_INT, _MAX_INT = -(1 << 63), (1 << 63) - 1
_LARGE_ARRAY_HEADS = (b"\x98", b"\x99", b"\x9a", b"\x9b")
_HARMLESS_BYTES = 4096  # so few cannot claim more than a few megabytes
_SLOT_BUDGET = 1 << 22
_REASON_LIMIT = 200


class DagCborError(ValueError):
    """The value is outside the data model, or the bytes are not its canonical form. The caller refuses the input."""


def encode(value: Any) -> bytes:
    """Return the canonical bytes of a value of the data model.

    Raises:
        DagCborError: a float, an integer beyond 64 bits, a key or a text that is not UTF-8 text, any other type, more
            than 128 containers inside one another (a value that contains itself, too). The message has the path.
    """
    has_binary = _check(value)
    try:
        return encode_block(value, has_binary=has_binary)
    except (TypeError, ValueError) as error:
        raise DagCborError(_fault(value) or str(error)) from None


def decode(block: bytes, *, limit_bytes: int = BLOCK_LIMIT_BYTES) -> Any:
    """Return the value whose canonical form `block` is.

    Raises:
        DagCborError: anything that `encode` would not have written: floats, integers beyond 64 bits, keys that are
            unsorted, repeated or no text, tags other than 42, links of other kinds than `Cid`, indefinite or
            non-minimal lengths, invalid UTF-8, nesting beyond 128, bytes after the value, more than `limit_bytes`.
    """
    _guard(block, limit_bytes)
    try:
        value = decode_block(block)
    except (ValueError, MemoryError, RecursionError) as error:
        raise DagCborError(_reason(error)) from None
    _check(value)
    return value


def decode_sequence(data: bytes, count: int, *, limit_bytes: int = BLOCK_LIMIT_BYTES) -> list[Any]:
    """Return the values of exactly `count` items that stand one after another, as in an event frame.

    Raises:
        DagCborError: as `decode`, or there are fewer or more items.
    """
    _guard(data, limit_bytes)
    values: list[Any] = []
    try:
        for value in decode_blocks(data):
            if len(values) == count:
                raise DagCborError(f"expected {count} items, but more bytes follow")
            values.append(value)
    except DagCborError:
        raise
    except (ValueError, MemoryError, RecursionError) as error:
        raise DagCborError(_reason(error)) from None
    if len(values) < count:
        raise DagCborError(f"expected {count} items, but there are {len(values)}")
    for value in values:
        _check(value)
    return values


def _reason(error: Exception) -> str:
    if isinstance(error, CidError):
        return f"invalid link: {error}"
    if isinstance(error, RecursionError) or "recursion" in str(error):
        return f"nested deeper than {DEPTH_LIMIT} levels"
    if isinstance(error, UnicodeDecodeError):
        return "text is not valid UTF-8"
    return f"not canonical DAG-CBOR: {str(error)[:_REASON_LIMIT]}"  # it may quote a key


def _guard(block: bytes, limit_bytes: int) -> None:
    """Refuse what would cost too much to decode.

    The decoder allocates an array at the length it claims, so arrays inside one another, each claiming all that
    follows, would let kilobytes ask for gigabytes. The claims are at most the number of large array heads times the
    length of the block; above a budget the block is measured before anything is allocated.

    Raises:
        DagCborError: too large, deeper than the limit, or shorter than its containers claim.
    """
    size = len(block)
    if size > limit_bytes:
        raise DagCborError(f"larger than {limit_bytes} bytes")
    if size > _HARMLESS_BYTES and size * sum(map(block.count, _LARGE_ARRAY_HEADS)) > _SLOT_BUDGET:
        _measure(block)


def _measure(block: bytes) -> None:
    """Follow the heads of `block` in constant memory; what else may be malformed is left to the decoder.

    Raises:
        DagCborError: a container is deeper than the limit, or more items are owed than bytes are left.
    """
    open_counts: list[int] = []
    position, size, owed = 0, len(block), 0
    while position < size:
        major, info = block[position] >> 5, block[position] & 31
        width = 1 << (info - 24) if 24 <= info <= 27 else 0
        argument = int.from_bytes(block[position + 1 : position + 1 + width], "big") if width else info
        position += 1 + width
        if major in (2, 3):
            position += argument
        elif major == 6:
            continue  # a tag belongs to the item that follows
        while open_counts and open_counts[-1] == 0:
            open_counts.pop()
        if open_counts:
            open_counts[-1] -= 1
            owed -= 1
        else:
            owed = 0  # an item of the sequence's top level owes nothing to the one before
        if major in (4, 5):
            items = argument * (major - 3)
            owed += items
            open_counts.append(items)
        if len(open_counts) > DEPTH_LIMIT:
            raise DagCborError(f"nested deeper than {DEPTH_LIMIT} levels")
        if owed > size - position:
            raise DagCborError("not canonical DAG-CBOR: the bytes end before the value does")


def _check(value: Any) -> bool:
    """Refuse what the codec lets through: floats, depth, the 64th bit. Say whether links or byte strings are inside.

    Raises:
        DagCborError: a float, an integer beyond 64 bits, or nesting beyond the limit; with the path.
    """
    kind = type(value)
    found = _survey(value if kind is dict or kind is list else [value], DEPTH_LIMIT)
    if found == _BAD:
        raise DagCborError(_fault(value) or "outside the data model")
    return found == _BINARY


_PLAIN, _BINARY, _BAD = range(3)
_TEXT = frozenset({str})


def _survey(container: Any, levels: int) -> int:
    """Look at everything inside once, at most `levels` levels of containers deep, this one included.

    Returns:
        `_BAD` for a float, a long integer, another type or too many levels; `_BINARY` for links and byte strings.
    """
    if levels == 0:
        return _BAD
    if type(container) is dict and not _TEXT.issuperset(map(type, container)):
        return _BAD
    found = _PLAIN
    for item in container.values() if type(container) is dict else container:
        kind = type(item)
        if kind is str:
            continue
        if kind is int:
            if not _MIN_INT <= item <= _MAX_INT:
                return _BAD
        elif kind is dict or kind is list:
            inner = _survey(item, levels - 1)
            if inner == _BAD:
                return _BAD
            found |= inner
        elif kind is bytes or kind is Cid:
            found = _BINARY
        elif item is not None and kind is not bool:
            return _BAD
    return found


def _fault(value: Any, place: Place = None, levels: int = DEPTH_LIMIT) -> str | None:
    """Say what is wrong with a value and where, or None when nothing is. Slow; for messages only."""
    kind = type(value)
    if kind is dict or kind is list:
        return _fault_inside(value, place, levels)
    if kind is float:
        fault = "a float, which the data model does not have"
    elif kind is int and not _MIN_INT <= value <= _MAX_INT:
        fault = "an integer beyond 64 bits"
    elif kind is str and not _is_utf8(value):
        fault = "text with a lone surrogate"
    elif kind not in _SCALARS:
        fault = f"a {kind.__name__}, which the data model does not have"
    else:
        return None
    return f"{place_text(place) or 'the value'}: {fault}"


def _fault_inside(container: Any, place: Place, levels: int) -> str | None:
    if levels == 0:
        return f"{place_text(place)}: nested deeper than {DEPTH_LIMIT} levels"
    is_map = type(container) is dict
    for key, item in container.items() if is_map else enumerate(container):
        if is_map and (type(key) is not str or not _is_utf8(key)):
            return f"{place_text(place) or 'the value'}: a key that is not text"
        if fault := _fault(item, (place, key), levels - 1):
            return fault
    return None


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
