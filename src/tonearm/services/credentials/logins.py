"""Sessions: a browser's cookie, or an app's short access token and the refresh token that is used once.

A refresh token has a part that names its family and stays, and a part that changes with each use. A family that comes
with another second part than the newest has been used twice: somebody has a copy, so the whole session ends, whoever
came first. A token with another first part is a guess, and ends nothing.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from tonearm.identity import tokens as kinds
from tonearm.identity.access_tokens import AccessTokenError
from tonearm.index.queries import actors, moves
from tonearm.index.queries import logins as queries
from tonearm.services.accounts import principal_of
from tonearm.services.credentials.api_tokens import checked_label, checked_scopes, moment
from tonearm.services.identity_hash import MICROS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from tonearm.identity.access_tokens import AccessTokens
    from tonearm.index.engine import Database, Work
    from tonearm.index.queries.actors import AccountRow
    from tonearm.index.queries.logins import LoginRow
    from tonearm.services.credentials.last_used import LastUsed
    from tonearm.xrpc.auth import Principal

BROWSER_LIFE_S = 30 * 86_400
APP_LIFE_S = 90 * 86_400
"""How long a session lives that is not used; each use begins it again."""
BELIEVED_S = 1.0
"""How long an open session is believed: one that another process ends is refused within this time."""
MOST = 200
"""How many sessions an account may have; a further one ends the one that was not used for longest."""
CACHED = 10_000
LONGEST_AGENT = 200
REFRESH_PREFIX = "tnrr_"
_PARTS = 3


class RefreshRefusedError(Exception):
    """A refresh token is unknown, spent or too old. Log in again."""


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """A browser that is logged in. `csrf_secret` is known to the holder of the cookie alone."""

    account: AccountRow
    session_id: str
    csrf_secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoginTokens:
    """What an app gets. `expires_at` is the second at which the access token's time is over."""

    access_jwt: str = field(repr=False)
    refresh_token: str = field(repr=False)
    session_id: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class LoginSession:
    """A session as its owner sees it. `session_id` is no secret."""

    session_id: str
    kind: str
    label: str
    agent: str
    address: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None


@dataclass(slots=True)
class Logins:
    """The sessions of all accounts."""

    database: Database
    now: Callable[[], float]
    access_tokens: AccessTokens
    last_used: LastUsed
    _open: dict[str, tuple[float, Principal | None]] = field(default_factory=dict)

    async def open_browser(self, actor_id: int, *, agent: str, address: str) -> str:
        """Log a browser in; answers the cookie's value. It is good for thirty days after its last use."""
        cookie = secrets.token_urlsafe(32)
        row = self._row(actor_id, "browser", "", agent, BROWSER_LIFE_S)._replace(
            address=address, scopes=" ".join(kinds.SCOPES), secret_hash=_hash(cookie)
        )
        await self._add(row)
        return cookie

    async def browser(self, cookie: str) -> BrowserSession | None:
        """Whose cookie this is; None when it is unknown, ended or too old."""
        now = self._micros()
        found = await self.database.read(_with_account(queries.session_with_secret(_hash(cookie), now)))
        if found is None or found[0].kind != "browser":
            return None
        row, account = found
        end = now + BROWSER_LIFE_S * MICROS
        self.last_used.note(row.session_id, partial(queries.mark_cookie_used, row.session_id, now, end))
        return BrowserSession(account, row.session_id, hmac.digest(cookie.encode(), b"csrf", "sha256"))

    async def open_app(self, actor_id: int, *, label: str, scopes: Sequence[str], agent: str = "") -> LoginTokens:
        """Log an app in.

        Raises:
            AccountError: no such scope, no label.
            LookupError: no such account.
        """
        kept, label = checked_scopes(scopes), checked_label(label, "session")
        family, turn = secrets.token_urlsafe(16), secrets.token_urlsafe(32)
        row = self._row(actor_id, "app", label, agent, APP_LIFE_S)._replace(
            scopes=" ".join(kept), secret_hash=_hash(turn), family_hash=_hash(family)
        )
        account = await self._add(row)
        return self._tokens(account.did, row.session_id, family, turn)

    async def _add(self, row: LoginRow) -> AccountRow:
        account, ended = await self.database.write(_add_for(row))
        for session_id in ended:
            self._open.pop(session_id, None)
        return account

    async def refresh(self, refresh_token: str) -> LoginTokens:
        """Exchange a refresh token for the session's next two tokens. The one that was used is spent.

        Raises:
            RefreshRefusedError: it is unknown or too old; or it was spent already, and the session has ended now.
        """
        session_id, family, turn = _parts(refresh_token)
        next_turn = secrets.token_urlsafe(32)
        did = await self.database.write(self._renew(session_id, family, turn, next_turn))
        if did is None:
            self._open.pop(session_id, None)
            raise RefreshRefusedError("this refresh token is unknown, was used already, or is too old: log in again")
        return self._tokens(did, session_id, family, next_turn)

    def _renew(self, session_id: str, family: str, turn: str, next_turn: str) -> Work[str | None]:
        now = self._micros()
        found = yield from _with_account(queries.session_with_id(session_id, now))
        if found is None:
            return None
        row, account = found
        if row.family_hash is None or not hmac.compare_digest(row.family_hash, _hash(family)):
            return None
        if not hmac.compare_digest(row.secret_hash, _hash(turn)):
            yield from queries.end_session(row.actor_id, session_id)
            return None
        yield from queries.renew_session(session_id, _hash(next_turn), now, now + APP_LIFE_S * MICROS)
        return account.did

    async def principal(self, access_jwt: str) -> Principal:
        """Whose access token this is.

        Raises:
            AccessTokenError: it is not ours, its time is over, or its session has ended.
        """
        claims = self.access_tokens.verify(access_jwt)
        now = self.now()
        known = self._open.get(claims.session_id)
        if known is None or known[0] <= now:
            known = await self._look_up(claims.session_id, now)
        if known[1] is None or (known[1].did != claims.did and not await self._was(known[1].actor_id, claims.did)):
            raise AccessTokenError("ExpiredToken", "The session of this access token has ended: log in again.")
        self.last_used.note(claims.session_id, partial(queries.mark_session_used, claims.session_id, int(now * MICROS)))
        return known[1]

    async def _was(self, actor_id: int, did: str) -> bool:
        """Whether an account had this DID before it moved: the tokens of its sessions stay good."""
        return did in await self.database.read(moves.former_dids(actor_id))

    async def _look_up(self, session_id: str, now: float) -> tuple[float, Principal | None]:
        found = await self.database.read(_with_account(queries.session_with_id(session_id, int(now * MICROS))))
        principal = None
        if found is not None and found[0].kind == "app":
            principal = principal_of(found[1], frozenset(found[0].scopes.split()), session_id)
        if len(self._open) >= CACHED:
            self._open.clear()
        self._open[session_id] = (now + BELIEVED_S, principal)
        return self._open[session_id]

    async def end(self, actor_id: int, session_id: str) -> bool:
        """End one of an account's sessions; False when it has no such session."""
        ended = await self.database.write(queries.end_session(actor_id, session_id))
        self._open.pop(session_id, None)
        return ended

    async def end_all(self, actor_id: int, *, but: str | None = None) -> int:
        """End an account's sessions, but one; answers how many were ended."""
        ended = await self.database.write(queries.end_sessions(actor_id, but or ""))
        for session_id in ended:
            self._open.pop(session_id, None)
        return len(ended)

    async def sessions(self, actor_id: int) -> list[LoginSession]:
        """An account's open sessions, the newest first."""
        return [_view(row) for row in await self.database.read(queries.sessions_of(actor_id, self._micros()))]

    async def tidy(self) -> None:
        """Forget sessions whose time is over."""
        await self.database.write(queries.drop_ended_sessions(self._micros()))

    def _row(self, actor_id: int, kind: str, label: str, agent: str, lives_s: int) -> LoginRow:
        now = self._micros()
        return queries.LoginRow(
            session_id=secrets.token_hex(16),
            actor_id=actor_id,
            kind=kind,
            label=label,
            agent=agent[:LONGEST_AGENT],
            address="",
            scopes="",
            secret_hash=b"",
            family_hash=None,
            created_at=now,
            last_used_at=None,
            expires_at=now + lives_s * MICROS,
        )

    def _tokens(self, did: str, session_id: str, family: str, turn: str) -> LoginTokens:
        access_jwt, expires_at = self.access_tokens.make(did, session_id)
        return LoginTokens(access_jwt, f"{REFRESH_PREFIX}{session_id}.{family}.{turn}", session_id, expires_at)

    def _micros(self) -> int:
        return int(self.now() * MICROS)


def _hash(secret: str) -> bytes:
    return sha256(secret.encode(errors="replace")).digest()


def _parts(refresh_token: str) -> tuple[str, str, str]:
    parts = refresh_token.removeprefix(REFRESH_PREFIX).split(".")
    if not refresh_token.startswith(REFRESH_PREFIX) or len(parts) != _PARTS or not refresh_token.isascii():
        raise RefreshRefusedError("this is no refresh token of this server")
    return parts[0], parts[1], parts[2]


def _with_account(session: Work[LoginRow | None]) -> Work[tuple[LoginRow, AccountRow] | None]:
    row = yield from session
    if row is None:
        return None
    account = yield from actors.account_of(row.actor_id)
    return None if account is None else (row, account)


def _add_for(row: LoginRow) -> Work[tuple[AccountRow, list[str]]]:
    account = yield from actors.account_of(row.actor_id)
    if account is None:
        raise LookupError(f"actor {row.actor_id} has no account")
    ended = yield from queries.drop_idle_sessions(row.actor_id, MOST - 1)
    yield from queries.add_session(row)
    return account, ended


def _view(row: LoginRow) -> LoginSession:
    return LoginSession(
        row.session_id,
        row.kind,
        row.label,
        row.agent,
        row.address,
        tuple(row.scopes.split()),
        moment(row.created_at),
        None if row.last_used_at is None else moment(row.last_used_at),
    )
