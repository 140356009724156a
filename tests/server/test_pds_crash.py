"""The built-in PDS killed at any moment keeps what it acknowledged, in a repository that others can check."""

from __future__ import annotations

import asyncio
import random
import sys
from typing import TYPE_CHECKING

from tests.network.repo_oracles import Car, read_frame, tree_before, whole_repo
from tests.support.builtin_pds import World
from tonearm.index.engine import open_database
from tonearm.index.migrations import migrate
from tonearm.pds.builtin.stream.frames import frame_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tonearm.pds.builtin.host import BuiltinPds

WRITER = """
import asyncio, sys
from tests.support.builtin_pds import World
from tests.support.pds_sessions import write_of, delete_of
from tonearm.index.engine import open_database
from tonearm.index.migrations import migrate

async def writer(host, did, name):
    n = 0
    while True:
        keys = [f"{name}x{n}x{i}" for i in range(1 + n * 7 % 40)]
        await host.apply_writes(did, [write_of(key, {"$type": "app.rocksky.scrobble", "title": key}) for key in keys])
        print("kept", *keys, flush=True)
        if n % 3 == 0:
            await host.apply_writes(did, [delete_of(keys[0])])
            print("gone", keys[0], flush=True)
        n += 1

async def main(path, key, name):
    db = await open_database(f"sqlite:///{path}")
    world = World(db, "")
    world.sealer.key = bytes.fromhex(key)
    import time
    world.clock = time.time
    host = world.host()
    await host.start()
    did = (await host.reader.all_hosted(0, 1))[0].did
    await asyncio.gather(*(writer(host, did, f"{name}w{i}") for i in range(4)))

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_killed_host_loses_nothing_that_it_acknowledged(
    tmp_path: Path, soak: bool, record_property: Callable[[str, object], None]
) -> None:
    seed = random.randrange(1 << 30)
    record_property("seed", seed)
    chance = random.Random(seed)
    path = tmp_path / "pds.db"
    key, did = await _new_repository(path)
    kept: set[str] = set()
    gone: set[str] = set()
    for round_number in range(30 if soak else 4):
        lines = await _run_and_kill(path, key, f"r{round_number}", chance.uniform(0.02, 0.4))
        for line in lines:
            word, *keys = line.split()
            (kept if word == "kept" else gone).update(keys)
        await _check(path, key, did, kept, gone, f"seed {seed}, round {round_number}")
    assert len(kept) > 20


async def _new_repository(path: Path) -> tuple[str, str]:
    await migrate(f"sqlite:///{path}", "pds")
    db = await open_database(f"sqlite:///{path}")
    world = World(db, "")
    host = world.host()
    did = await host.create_repository("alice.test")
    await host.close()
    await db.close()
    return world.sealer.key.hex(), did


async def _run_and_kill(path: Path, key: str, name: str, after_s: float) -> list[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, str(path), key, name, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    first = await asyncio.wait_for(process.stdout.readline(), 60)
    await asyncio.sleep(after_s)
    process.kill()
    rest = (first + await process.stdout.read()).split(b"\n")
    await process.wait()
    return [line.decode() for line in rest[:-1]]


async def _check(path: Path, key: str, did: str, kept: set[str], gone: set[str], told: str) -> None:
    db = await open_database(f"sqlite:///{path}")
    world = World(db, "")
    world.sealer.key = bytes.fromhex(key)
    host = world.host()
    await host.start()
    raw = b"".join([chunk async for chunk in host.export_car(did)])
    signing_key = await _signing_key(host, did)
    commit, records = whole_repo(raw, did, signing_key)
    present = {record.rpartition("/")[2] for record in records}
    assert not present & gone, told
    assert {key for key in kept - gone if key not in present} <= {key for key in kept if key.endswith("x0")}, (
        f"only a deletion whose answer was lost explains a missing record: {told}"
    )
    rows = await world.rows("SELECT before_seq, seq, after_seq FROM pds_event ORDER BY seq DESC LIMIT 50")
    commits = [body for header, body in (read_frame(frame_of(*row)) for row in rows) if header["t"] == "#commit"]
    assert commits[0]["rev"] == commit.rev
    for event in commits[:-1]:
        car = Car(event["blocks"])
        root = car.commit(did, signing_key).data
        assert tree_before(car, root, event["ops"])
    await host.close()
    await db.close()


async def _signing_key(host: BuiltinPds, did: str) -> str:
    document = await host.accounts.did_document(did)
    return "did:key:" + document["verificationMethod"][0]["publicKeyMultibase"]
