"""App passwords: made here, shown once, kept as argon2id hashes.

An app password is four groups of four base32 characters, 80 random bits. Its first group is stored beside the hash to
find the row by; the sixty bits that remain are more than any password that people choose.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from typing import TYPE_CHECKING, NamedTuple

from tonearm.index.engine import Work, execute, select
from tonearm.pds.builtin.errors import InvalidWriteError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

    from tonearm.index.engine import Database
    from tonearm.pds.builtin.account.identities import Repo

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
GROUPS, GROUP_LENGTH = 4, 4
NAME_LIMIT = 64
EACH_REPO_LIMIT = 50
MEMORY_KIB = 19_456
"""argon2id: 19 MiB, two passes, the least that OWASP names for it; the default of the library takes 64 MiB a login."""

_FORM = re.compile(rf"[a-z2-7]{{{GROUP_LENGTH}}}(?:-[a-z2-7]{{{GROUP_LENGTH}}}){{{GROUPS - 1}}}")


class AppPassword(NamedTuple):
    """An app password without its secret. `created_at` is microseconds since 1970."""

    name: str
    privileged: bool
    created_at: int


class AppPasswords:
    """Makes, checks and revokes app passwords."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._one_at_a_time = asyncio.Semaphore(1)

    async def create(self, repo: Repo, name: str, now_micros: int, *, privileged: bool) -> tuple[AppPassword, str]:
        """Make an app password and return it with its secret, which can't be shown again.

        Raises:
            InvalidWriteError: the name is empty, too long or in use, or there are too many.
        """
        name = name.strip()
        if not 1 <= len(name) <= NAME_LIMIT:
            raise InvalidWriteError(f"an app password's name has 1 to {NAME_LIMIT} characters")
        groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
        password = "-".join(groups)
        app_password = AppPassword(name, privileged, now_micros)
        await self._db.write(_insert(repo.repo_id, app_password, password[:GROUP_LENGTH], await self._hash(password)))
        return app_password, password

    async def check(self, repo: Repo, password: str) -> AppPassword | None:
        """Return the app password that this is, or None."""
        if not looks_like_app_password(password):
            return None
        rows = await self._db.read(_candidates(repo.repo_id, password[:GROUP_LENGTH]))
        for app_password, secret_hash in rows:
            if await self._matches(secret_hash, password):
                return app_password
        return None

    async def all_of(self, repo: Repo) -> list[AppPassword]:
        """Return an account's app passwords, the oldest first."""
        return [app_password for app_password, _ in await self._db.read(_candidates(repo.repo_id, None))]

    async def revoke(self, repo: Repo, name: str) -> None:
        """Drop an app password and every session that it opened."""
        await self._db.write(_revoke(repo.repo_id, name))

    async def _hash(self, password: str) -> str:
        async with self._one_at_a_time:
            return await asyncio.to_thread(_hash, password)

    async def _matches(self, secret_hash: str, password: str) -> bool:
        async with self._one_at_a_time:
            return await asyncio.to_thread(_matches, secret_hash, password)


def looks_like_app_password(text: str) -> bool:
    """Whether a text has the form of an app password."""
    return _FORM.fullmatch(text) is not None


def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher  # noqa: PLC0415 - off the path of the first answer

    return PasswordHasher(time_cost=2, memory_cost=MEMORY_KIB, parallelism=1)


def _hash(password: str) -> str:
    return _hasher().hash(password)


def _matches(secret_hash: str, password: str) -> bool:
    from argon2.exceptions import VerificationError  # noqa: PLC0415 - off the path of the first answer

    try:
        return _hasher().verify(secret_hash, password)
    except VerificationError:
        return False


def _candidates(repo_id: int, hint: str | None) -> Work[list[tuple[AppPassword, str]]]:
    condition, args = ("", ()) if hint is None else (" AND hint = $2", (hint,))
    rows = yield select(
        "SELECT name, privileged, created_at, secret_hash FROM pds_app_password"
        f" WHERE repo_id = $1{condition} ORDER BY created_at, name",
        *(repo_id, *args),
    )
    return [(AppPassword(name, bool(privileged), created_at), stored) for name, privileged, created_at, stored in rows]


def _insert(repo_id: int, app_password: AppPassword, hint: str, secret_hash: str) -> Work[None]:
    rows = yield select("SELECT name FROM pds_app_password WHERE repo_id = $1", repo_id)
    if len(rows) >= EACH_REPO_LIMIT:
        raise InvalidWriteError(f"an account may have {EACH_REPO_LIMIT} app passwords; revoke one first")
    if (app_password.name,) in rows:
        raise InvalidWriteError("there is an app password of this name")
    yield execute(
        "INSERT INTO pds_app_password (repo_id, name, hint, secret_hash, privileged, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        *(repo_id, app_password.name, hint, secret_hash, int(app_password.privileged), app_password.created_at),
    )


def _revoke(repo_id: int, name: str) -> Work[None]:
    yield execute("DELETE FROM pds_app_password WHERE repo_id = $1 AND name = $2", repo_id, name)
    yield execute("DELETE FROM pds_session WHERE repo_id = $1 AND app_password = $2", repo_id, name)
