"""Writing to the real PDS when answers are lost, tokens expire and limits are near."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.network.fault_proxy import FaultProxy, fault_proxy
from tests.network.repo_oracles import whole_repo
from tests.network.targets import signing_key_of
from tests.network.xrpc_calls import Xrpc, rkeys, scrobble
from tests.support.pds_sessions import MemorySessions, write_of
from tests.support.real_pds import running_real_pds
from tonearm.pds.errors import (
    PdsError,
    PdsRateLimitedError,
    PdsRefusedError,
    PdsSessionLostError,
    PdsUnavailableError,
    PdsUnclearError,
)
from tonearm.pds.remote import PdsSession, RemotePds, login

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import aiohttp

    from tests.support.real_pds import RealAccount, RealPds
    from tonearm.outbound import OutboundClient
    from tonearm.pds.writer import RepoWrite

pytestmark = pytest.mark.needs_node


@dataclass
class World:
    """An account on the real PDS, reached through a proxy that can lose answers."""

    pds: RemotePds
    sessions: MemorySessions
    proxy: FaultProxy
    account: RealAccount

    @property
    def did(self) -> str:
        return self.account.did

    @property
    def session(self) -> PdsSession:
        return self.sessions.sessions[self.did]

    async def stored(self, writes: list[RepoWrite]) -> int:
        """How many of the records exist; each must have its own bytes."""
        found = await self.pds.existing(self.did, [(write.collection, write.rkey) for write in writes])
        assert found.items() <= {(write.collection, write.rkey): write.cid for write in writes}.items()
        return len(found)


@pytest.fixture
async def world(
    real_pds: RealPds, real_account: RealAccount, http: aiohttp.ClientSession, outbound: OutboundClient
) -> AsyncIterator[World]:
    async with fault_proxy(http, real_pds.url) as proxy:
        session = await login(outbound, proxy.url, real_account.handle, real_account.app_password)
        sessions = MemorySessions(session)
        async with RemotePds(outbound, sessions, timeout_s=2.0) as pds:
            yield World(pds, sessions, proxy, real_account)


def batch(count: int) -> list[RepoWrite]:
    return [write_of(rkey, scrobble(i)) for i, rkey in enumerate(rkeys(count))]


def expired(jwt: str, secret: str) -> str:
    """The same access token, as it will be when its time is over."""
    header, claims, _ = jwt.split(".")
    content = json.loads(base64.urlsafe_b64decode(claims + "=="))
    content |= {"iat": content["iat"] - 10_000, "exp": int(time.time()) - 5}
    signed = f"{header}.{_b64(json.dumps(content).encode())}"
    return f"{signed}.{_b64(hmac.digest(secret.encode(), signed.encode(), hashlib.sha256))}"


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.mark.parametrize("fault", ["after", "middle", "silence", "nonsense", 500, 502, 504])
async def test_a_batch_whose_answer_is_lost_is_unclear_and_found_afterwards(world: World, fault: str | int):
    writes = batch(5)
    world.proxy.faults["applyWrites"] = [fault]
    with pytest.raises(PdsUnclearError):
        await world.pds.apply_writes(world.did, writes)
    assert await world.stored(writes) == 5
    assert world.proxy.calls.count("applyWrites") == 1


async def test_a_batch_that_never_arrived_is_unclear_and_not_found(world: World):
    writes = batch(5)
    world.proxy.faults["applyWrites"] = ["before"]
    with pytest.raises(PdsUnclearError):
        await world.pds.apply_writes(world.did, writes)
    assert await world.stored(writes) == 0
    await world.pds.apply_writes(world.did, writes)
    assert await world.stored(writes) == 5


async def test_a_pds_that_is_down_is_unavailable(real_account: RealAccount, outbound: OutboundClient):
    session = PdsSession(real_account.did, "", "http://127.0.0.1:9", "access", "refresh")
    async with RemotePds(outbound, MemorySessions(session)) as pds:
        for attempt in (pds.apply_writes(session.did, batch(1)), pds.existing(session.did, [("a.b.c", "x")])):
            with pytest.raises(PdsUnavailableError):
                await attempt


@pytest.mark.parametrize("fault", ["before", "after", "middle", "silence", "nonsense", 500, 502, 503])
async def test_a_lookup_that_is_not_answered_is_not_taken_for_absence(world: World, fault: str | int):
    writes = batch(3)
    await world.pds.apply_writes(world.did, writes)
    world.proxy.faults["getRecord"] = [fault] * 20  # the client sends a lost GET once more by itself
    with pytest.raises(PdsUnavailableError):
        await world.stored(writes)


@pytest.mark.parametrize("fault", ["before", "after", "middle", "silence", "nonsense", 500, 502, 503])
async def test_a_question_for_the_revision_that_is_not_answered_has_no_answer(world: World, fault: str | int):
    stored = await world.pds.apply_writes(world.did, batch(1))
    world.proxy.faults["getLatestCommit"] = [fault] * 2
    with pytest.raises(PdsUnavailableError):
        await world.pds.latest_rev(world.did)
    world.proxy.faults.clear()
    assert await world.pds.latest_rev(world.did) == stored.rev


async def test_an_expired_access_token_is_exchanged_and_the_batch_arrives(world: World, real_pds: RealPds):
    stale = replace(world.session, access_jwt=expired(world.session.access_jwt, real_pds.jwt_secret))
    world.sessions.sessions[world.did] = stale
    writes = batch(4)
    await asyncio.gather(*(world.pds.apply_writes(world.did, [write]) for write in writes))
    assert await world.stored(writes) == 4
    assert world.proxy.calls.count("refreshSession") == 1
    assert world.sessions.log.count("save") == 1
    assert world.session.refresh_jwt != stale.refresh_jwt


async def test_a_lost_answer_to_a_rotation_costs_no_login(world: World, real_pds: RealPds):
    world.sessions.sessions[world.did] = replace(
        world.session, access_jwt=expired(world.session.access_jwt, real_pds.jwt_secret)
    )
    world.proxy.faults["refreshSession"] = ["after"]
    with pytest.raises(PdsUnavailableError):
        await world.pds.apply_writes(world.did, batch(1))
    await world.pds.apply_writes(world.did, batch(1))
    assert world.sessions.log.count("save") == 1


async def test_a_revoked_app_password_ends_in_a_lost_session(
    world: World, real_pds: RealPds, http: aiohttp.ClientSession
):
    owner = Xrpc(http, real_pds.url)
    mine = await owner.ok(
        "com.atproto.server.createSession",
        {"identifier": world.account.handle, "password": world.account.password},
    )
    await owner.with_token(mine["accessJwt"]).ok("com.atproto.server.revokeAppPassword", {"name": "tonearm"})
    world.sessions.sessions[world.did] = replace(
        world.session, access_jwt=expired(world.session.access_jwt, real_pds.jwt_secret)
    )
    with pytest.raises(PdsSessionLostError):
        await world.pds.apply_writes(world.did, batch(1))
    assert world.sessions.log == ["lock", "drop"]


@pytest.mark.parametrize(
    ("change", "name"),
    [({"password": "wrong"}, "AuthenticationRequired"), ({"identifier": "nobody.test"}, "AuthenticationRequired")],
)
async def test_a_wrong_login_is_refused_by_name(
    real_pds: RealPds, real_account: RealAccount, outbound: OutboundClient, change: dict[str, str], name: str
):
    given = {"identifier": real_account.handle, "password": real_account.app_password} | change
    with pytest.raises(PdsRefusedError) as refused:
        await login(outbound, real_pds.url, **given)
    assert refused.value.name == name
    assert given["password"] not in str(refused.value)


async def test_an_export_is_streamed_whole_and_bounded(world: World, real_pds: RealPds, http: aiohttp.ClientSession):
    writes = batch(100)
    result = await world.pds.apply_writes(world.did, writes)
    raw = b"".join([chunk async for chunk in world.pds.export_car(world.did)])
    async with http.get(f"{real_pds.plc_url}/{world.did}") as answer:
        key = signing_key_of(await answer.json(), world.did)
    commit, records = whole_repo(raw, world.did, key)
    assert commit.cid == result.commit_cid
    assert records == {f"{write.collection}/{write.rkey}": write.cid for write in writes}

    with pytest.raises(PdsRefusedError, match="larger than"):
        [chunk async for chunk in world.pds.export_car(world.did, limit_bytes=len(raw) - 1)]


@pytest.mark.parametrize("fault", ["before", "middle", 500])
async def test_an_export_that_breaks_off_is_not_taken_for_the_whole(world: World, fault: str | int):
    await world.pds.apply_writes(world.did, batch(100))
    world.proxy.faults["getRepo"] = [fault] * 4
    with pytest.raises(PdsUnavailableError):
        [chunk async for chunk in world.pds.export_car(world.did)]


async def test_an_export_of_an_unknown_repository_is_an_error(world: World):
    stranger = replace(world.session, did="did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")
    world.sessions.sessions[stranger.did] = stranger
    with pytest.raises(PdsError):
        [chunk async for chunk in world.pds.export_car(stranger.did)]


@pytest.fixture(scope="module")
def limited_pds() -> Iterator[RealPds]:
    with running_real_pds(rate_limits=True) as pds:
        yield pds


async def test_an_import_stops_before_the_limit_and_leaves_room_for_a_play(
    limited_pds: RealPds, outbound: OutboundClient
):
    account = limited_pds.create_account()
    sessions = MemorySessions(await login(outbound, limited_pds.url, account.handle, account.app_password))
    keys = rkeys(2000)
    async with RemotePds(outbound, sessions) as pds:
        batches = [[write_of(rkey, scrobble(1)) for rkey in keys[i : i + 200]] for i in range(0, 2000, 200)]
        sent = 0
        with pytest.raises(PdsRateLimitedError) as held:
            for writes in batches:
                await pds.apply_writes(account.did, writes)
                sent += 1
        # 5,000 points an hour, 600 for a batch, 500 in reserve.
        assert sent == 7
        assert 0 < held.value.retry_at - time.time() <= 3600
        assert await pds.existing(account.did, [(w.collection, w.rkey) for w in batches[7][:3]]) == {}
        await pds.apply_writes(account.did, batches[8][:1])

    async with RemotePds(outbound, sessions) as heedless:  # knows nothing of what was spent
        await heedless.apply_writes(account.did, batches[7])
        forgetful = RemotePds(outbound, sessions)
        with pytest.raises(PdsRateLimitedError) as refused:
            await forgetful.apply_writes(account.did, batches[9])
        assert 0 < refused.value.retry_at - time.time() <= 3600
        assert await forgetful.existing(account.did, [(w.collection, w.rkey) for w in batches[9][:3]]) == {}


async def test_no_secret_is_in_any_text_of_a_session_or_an_error(world: World):
    texts = [repr(world.session), repr(world.pds)]
    for fault in ("after", "before", 500, "nonsense", 401):
        world.proxy.faults["applyWrites"] = [fault]
        world.proxy.faults["refreshSession"] = [500]
        with pytest.raises(PdsError) as raised:
            await world.pds.apply_writes(world.did, batch(1))
        texts += [str(raised.value), repr(raised.value)]
    secrets: list[Any] = [world.session.access_jwt, world.session.refresh_jwt, world.account.app_password]
    assert not [secret for secret in secrets for text in texts if secret in text]
