"""Sessions: a login, a short-lived access token, a refresh token that is used once.

A session is a chain of refresh tokens, each stored as its hash. Using one makes the next. Two clients (or a retry
after a lost answer) may use the same one within the grace time and both get the same successor; after that, a use of a
spent token means that somebody else has it, and the whole session ends. Access tokens are believed for a few seconds
without asking the database again, so a revoked session ends everywhere within that time.
"""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from tonearm.index.engine import Work, execute, select
from tonearm.pds.builtin.account.app_passwords import AppPassword, AppPasswords, looks_like_app_password
from tonearm.pds.builtin.account.identities import Repo, find_repo, repo_named
from tonearm.pds.builtin.account.tokens import (
    ACCESS_LIFE_S,
    APP_PASSWORD,
    APP_PASSWORD_PRIVILEGED,
    FULL,
    REFRESH,
    REFRESH_LIFE_S,
    Claims,
    TokenMint,
)
from tonearm.pds.builtin.errors import RepoInactiveError, SessionError
from tonearm.pds.builtin.times import micros_of_clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from tonearm.index.engine import Database
    from tonearm.pds.builtin.ports import PasswordCheck

GRACE_S = 2 * 3600
BELIEVED_S = 5.0
BELIEVED_LIMIT = 10_000
REFUSED = "Invalid identifier or password"

_MICROS = 1_000_000


class PdsSession(NamedTuple):
    """Who holds a token. `scopes` are those of `tonearm.xrpc.auth.Principal`; `session_id` is no secret.

    `repo`: may write the repository. `account`: may manage the account (not with an app password). `privileged`: may
    ask for service tokens of privileged methods. `refresh`: a refresh token, good for nothing else.
    """

    did: str
    scope: str
    session_id: str
    scopes: frozenset[str]


class Login(NamedTuple):
    """An open session: its account and its two tokens."""

    repo: Repo
    access_jwt: str
    refresh_jwt: str


SCOPES_OF = {
    FULL: frozenset({"repo", "account", "privileged"}),
    APP_PASSWORD_PRIVILEGED: frozenset({"repo", "privileged"}),
    APP_PASSWORD: frozenset({"repo"}),
    REFRESH: frozenset({"refresh"}),
}


class Sessions:
    """Opens, renews and ends sessions."""

    def __init__(
        self,
        db: Database,
        check_password: PasswordCheck,
        *,
        jwt_key: bytes,
        service_did: str,
        clock: Callable[[], float],
        handle_domains: tuple[str, ...],
    ) -> None:
        self._db = db
        self._check_password = check_password
        self._jwt_key = jwt_key
        self._tokens = TokenMint(jwt_key, service_did, clock)
        self._clock = clock
        self._handle_domains = handle_domains
        self._believed: OrderedDict[str, float] = OrderedDict()
        self.app_passwords = AppPasswords(db)

    def now_micros(self) -> int:
        """Return the time as microseconds since 1970."""
        return micros_of_clock(self._clock)

    async def open(self, identifier: str, password: str, address: str) -> Login:
        """Log in with an account's own password or one of its app passwords; `address` is the caller's.

        Raises:
            SessionError: `AuthenticationRequired`: unknown, or not its password.
            RepoInactiveError: the account was taken down.
            Exception: what the `PasswordCheck` raises after too many wrong passwords.
        """
        repo, app_password = await self._authenticate(identifier, password, address)
        if repo.status in ("takendown", "suspended", "deleted"):
            raise RepoInactiveError(repo.status)
        session_id, token_id = secrets.token_hex(16), secrets.token_hex(16)
        name = None if app_password is None else app_password.name
        await self._db.write(_insert(_hash(token_id), session_id, repo.repo_id, name, self._refresh_end()))
        return self._login(repo, app_password, session_id, token_id, REFRESH_LIFE_S)

    async def _find(self, identifier: str) -> Repo | None:
        repo = await self._db.read(find_repo(identifier))
        if repo is None and "." not in identifier and not identifier.startswith("did:"):
            repo = await self._db.read(find_repo(f"{identifier}.{self._handle_domains[0]}"))
        return repo

    async def _authenticate(self, identifier: str, password: str, address: str) -> tuple[Repo, AppPassword | None]:
        """Try app passwords first: nobody can guess those, so wrong guesses of others don't keep their holders out."""
        repo = await self._find(identifier)
        if repo is not None and looks_like_app_password(password):
            app_password = await self.app_passwords.check(repo, password)
            if app_password is not None:
                return repo, app_password
        did = await self._check_password(identifier.removeprefix("@"), password, address)
        repo = None if did is None else await self._db.read(find_repo(did))
        if repo is None:
            raise SessionError("AuthenticationRequired", REFUSED)
        return repo, None

    def _login(
        self, repo: Repo, app_password: AppPassword | None, session_id: str, token_id: str, refresh_life_s: float
    ) -> Login:
        scope = FULL
        if app_password is not None:
            scope = APP_PASSWORD_PRIVILEGED if app_password.privileged else APP_PASSWORD
        access = Claims(repo.did, scope, session_id, secrets.token_hex(8))
        refresh = Claims(repo.did, REFRESH, session_id, token_id)
        return Login(
            repo,
            self._tokens.make("at+jwt", access, ACCESS_LIFE_S),
            self._tokens.make("refresh+jwt", refresh, refresh_life_s),
        )

    async def renew(self, refresh_jwt: str) -> Login:
        """Exchange a refresh token for the session's next pair of tokens.

        Raises:
            SessionError: `InvalidToken`; `ExpiredToken` when its time is over or the session has ended.
            RepoInactiveError: the account was taken down.
        """
        claims = self._tokens.read("refresh+jwt", refresh_jwt)
        next_id = hmac.new(self._jwt_key, b"next:" + claims.token_id.encode(), sha256).hexdigest()[:32]
        renewed = await self._db.write(self._renew(claims, next_id))
        if renewed is None:
            self._believed.pop(claims.session_id, None)
            raise SessionError("ExpiredToken", "Token has been revoked")
        repo, app_password, ends_at = renewed
        return self._login(repo, app_password, claims.session_id, next_id, ends_at / _MICROS - self._clock())

    def _renew(self, claims: Claims, next_id: str) -> Work[tuple[Repo, AppPassword | None, int] | None]:
        now = micros_of_clock(self._clock)
        rows = yield select(
            "SELECT s.used_at, s.app_password, a.privileged, a.created_at FROM pds_session s"
            " LEFT JOIN pds_app_password a ON a.repo_id = s.repo_id AND a.name = s.app_password"
            " WHERE s.token_hash = $1",
            _hash(claims.token_id),
        )
        if not rows:
            return None
        used_at, name, privileged, made_at = rows[0]
        if used_at is not None and now - used_at > GRACE_S * _MICROS:
            yield from _end(claims.session_id)
            return None
        repo = yield from repo_named(claims.did)
        if repo.status in ("takendown", "suspended", "deleted"):
            raise RepoInactiveError(repo.status)
        if used_at is None:
            yield execute("UPDATE pds_session SET used_at = $2 WHERE token_hash = $1", _hash(claims.token_id), now)
            yield from _insert(_hash(next_id), claims.session_id, repo.repo_id, name, self._refresh_end())
        ends = yield select("SELECT expires_at FROM pds_session WHERE token_hash = $1", _hash(next_id))
        app_password = None if name is None else AppPassword(name, bool(privileged), made_at or 0)
        return repo, app_password, ends[0][0]

    async def principal(self, token: str) -> PdsSession:
        """Return who holds an access token, or a refresh token.

        Raises:
            SessionError: `InvalidToken`; `ExpiredToken` when its time is over or the session has ended.
        """
        try:
            claims = self._tokens.read("at+jwt", token)
        except SessionError as error:
            if error.name != "InvalidToken":
                raise
            claims = self._tokens.read("refresh+jwt", token)
        if claims.scope not in SCOPES_OF:
            raise SessionError("InvalidToken", "Token has an unknown scope")
        if self._believed.get(claims.session_id, 0.0) < self._clock():
            await self._believe(claims.session_id)
        return PdsSession(claims.did, claims.scope, claims.session_id, SCOPES_OF[claims.scope])

    async def _believe(self, session_id: str) -> None:
        if not await self._db.read(_is_open(session_id)):
            raise SessionError("ExpiredToken", "Token has been revoked")
        self._believed[session_id] = self._clock() + BELIEVED_S
        self._believed.move_to_end(session_id)
        if len(self._believed) > BELIEVED_LIMIT:
            self._believed.popitem(last=False)

    async def close(self, refresh_jwt: str) -> None:
        """End the session that a refresh token belongs to.

        Raises:
            SessionError: `InvalidToken` or `ExpiredToken`.
        """
        claims = self._tokens.read("refresh+jwt", refresh_jwt)
        await self._db.write(_end(claims.session_id))
        self._believed.pop(claims.session_id, None)

    async def revoke_app_password(self, repo: Repo, name: str) -> None:
        """Drop an app password and every session that it opened."""
        await self.app_passwords.revoke(repo, name)
        self._believed.clear()

    async def prune(self) -> None:
        """Forget tokens whose time is over."""
        await self._db.write(_prune(micros_of_clock(self._clock)))

    def _refresh_end(self) -> int:
        return micros_of_clock(self._clock) + REFRESH_LIFE_S * _MICROS


def _hash(token_id: str) -> bytes:
    return sha256(token_id.encode()).digest()


def _insert(token_hash: bytes, session_id: str, repo_id: int, app_password: str | None, expires_at: int) -> Work[None]:
    yield execute(
        "INSERT INTO pds_session (token_hash, session_id, repo_id, app_password, expires_at)"
        " VALUES ($1, $2, $3, $4, $5)",
        *(token_hash, session_id, repo_id, app_password, expires_at),
    )


def _is_open(session_id: str) -> Work[bool]:
    return bool((yield select("SELECT 1 FROM pds_session WHERE session_id = $1 LIMIT 1", session_id)))


def _end(session_id: str) -> Work[None]:
    yield execute("DELETE FROM pds_session WHERE session_id = $1", session_id)


def _prune(now: int) -> Work[None]:
    yield execute("DELETE FROM pds_session WHERE expires_at < $1", now)
