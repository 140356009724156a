"""Another master key in the place of the present one, while servers go on.

    rotate: announce ---- wait ---- seal everything again ---- let the old key go
                 |
    servers:     every second, look: learn the key, seal with it from now on

The new key is announced in the database, sealed with the old one, so that every server learns it that has the old one,
on whatever machine, and after a restart too. Only then is anything sealed with it. Until the announcement is withdrawn
the old key opens everything; it is withdrawn when nothing is sealed with the old key and the new one is where the next
start looks for it. Every step can be stopped and done again.

Rejected: a file with both keys, which only the servers of one machine can see, and which those that were given their
key in the environment cannot.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tonearm.identity.secret_box import MasterKeyError, key_id_of
from tonearm.index.queries import sealed as queries
from tonearm.index.queries.sealed import SealedColumn
from tonearm.pds.builtin.account.keys import rotation_context, signing_context
from tonearm.services import repositories
from tonearm.services.credentials import player_keys, server_keys
from tonearm.services.repositories import Sealer
from tonearm.services.signing_in import oauth_client_keys, oauth_logins, oauth_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from tonearm.index.engine import Database, Row, Work

    Progress = Callable[[str, int, int], None]
    """Called with the name of a column, and how many of how many of its secrets are sealed again."""

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
AFTER_FAILURE_S = 30.0
ALL_HAVE_LOOKED_S = 4.0
"""How long after the announcement every server has learned the new key."""
BATCH = 100
ROUNDS = 10

SEALED: tuple[SealedColumn, ...] = (
    SealedColumn("index", "server_key", ("name",), "sealed", server_keys.sealed_context),
    SealedColumn("index", "player_key", ("key_id",), "sealed", player_keys.sealed_context),
    SealedColumn(
        "index",
        "remote_login",
        ("actor_id",),
        "sealed",
        repositories.sealed_context,
        ("(SELECT did FROM actor WHERE actor.actor_id = remote_login.actor_id)",),
    ),
    SealedColumn("index", "oauth_client_key", ("key_id",), "sealed", oauth_client_keys.key_context),
    SealedColumn("index", "oauth_request", ("state_hash",), "sealed", oauth_logins.request_context),
    SealedColumn("index", "oauth_session", ("actor_id",), "sealed", oauth_store.session_context, ("session_id",)),
    SealedColumn("pds", "pds_repo", ("repo_id",), "signing_key", signing_context, ("did",)),
    SealedColumn("pds", "pds_repo", ("repo_id",), "rotation_key", rotation_context, ("did",)),
)
"""Every sealed column of both databases. One that is not here cannot be read when the old key is gone."""


class KeyRotationError(Exception):
    """The master key cannot be changed as asked. The message says what to do."""


@dataclass(frozen=True, slots=True)
class RotationPlan:
    """What a change of the key needs to know of how this server is set up.

    Attributes:
        new_key: the new key, when it is given.
        make: makes one otherwise; None where it must be given.
        keep: puts the new key where the next start looks for it; None when a person must.
        everywhere: after `keep`, no server's next start will look for the old key.
    """

    new_key: bytes | None
    make: Callable[[], bytes] | None
    keep: Callable[[bytes], None] | None
    everywhere: bool


class KeyedSealer(Sealer, Protocol):
    """A sealer that can learn keys."""

    @property
    def key_id(self) -> bytes:
        """The id of the key that seals."""
        ...

    def knows(self, key_id: bytes) -> bool:
        """Whether a key can open."""
        ...

    def learn(self, master_key: bytes) -> None:
        """Seal with another key from now on."""
        ...


@dataclass(frozen=True, slots=True)
class KeyRotation:
    """Learns announced keys, in every process, and seals secrets again, in one."""

    index: Database
    pds_database: Database
    sealer: KeyedSealer
    wait_s: float = ALL_HAVE_LOOKED_S

    async def learn(self) -> None:
        """Learn the key that is announced, when one is.

        Raises:
            MasterKeyError: it was announced to those who have another key than this process.
        """
        announced = await self.index.read(queries.announced_key())
        if announced is not None and not self.sealer.knows(announced[0]):
            self.sealer.learn(self._open(announced))

    async def run(self) -> None:
        """Look for an announcement, for ever."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.learn()
            except Exception:
                log.exception("the announcement of another master key could not be read")
                await asyncio.sleep(AFTER_FAILURE_S)

    async def rotate(self, plan: RotationPlan, progress: Progress) -> bool:
        """Seal everything with another key; answers whether the old one may go.

        It may not while the next start of some server would look for it: then the announcement stays, and the same
        call withdraws it once this process was started with the new key.

        Raises:
            KeyRotationError: there is no new key, or another one has been announced.
            MasterKeyError: a secret does not open; the message names its row.
        """
        announced = await self.index.read(queries.announced_key())
        key = await self._announce(plan) if announced is None else self._resumed(announced, plan.new_key)
        if key is not None:
            await asyncio.sleep(self.wait_s)
            self.sealer.learn(key)
        await self._seal_all(progress)
        if key is not None:
            if plan.keep is not None:
                plan.keep(key)
            if not plan.everywhere:
                return False
        await self.index.write(queries.withdraw_key())
        return True

    async def left(self) -> int:
        """How many secrets are sealed with another key than the one that seals now."""
        return sum([await self._left(column) for column in SEALED])

    async def state(self) -> tuple[int, bool]:
        """How many secrets an older key seals, and whether a change of the key is not finished."""
        return await self.left(), await self.index.read(queries.announced_key()) is not None

    def _resumed(self, announced: tuple[bytes, bytes], new_key: bytes | None) -> bytes | None:
        """The announced key; None when this process was started with it, and knows no older one."""
        if new_key is not None and key_id_of(new_key) != announced[0]:
            raise KeyRotationError(
                f"a change to another key ({announced[0].hex()}) has begun and is not finished: "
                "run `tonearm keys rotate` without TONEARM_NEW_MASTER_KEY until it says that it is done"
            )
        try:
            return self._open(announced)
        except MasterKeyError:
            return None

    async def _announce(self, plan: RotationPlan) -> bytes | None:
        """Announce the new key; None when it is the present one."""
        key = plan.new_key or (plan.make() if plan.make is not None else None)
        if key is None:
            raise KeyRotationError(
                "TONEARM_MASTER_KEY gives the key, so TONEARM_NEW_MASTER_KEY or TONEARM_NEW_MASTER_KEY_FILE must give "
                "the new one: 64 random hexadecimal digits, for example of `openssl rand -hex 32`"
            )
        key_id = key_id_of(key)
        if key_id == self.sealer.key_id:
            return None
        kept = await self.index.write(queries.announce_key(key_id, self.sealer.seal(key, _context(key_id))))
        if kept != key_id:
            raise KeyRotationError("another change of the key began at this very moment: run the command again")
        return key

    def _open(self, announced: tuple[bytes, bytes]) -> bytes:
        return self.sealer.open(announced[1], _context(announced[0]))

    async def _seal_all(self, progress: Progress) -> None:
        for _ in range(ROUNDS):
            for column in SEALED:
                await self._seal_column(column, progress)
            if not await self.left():
                return
            await asyncio.sleep(LOOK_EVERY_S)
        raise KeyRotationError(
            "some secrets are still sealed with the old key: a server that does not know the new one is writing. "
            "Restart every server and run the command again"
        )

    async def _seal_column(self, column: SealedColumn, progress: Progress) -> None:
        database, key_id = self._database(column), self.sealer.key_id
        total = await self._left(column)
        done, after = 0, ()
        while rows := await database.read(queries.sealed_otherwise(column, key_id, after, BATCH)):
            await database.write(_replace(column, [self._sealed_again(column, row) for row in rows]))
            done, after = done + len(rows), rows[-1][: len(column.key)]
            progress(column.name, done, max(done, total))

    def _sealed_again(self, column: SealedColumn, row: Row) -> tuple[tuple[Any, ...], bytes, bytes]:
        size = len(column.key)
        key, was = row[:size], row[-1]
        context = column.context(*(row[size:-1] or key))
        return key, was, self.sealer.seal(self.sealer.open(was, context), context)

    async def _left(self, column: SealedColumn) -> int:
        return await self._database(column).read(queries.count_sealed_otherwise(column, self.sealer.key_id))

    def _database(self, column: SealedColumn) -> Database:
        return self.index if column.store == "index" else self.pds_database


def _context(key_id: bytes) -> str:
    return f"master_key_change {key_id.hex()}"


def _replace(column: SealedColumn, rows: list[tuple[tuple[Any, ...], bytes, bytes]]) -> Work[None]:
    for key, was, sealed in rows:
        yield from queries.seal_again(column, key, was, sealed)
