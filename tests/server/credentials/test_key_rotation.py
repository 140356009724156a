"""Another master key, beside a server that goes on: everything opens, before and after, whatever is interrupted."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.server import Server, running_server
from tonearm.core import Core, open_core
from tonearm.identity.master_key import load_master_key, replace_master_key
from tonearm.identity.secret_box import MasterKeyError, key_id_of
from tonearm.index.engine import Database, Work, execute, select
from tonearm.pds.remote.session import PdsSession
from tonearm.services.credentials import key_rotation
from tonearm.services.credentials.key_rotation import SEALED, KeyRotationError, RotationPlan
from tonearm.services.signing_in.oauth_logins import _Request as Request
from tonearm.services.signing_in.oauth_logins import request_context
from tonearm.services.signing_in.oauth_store import KeptSession
from tonearm.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tonearm.services.credentials.player_keys import PlayerKey

OLD, NEW, OTHER = (bytes([number]) * 32 for number in (1, 2, 3))
PLAY = {"title": "Wow", "artist": "Kate Bush"}


@dataclass
class Sealed:
    """Everything of a server that is sealed, as it was before."""

    server: Server
    player_key: PlayerKey
    remote: PdsSession
    oauth: KeptSession
    client_key_id: str
    tokens: dict[str, Any]
    pds_session: dict[str, Any]

    @classmethod
    async def filled(cls, server: Server) -> Sealed:
        core, who = server.core, server.first
        elsewhere = await core.accounts.add_remote(
            f"did:plc:{secrets.token_hex(12)}", "kate.example", "https://p.example"
        )
        remote = PdsSession(elsewhere.did, "kate.example", "https://p.example", "access", "refresh")
        await core.sessions.save(elsewhere.did, remote)
        login = {"identifier": who.handle, "password": who.password}
        _, tokens = await server.tell("app.tonearm.session.createSession", login)
        _, session = await server.tell("com.atproto.server.createSession", login)
        begun = Request("https://p.example", None, "c", None, {"d": "begun"}, "verifier", "https://us.example", {})
        await core.oauth_logins._keep("state", "binding", begun)
        kept = KeptSession(
            elsewhere.actor_id,
            secrets.token_hex(8),
            elsewhere.did,
            "https://p.example",
            "https://p.example",
            "c",
            None,
            "atproto",
            "access of OAuth",
            "refresh of OAuth",
            None,
            {"d": "of the session"},
        )
        await core.oauth_sessions.store.replace(kept)
        client_key = await core.oauth_sessions.client_keys.signing()
        player_key = await core.player_keys.create(who.actor_id, "radio")
        return cls(server, player_key, remote, kept, client_key.key_id, tokens, session)

    async def opens_in(self, core: Core) -> None:
        """Nothing is lost, in whichever process."""
        found = await core.player_keys.by_api_key(self.player_key.api_key)
        assert found is not None
        assert found[0].shared_secret == self.player_key.shared_secret
        assert await core.sessions.load(self.remote.did) == self.remote
        assert await core.pds._keys.check() >= 1
        assert await core.oauth_sessions.store.of_did(self.remote.did) == self.oauth
        assert await core.oauth_sessions.client_keys.by_id(self.client_key_id) is not None
        sealed, context = await core.index.read(first_request())
        assert b"verifier" in core.key_rotation.sealer.open(sealed, context)

    async def works(self) -> None:
        """The server serves, and tokens from before are good."""
        await self.opens_in(self.server.core)
        await self.server.scrobble(**PLAY, timestamp=1_700_000_000 + secrets.randbelow(10**6))
        await self.server.drained()
        for token in (self.tokens["accessJwt"], self.pds_session["accessJwt"]):
            assert (await self.server.ask("app.tonearm.journal.getQueue", token=token))[0] == 200
        status, self.pds_session = await self.server.tell(
            "com.atproto.server.refreshSession", token=self.pds_session["refreshJwt"]
        )
        assert status == 200
        status, self.tokens = await self.server.tell(
            "app.tonearm.session.refreshSession", {"refreshToken": self.tokens["refreshToken"]}
        )
        assert status == 200


def first_request() -> Work[tuple[bytes, str]]:
    rows = yield select("SELECT sealed, state_hash FROM oauth_request")
    return rows[0][0], request_context(rows[0][1])


@asynccontextmanager
async def command(settings: Settings, **changed: Any) -> AsyncIterator[Core]:
    """What a command has, in a process of its own, while the server goes on."""
    async with open_core(Settings(**{**settings.model_dump(), **changed})) as core:
        yield core


def quiet(what: str, done: int, total: int) -> None:
    assert what.count(".") == 1
    assert 0 < done <= total


def to(key: bytes, keep: Path | None = None) -> RotationPlan:
    kept = (lambda new: replace_master_key(keep, new)) if keep is not None else None
    return RotationPlan(key, None, kept, everywhere=keep is not None)


async def sealed_with(database: Database, key: bytes) -> list[str]:
    """Every column, of whatever table, that has a value which begins with the id of a master key."""
    tables = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if database.dialect == "sqlite"
        else "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    )

    def work() -> Work[list[str]]:
        found = []
        for (table,) in (yield select(tables)):
            for row in (yield select(f"SELECT * FROM {table}")):
                found += [table for value in row if isinstance(value, bytes) and value[:4] == key_id_of(key)]
        return found

    return await database.read(work())


async def everything_sealed_with(core: Core, key: bytes) -> list[str]:
    found = await sealed_with(core.index, key)
    return found + (await sealed_with(core.pds_database, key) if core.index.dialect == "sqlite" else [])


async def test_a_key_in_a_file_is_replaced_beside_a_running_server(tmp_path: Path) -> None:
    async with running_server(tmp_path) as server:
        path = server.core.settings.master_key_path
        old = load_master_key(path, data_exists=True)
        sealed = await Sealed.filled(server)
        stop, plays = asyncio.Event(), 0

        async def go_on() -> None:
            nonlocal plays
            while not stop.is_set():
                await sealed.works()
                plays += 1
                await asyncio.sleep(0.05)

        serving = asyncio.create_task(go_on())
        async with command(server.core.settings) as core:
            assert await core.key_rotation.rotate(to(NEW, path), quiet)
        stop.set()
        await serving
        assert plays > 10
        assert load_master_key(path, data_exists=True) == NEW
        assert await everything_sealed_with(server.core, old) == []
        assert set(await everything_sealed_with(server.core, NEW)) == {place.table for place in SEALED}
        await sealed.works()
        async with command(server.core.settings) as started_again:
            await sealed.opens_in(started_again)
            assert await started_again.key_rotation.state() == (0, False)
        with pytest.raises(MasterKeyError, match="another master key"):
            async with command(server.core.settings, master_key=old.hex()):
                pass


async def test_a_key_of_the_environment_is_replaced_without_stopping_a_server(database: str, tmp_path: Path) -> None:
    async with running_server(tmp_path, database=database, master_key=OLD.hex()) as server:
        sealed, settings = await Sealed.filled(server), server.core.settings
        async with command(settings) as core:
            with pytest.raises(KeyRotationError, match="TONEARM_NEW_MASTER_KEY"):
                await core.key_rotation.rotate(RotationPlan(None, None, None, everywhere=False), quiet)
            assert not await core.key_rotation.rotate(to(NEW), quiet), "the old key is wanted for the next start"
        await sealed.works()
        assert "master_key_change" in await everything_sealed_with(server.core, OLD)
        async with command(settings) as started_with_the_old_key:
            await sealed.opens_in(started_with_the_old_key)
            with pytest.raises(KeyRotationError, match="has begun and is not finished"):
                await started_with_the_old_key.key_rotation.rotate(to(OTHER), quiet)
        async with command(settings, master_key=NEW.hex()) as core:
            await sealed.opens_in(core)
            assert await core.key_rotation.state() == (0, True)
            assert await core.key_rotation.rotate(RotationPlan(None, None, None, everywhere=False), quiet)
        await sealed.works()
        assert await everything_sealed_with(server.core, OLD) == []
        async with command(settings, master_key=NEW.hex()) as core:
            await sealed.opens_in(core)
        with pytest.raises(MasterKeyError, match="another master key"):
            async with command(settings):
                pass


async def test_a_change_that_is_interrupted_anywhere_is_taken_up_again(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every write of it fails once, one after the other; nothing is ever unreadable."""
    monkeypatch.setattr(key_rotation, "BATCH", 1)
    async with running_server(tmp_path, database=database, master_key=OLD.hex()) as server:
        sealed, settings = await Sealed.filled(server), server.core.settings
        interruptions = 0
        for _ in range(100):
            async with command(settings) as core:
                rotation = replace(core.key_rotation, wait_s=1.5 if interruptions < 2 else 0.0)
                fail_after(monkeypatch, core, 1)
                try:
                    await rotation.rotate(to(NEW), quiet)
                except InterruptedError:
                    interruptions += 1
                else:
                    break
            await sealed.opens_in(server.core)
        assert interruptions > 5
        await sealed.works()
        assert set(await everything_sealed_with(server.core, OLD)) == {"master_key_change"}


def fail_after(monkeypatch: pytest.MonkeyPatch, core: Core, good: int) -> None:
    """Let the command be killed after so many writes."""
    left = [good]
    for database in {id(each): each for each in (core.index, core.pds_database)}.values():
        write = database.write

        async def killed(work: Work[Any], write: Any = write) -> Any:
            if not left[0]:
                work.close()
                raise InterruptedError
            left[0] -= 1
            return await write(work)

        monkeypatch.setattr(database, "write", killed)


async def test_a_secret_that_was_written_while_it_was_sealed_again_is_kept(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_server(tmp_path, database=database, master_key=OLD.hex(), outbox=False) as server:
        sealed = await Sealed.filled(server)
        newer = PdsSession(sealed.remote.did, "kate.example", "https://p.example", "newer access", "newer refresh")
        rotation = replace(server.core.key_rotation, wait_s=0.0)
        read = server.core.index.read

        async def then_written(work: Work[Any]) -> Any:
            rows = await read(work)
            if work.gi_code.co_name == "sealed_otherwise" and rows and rows[0][0] not in {None, ""}:
                await server.core.sessions.save(sealed.remote.did, newer)
            return rows

        monkeypatch.setattr(server.core.index, "read", then_written)
        assert not await rotation.rotate(to(NEW), quiet)
        monkeypatch.undo()
        assert await server.core.sessions.load(sealed.remote.did) == newer


async def test_a_damaged_secret_stops_the_change_and_is_named(tmp_path: Path) -> None:
    async with running_server(tmp_path, master_key=OLD.hex(), outbox=False) as server:
        sealed = await Sealed.filled(server)

        def damage() -> Work[None]:
            rows = yield select("SELECT sealed FROM player_key")
            yield execute("UPDATE player_key SET sealed = $1", rows[0][0][:-1] + bytes([rows[0][0][-1] ^ 1]))

        await server.core.index.write(damage())
        rotation = replace(server.core.key_rotation, wait_s=0.0)
        with pytest.raises(MasterKeyError, match=f"player_key {sealed.player_key.key_id} does not open"):
            await rotation.rotate(to(NEW), quiet)
        assert await server.core.sessions.load(sealed.remote.did) == sealed.remote


async def test_the_present_key_as_the_new_one_changes_nothing(tmp_path: Path) -> None:
    async with running_server(tmp_path, master_key=OLD.hex(), outbox=False) as server:
        before = await everything_sealed_with(server.core, OLD)
        assert await server.core.key_rotation.rotate(to(OLD), quiet)
        assert await everything_sealed_with(server.core, OLD) == before
        assert await server.core.key_rotation.state() == (0, False)


async def test_every_column_of_sealed_bytes_is_known_to_the_change_of_the_key(database: str, tmp_path: Path) -> None:
    """By its name; what an announcement seals is sealed with the old key on purpose."""
    async with running_server(tmp_path, database=database, outbox=False) as server:
        columns = (
            "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
            if database == "sqlite"
            else "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        )

        def named(store: Database) -> Any:
            def work() -> Work[Any]:
                return (yield select(columns))

            return store.read(work())

        found = set(await named(server.core.index)) | set(await named(server.core.pds_database))
        keys = {"signing_key", "rotation_key", "sealed"}
        sealed = {(table, column) for table, column in found if column in keys} - {("master_key_change", "sealed")}
        assert {(place.table, place.column) for place in SEALED} == sealed
