"""Keys for players: an api key and a shared secret, for protocols that sign with a secret that both sides know.

Both are sealed, since a digest can only be checked by who has the secret; a key is found by the hash of its api key.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from tonearm.index.queries import actors
from tonearm.index.queries import player_keys as queries
from tonearm.services.accounts import AccountError
from tonearm.services.credentials.api_tokens import checked_label, moment
from tonearm.services.identity_hash import MICROS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tonearm.index.engine import Database, Work
    from tonearm.index.queries.actors import AccountRow
    from tonearm.index.queries.player_keys import PlayerKeyRow
    from tonearm.services.credentials.last_used import LastUsed
    from tonearm.services.repositories import Sealer

KEY_BYTES = 16
MOST = 200
"""How many keys an account may have."""
PAGE = 1000
LONGEST_DESCRIPTION = 1000


class PlayerKeyNotFoundError(Exception):
    """The account has no key with this id. List the keys."""


class PlayerKeyNameError(AccountError):
    """A key cannot have this name or note, or there are too many. The message says what to change."""


@dataclass(frozen=True, slots=True)
class PlayerKey:
    """A key for players. `key_id` names it and is no secret; the api key and the shared secret are."""

    key_id: str
    name: str
    description: str | None
    enabled: bool
    api_key: str = field(repr=False)
    shared_secret: str = field(repr=False)
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class PlayerKeys:
    """The keys of all accounts."""

    database: Database
    sealer: Sealer
    now: Callable[[], float]
    last_used: LastUsed

    async def create(self, actor_id: int, name: str, description: str | None = None) -> PlayerKey:
        """Make a key.

        Raises:
            PlayerKeyNameError: the name is empty or too long, the note is too long, or there are too many keys.
        """
        name, description = _checked(name, description)
        key_id, api_key = secrets.token_hex(8), secrets.token_hex(KEY_BYTES)
        sealed = self.sealer.seal(f"{api_key}:{secrets.token_hex(KEY_BYTES)}".encode(), sealed_context(key_id))
        row = queries.PlayerKeyRow(
            key_id, actor_id, name, description, 1, _hash(api_key), sealed, int(self.now() * MICROS), None
        )
        await self.database.write(_add(row))
        return self._opened(row)

    async def list(self, actor_id: int, *, limit: int = PAGE, offset: int = 0) -> list[PlayerKey]:
        """An account's keys, the newest first."""
        rows = await self.database.read(queries.player_keys_of(actor_id, min(max(limit, 1), PAGE), max(offset, 0)))
        return [self._opened(row) for row in rows]

    async def update(
        self,
        actor_id: int,
        key_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        enabled: bool | None = None,
    ) -> PlayerKey:
        """Change the name, the note or whether a key is good; what is None stays. Nothing else can be changed.

        Raises:
            PlayerKeyNotFoundError: the account has no such key.
            PlayerKeyNameError: the name is empty or too long, or the note is too long.
        """
        return self._opened(await self.database.write(_change(actor_id, key_id, name, description, enabled)))

    async def remove(self, actor_id: int, key_id: str) -> PlayerKey:
        """Remove a key, and answer what it was.

        Raises:
            PlayerKeyNotFoundError: the account has no such key.
        """
        return self._opened(await self.database.write(_remove(actor_id, key_id)))

    async def by_api_key(self, api_key: str) -> tuple[PlayerKey, AccountRow] | None:
        """The key that is good with this api key, and its account."""
        found = await self.database.read(_good(_hash(api_key)))
        if found is None:
            return None
        row, account = found
        self.last_used.note(row.key_id, partial(queries.mark_player_key_used, row.key_id, int(self.now() * MICROS)))
        return self._opened(row), account

    def _opened(self, row: PlayerKeyRow) -> PlayerKey:
        api_key, _, shared_secret = self.sealer.open(row.sealed, sealed_context(row.key_id)).decode().partition(":")
        return PlayerKey(
            row.key_id,
            row.name,
            row.description,
            bool(row.enabled),
            api_key,
            shared_secret,
            moment(row.created_at),
            None if row.last_used_at is None else moment(row.last_used_at),
        )


def sealed_context(key_id: str) -> str:
    """What binds a sealed key to its row."""
    return f"player_key {key_id}"


def _hash(api_key: str) -> bytes:
    return sha256(api_key.encode(errors="replace")).digest()


def _checked(name: str, description: str | None) -> tuple[str, str | None]:
    try:
        name = checked_label(name, "key")
    except AccountError as error:
        raise PlayerKeyNameError(str(error)) from None
    if description is not None and len(description) > LONGEST_DESCRIPTION:
        raise PlayerKeyNameError(f"the note of a key has at most {LONGEST_DESCRIPTION} characters")
    return name, description


def _add(row: PlayerKeyRow) -> Work[None]:
    if (yield from queries.count_player_keys(row.actor_id)) >= MOST:
        raise PlayerKeyNameError(f"an account has at most {MOST} keys: remove one first")
    yield from queries.add_player_key(row)


def _existing(actor_id: int, key_id: str) -> Work[PlayerKeyRow]:
    row = yield from queries.player_key_of(actor_id, key_id)
    if row is None:
        raise PlayerKeyNotFoundError("this account has no key with this id")
    return row


def _change(
    actor_id: int, key_id: str, name: str | None, description: str | None, enabled: bool | None
) -> Work[PlayerKeyRow]:
    row = yield from _existing(actor_id, key_id)
    new_name, new_description = _checked(
        row.name if name is None else name, row.description if description is None else description
    )
    changed = row._replace(
        name=new_name, description=new_description, enabled=row.enabled if enabled is None else int(enabled)
    )
    yield from queries.change_player_key(key_id, changed.name, changed.description, changed.enabled)
    return changed


def _remove(actor_id: int, key_id: str) -> Work[PlayerKeyRow]:
    row = yield from _existing(actor_id, key_id)
    yield from queries.drop_player_key(key_id)
    return row


def _good(api_key_hash: bytes) -> Work[tuple[PlayerKeyRow, AccountRow] | None]:
    row = yield from queries.player_key_with_hash(api_key_hash)
    if row is None or not row.enabled:
        return None
    account = yield from actors.account_of(row.actor_id)
    return None if account is None else (row, account)
