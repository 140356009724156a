"""What the built-in PDS needs from its surroundings."""

from __future__ import annotations

from typing import Protocol


class Sealer(Protocol):
    """Encrypts secrets at rest. `context` binds a sealed secret to its row; opening it elsewhere fails."""

    def seal(self, plaintext: bytes, context: str) -> bytes:
        """Return the sealed form."""
        ...

    def open(self, sealed: bytes, context: str) -> bytes:
        """Return the plaintext, or raise when the key or the context is another."""
        ...


class PasswordCheck(Protocol):
    """Checks an account's own password; the accounts live elsewhere."""

    async def __call__(self, identifier: str, password: str, address: str) -> str | None:
        """Return the DID of the account whose handle, DID or name is `identifier`, if the password is its own.

        It must take as long for an unknown identifier as for a wrong password, and limit the guesses at one account
        and those from one address (of the caller) by raising an error of its own.
        """
        ...


async def no_password(identifier: str, password: str, address: str) -> str | None:
    """Accept no account password: app passwords alone open sessions."""
    del identifier, password, address
    return None
