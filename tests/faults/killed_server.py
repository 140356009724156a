"""A server process that is killed and started again on the same data, and its listeners, who never stop scrobbling."""

from __future__ import annotations

import asyncio
import importlib.util
import itertools
import json
import operator
import os
import signal
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

from tests.support.kill_points import PHASES, KillPoint
from tests.support.server import free_port
from tonearm.atproto import dag_cbor
from tonearm.atproto.car import read_car
from tonearm.atproto.cid import Cid, cid_text
from tonearm.atproto.did_key import VerifyKey
from tonearm.atproto.mst import Nodes, walk_records
from tonearm.core import open_core
from tonearm.settings import Settings

if TYPE_CHECKING:
    import random
    from collections import Counter
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
START_LIMIT_S = 60.0
REACH_LIMIT_S = 15.0
LEASE_S = 1.5
STEPS = ("submit", "pds", "done", "call")
SCROBBLE = "app.rocksky.scrobble"


@dataclass(frozen=True)
class Listener:
    """An account of the server."""

    did: str
    token: str


@dataclass(eq=False)
class Play:
    """A play that somebody reports, perhaps several times. `uri` is set when the server has acknowledged it."""

    listener: Listener
    body: dict[str, Any]
    key: str | None
    again: bool
    uri: str | None = None

    @property
    def name(self) -> tuple[str, str, int]:
        """What tells this play from every other: whose, which song, when (0: when it was reported)."""
        return self.listener.did, self.body["title"], self.body.get("timestamp", 0)


class KilledServer:
    """One data folder (or schema), and the processes that serve it one after another."""

    def __init__(
        self, folder: Path, database_url: str | None, rng: random.Random, *, page: int = 200, **settings: Any
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.rng = rng
        self.page = page
        self.settings: dict[str, Any] = {
            "port": self.port,
            "data_dir": folder / "data",
            "first_account": "off",
            "rate_limit": 0,
            "outbox_linger_s": 0.0,
            "log_level": "warning",
            "strict_errors": True,
            **({"database_url": database_url} if database_url else {}),
            **settings,
        }
        self.log = folder / "server.log"
        self.process: asyncio.subprocess.Process | None = None

    async def make_listeners(self, count: int) -> list[Listener]:
        async with open_core(Settings(**self.settings)) as core:
            made = []
            for number in range(count):
                account = await core.accounts.create_local(core.pds, f"listener{number}", None)
                made.append(Listener(account.did, await core.api_tokens.create(account.actor_id, "faults")))
            return made

    async def start(self, http: aiohttp.ClientSession, point: KillPoint | None) -> None:
        """Start a process and wait until it answers."""
        await self.spawn(point)
        async with asyncio.timeout(START_LIMIT_S):
            while True:
                assert self.process and self.process.returncode is None, f"no start: {self.log.read_text()[-2000:]}"
                try:
                    async with http.get(f"{self.url}/xrpc/_health") as answer:
                        assert answer.status == 200, await answer.text()
                        return
                except aiohttp.ClientError:
                    await asyncio.sleep(0.02)

    async def spawn(self, point: KillPoint | None) -> None:
        """Start a process."""
        environment = {f"TONEARM_{name.upper()}": str(value) for name, value in self.settings.items()}
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.support.kill_points",
                json.dumps(asdict(point) if point else None),
                str(LEASE_S),
                str(self.page),
                cwd=ROOT,
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
            )

    async def killed_at(self, point: KillPoint) -> bool:
        """Arm the kill point and wait for the end. False when it was not reached, and the process killed from outside."""
        assert self.process
        if not point.at_once:
            self.process.send_signal(signal.SIGUSR1)
        try:
            async with asyncio.timeout(REACH_LIMIT_S):
                await self.process.wait()
            reached = True
        except TimeoutError:
            await self.kill()
            reached = False
        assert self.process.returncode == -signal.SIGKILL, (point, self.log.read_text()[-2000:])
        return reached

    async def kill(self) -> None:
        """Kill the process from outside."""
        assert self.process
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """End the process in good order; answers its exit status."""
        assert self.process
        self.process.terminate()
        return await self.process.wait()

    def some_point(self, step: str) -> KillPoint:
        """A kill point of a step, soon after it is armed."""
        return KillPoint(
            step,
            self.rng.choice(PHASES[step]),
            nth=self.rng.randint(1, 12),
            delay_us=int(self.rng.expovariate(1 / 400)),
        )


@dataclass
class Crowd:
    """Listeners who scrobble, retry what got no answer, and remember what was acknowledged."""

    server: KilledServer
    http: aiohttp.ClientSession
    listeners: list[Listener]
    rng: random.Random
    plays: list[Play] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    answers: int = 0
    same: Callable[[str, str], bool] = operator.eq
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    async def scrobble_for_ever(self) -> None:
        """One writer: play after play."""
        while True:
            play = self._new_play()
            self.plays.append(play)
            await self._report_until_done(play)
            await asyncio.sleep(self.rng.random() * 0.04)

    async def _report_until_done(self, play: Play) -> None:
        at_once = 2 if play.again and self.rng.random() < 0.2 else 1
        while True:
            known = await asyncio.gather(*(self._report(play) for _ in range(at_once)))
            if not play.again or self.rng.random() < 0.1:
                return  # one that got no answer stays without
            if any(known):
                if self.rng.random() < 0.1:
                    await self._report(play)  # the answer was lost on the way, as far as the player knows
                return
            await asyncio.sleep(self.rng.random() * 0.1)

    def _new_play(self) -> Play:
        """A play unlike any other: a known song at a time of its own, or a song of its own without a time."""
        number = next(self._numbers)
        key = f"play-{number}" if self.rng.random() < 0.4 else None
        body: dict[str, Any] = {"title": f"Étude no. {self.rng.randrange(60)}", "artist": "Chopin", "duration": 90_000}
        if self.rng.random() < 0.75:
            body["timestamp"] = 1_500_000_000 + 37 * number
        else:
            body["title"] = f"Improvisation no. {number}"
        if self.rng.random() < 0.5:
            body["album"] = f"Album {self.rng.randrange(9)}"
        return Play(self.rng.choice(self.listeners), body, key, again="timestamp" in body or key is not None)

    async def _report(self, play: Play) -> bool:
        headers = {"Authorization": f"Bearer {play.listener.token}"}
        if play.key:
            headers["Idempotency-Key"] = play.key
        try:
            answer, made = await self._post("app.rocksky.scrobble.createScrobble", play.body, headers)
        except (aiohttp.ClientError, TimeoutError, json.JSONDecodeError):
            return False
        if answer.status != 200:
            self.wrong.append(f"{answer.status} {made}")
            return False
        if play.uri is not None and not self.same(play.uri, made["uri"]):
            self.wrong.append(f"{play.name} was acknowledged as {play.uri} and as {made['uri']}")
        play.uri = made["uri"]
        self.answers += 1
        return True

    async def _post(
        self, nsid: str, body: dict[str, Any], headers: dict[str, str]
    ) -> tuple[aiohttp.ClientResponse, dict[str, Any]]:
        while True:
            try:
                async with self.http.post(f"{self.server.url}/xrpc/{nsid}", json=body, headers=headers) as answer:
                    return answer, await answer.json()
            except aiohttp.ClientConnectorError:  # no server just now, so that nothing was sent
                await asyncio.sleep(0.02)

    async def ask(self, nsid: str, token: str | None = None, **params: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self.http.get(f"{self.server.url}/xrpc/{nsid}", params=params, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()  # type: ignore[no-any-return]

    async def pages(self, nsid: str, of: str, token: str | None = None, **params: Any) -> list[dict[str, Any]]:
        """All items of a query that answers in pages."""
        items: list[dict[str, Any]] = []
        while True:
            page = await self.ask(nsid, token, **params)
            items += page[of]
            if not page.get("cursor") or not page[of]:
                return items
            params["cursor"] = page["cursor"]

    async def repository(self, listener: Listener) -> dict[str, str]:
        """A listener's whole repository, checked down to signature and tree: path to CID."""
        described = await self.ask("com.atproto.repo.describeRepo", repo=listener.did)
        (key,) = described["didDoc"]["verificationMethod"]
        url = f"{self.server.url}/xrpc/com.atproto.sync.getRepo"
        async with self.http.get(url, params={"did": listener.did}) as answer:
            assert answer.status == 200
            car = await answer.read()
        return whole_repository(car, listener.did, f"did:key:{key['publicKeyMultibase']}")

    async def drained(self, limit_s: float) -> None:
        """Wait until nobody's queue has an entry."""
        deadline = time.monotonic() + limit_s
        waiting = list(self.listeners)
        while waiting:
            assert time.monotonic() < deadline, f"the outbox was not drained within {limit_s} s"
            await asyncio.sleep(0.1)
            waiting = [listener for listener in waiting if not await self._drained(listener)]

    async def _drained(self, listener: Listener) -> bool:
        queue = await self.ask("app.tonearm.journal.getQueue", listener.token, limit=1)
        return queue["entries"] == []


def whole_repository(car: bytes, did: str, signing_key: str) -> dict[str, str]:
    """Check an export: every block's hash, the commit's signature, the tree. Answers path to CID.

    Other implementations check it as well, where they are installed.
    """
    roots, pairs = read_car(car)
    blocks = {bytes(cid): block for cid, block in pairs}
    commit = dag_cbor.decode(blocks[bytes(roots[0])])
    unsigned = {name: value for name, value in commit.items() if name != "sig"}
    assert VerifyKey.from_did_key(signing_key).verify(dag_cbor.encode(unsigned), commit["sig"])
    assert commit["did"] == did
    nodes, wanted = Nodes(), [bytes(commit["data"])]
    while wanted:
        cid = wanted.pop()
        nodes.add(cid, blocks[cid], trusted=False)
        wanted += [kid for kid in nodes.open(cid).kids if isinstance(kid, bytes)]
    found = {path.decode(): cid for path, cid in walk_records(nodes, bytes(commit["data"]))}
    assert set(found.values()) <= blocks.keys()
    named = {path: cid_text(Cid(cid)) for path, cid in found.items()}
    if all(importlib.util.find_spec(name) for name in ("atmst", "cbrrr")):
        from tests.network.repo_oracles import whole_repo

        assert whole_repo(car, did, signing_key)[1] == named
    return named


def counted(names: Counter[tuple[str, str, int]], wanted: set[tuple[str, str, int]]) -> dict[tuple[str, str, int], int]:
    """Those of `wanted` that do not occur exactly once, with how often they do."""
    return {name: names[name] for name in wanted if names[name] != 1}
