"""API tokens: named, scoped, revocable. Shown once; only the hash is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from tonearm.identity import tokens as kinds
from tonearm.index.queries import actors
from tonearm.index.queries import tokens as queries
from tonearm.services.accounts import AccountError, principal_of
from tonearm.services.identity_hash import MICROS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tonearm.index.engine import Database, Work
    from tonearm.index.queries.tokens import TokenRow
    from tonearm.services.credentials.last_used import LastUsed
    from tonearm.xrpc.auth import Principal

BELIEVED_S = 1.0
"""How long a token's answer is believed: what another process revokes or makes is seen within this time."""
CACHED = 10_000
LONGEST_LIFE_S = 100 * 365 * 86_400.0
LONGEST_LABEL = 120
MOST = 200
"""How many tokens an account may have."""


@dataclass(frozen=True, slots=True)
class ApiTokenView:
    """A token as its owner sees it: all but the token. `token_id` names it, and is no secret."""

    token_id: str
    label: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


@dataclass(slots=True)
class ApiTokens:
    """The API tokens of all accounts."""

    database: Database
    now: Callable[[], float]
    last_used: LastUsed
    _principals: dict[bytes, tuple[float, Principal | None]] = field(default_factory=dict)

    async def create(
        self, actor_id: int, label: str, scopes: Sequence[str] = kinds.SCOPES, *, lives_s: float | None = None
    ) -> str:
        """Make an API token; the answer is the only time that it is seen.

        Raises:
            AccountError: no such scope, no label, no life, or too many tokens.
        """
        kept = checked_scopes(scopes)
        label = checked_label(label, "token")
        if lives_s is not None and not 0 < lives_s <= LONGEST_LIFE_S:
            raise AccountError("a token lives longer than no time and not longer than a hundred years")
        token = kinds.new_token()
        now = self._micros()
        expires_at = None if lives_s is None else now + int(lives_s * MICROS)
        key = kinds.token_hash(token)
        await self.database.write(
            self._add(queries.TokenRow(key, actor_id, label, " ".join(kept), now, expires_at, None))
        )
        self._principals.pop(key, None)
        return token

    def _add(self, row: TokenRow) -> Work[None]:
        if len((yield from queries.tokens_of(row.actor_id, row.created_at))) >= MOST:
            raise AccountError(f"an account has at most {MOST} tokens: revoke one first")
        yield from queries.add_token(row)

    async def tokens(self, actor_id: int) -> list[ApiTokenView]:
        """An account's tokens that are good, the newest first."""
        return [_view(row) for row in await self.database.read(queries.tokens_of(actor_id, self._micros()))]

    async def revoke(self, actor_id: int, token_id: str) -> bool:
        """Let one of an account's tokens be good no longer; False when it has no such token."""
        revoked = await self.database.write(self._revoke(actor_id, token_id))
        for token_hash in revoked:
            self._principals.pop(token_hash, None)
        return bool(revoked)

    async def revoke_all(self, actor_id: int) -> int:
        """Revoke every token of an account; answers how many there were."""
        revoked = await self.database.write(self._revoke(actor_id, None))
        for token_hash in revoked:
            self._principals.pop(token_hash, None)
        return len(revoked)

    def _revoke(self, actor_id: int, token_id: str | None) -> Work[list[bytes]]:
        now = self._micros()
        good = yield from queries.tokens_of(actor_id, now)
        revoked = [row.token_hash for row in good if token_id in (None, _token_id(row.token_hash))]
        for token_hash in revoked:
            yield from queries.revoke_token(token_hash, now)
        return revoked

    async def principal(self, token: str) -> Principal | None:
        """Whose API token this is; None when it is unknown, revoked or expired."""
        key = kinds.token_hash(token)
        now = self.now()
        cached = self._principals.get(key)
        if cached is None or cached[0] <= now:
            cached = await self._look_up(key, now)
        if cached[1] is not None:
            self.last_used.note(key, partial(queries.mark_token_used, key, int(now * MICROS)))
        return cached[1]

    async def _look_up(self, key: bytes, now: float) -> tuple[float, Principal | None]:
        principal, expires_at = await self.database.read(_principal(key, int(now * MICROS)))
        believed_until = now + BELIEVED_S
        if expires_at is not None:
            believed_until = min(believed_until, expires_at / MICROS)
        if len(self._principals) >= CACHED:
            self._principals.clear()
        self._principals[key] = (believed_until, principal)
        return self._principals[key]

    def _micros(self) -> int:
        return int(self.now() * MICROS)


def token_id_of(token: str) -> str:
    """The name of a token, which is no secret: the beginning of its hash."""
    return _token_id(kinds.token_hash(token))


def _token_id(token_hash: bytes) -> str:
    return token_hash.hex()[:16]


def checked_scopes(scopes: Sequence[str]) -> tuple[str, ...]:
    """The scopes, each once and in the usual order.

    Raises:
        AccountError: there is none, or one that does not exist.
    """
    unknown = [scope for scope in scopes if scope not in kinds.SCOPES]
    if unknown or not scopes:
        raise AccountError(f"scopes are {', '.join(kinds.SCOPES)}, not {', '.join(unknown) or 'none'}")
    return tuple(scope for scope in kinds.SCOPES if scope in scopes)


def checked_label(label: str, what: str) -> str:
    """The name without white space around it.

    Raises:
        AccountError: it is empty or too long.
    """
    label = label.strip()
    if not label:
        raise AccountError(f"a {what} needs a name by which its owner knows it again")
    if len(label) > LONGEST_LABEL:
        raise AccountError(f"the name of a {what} has at most {LONGEST_LABEL} characters")
    return label


def moment(micros: int) -> datetime:
    """The time of a column, aware."""
    return datetime.fromtimestamp(micros / MICROS, UTC)


def _principal(key: bytes, now: int) -> Work[tuple[Principal | None, int | None]]:
    row = yield from queries.token_with_hash(key, now)
    if row is None:
        return None, None
    account = yield from actors.account_of(row.actor_id)
    if account is None:
        return None, None
    return principal_of(account, frozenset(row.scopes.split()), _token_id(key)), row.expires_at


def _view(row: TokenRow) -> ApiTokenView:
    return ApiTokenView(
        _token_id(row.token_hash),
        row.label,
        tuple(row.scopes.split()),
        moment(row.created_at),
        None if row.expires_at is None else moment(row.expires_at),
        None if row.last_used_at is None else moment(row.last_used_at),
    )
