"""The two multibase encodings that keys and identifiers use: base58btc (`z`) and base32 (`b`).

Only short values pass here (a key is 35 bytes, a hash 32), so the limit on base58, whose cost grows with the square of
the length, is low.

Source: https://github.com/multiformats/multibase.
"""

from __future__ import annotations

from base64 import b32encode

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUE_OF = {character: value for value, character in enumerate(_BASE58)}
_LIMIT = 128  # characters


class MultibaseError(ValueError):
    """The text is not base58btc with the prefix `z`. The caller refuses the input."""


def base58btc(data: bytes) -> str:
    """Return `z` and the base58btc text of `data`; each leading zero byte is a `1`."""
    number = int.from_bytes(data, "big")
    digits: list[str] = []
    while number:
        number, remainder = divmod(number, 58)
        digits.append(_BASE58[remainder])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + "1" * zeros + "".join(reversed(digits))


def from_base58btc(text: str) -> bytes:
    """Return the bytes of a base58btc text with its prefix `z`.

    Raises:
        MultibaseError: another prefix, a character outside the alphabet, or more than 128 characters.
    """
    if not text.startswith("z") or len(text) > _LIMIT:
        raise MultibaseError(f"expected 'z' and at most {_LIMIT} characters of base58")
    number = 0
    try:
        for character in text[1:]:
            number = number * 58 + _VALUE_OF[character]
    except KeyError:
        raise MultibaseError("a character outside base58") from None
    zeros = len(text) - 1 - len(text[1:].lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def base32_lower(data: bytes) -> str:
    """Return the unpadded lower-case base32 text of `data`, without a prefix."""
    return b32encode(data).decode().rstrip("=").lower()
