"""Resolution against a directory, web hosts and a name server on loopback, honest and otherwise."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.dns_server import NameServer, name_server
from tests.support.hostile import endless, garbage, json_answer, once, redirect, slow
from tests.support.hostile.directory import Directory
from tests.support.hostile.peer import Peer
from tests.support.hostile.world import Trap
from tests.support.server import running_server
from tonearm.atproto.did_key import SigningKey
from tonearm.atproto.multibase import base58btc, from_base58btc
from tonearm.core import open_core
from tonearm.identity.resolution import (
    BadDidDocumentError,
    DidNotFoundError,
    DnsHandles,
    HandleMismatchError,
    HandleNotFoundError,
    HandleServer,
    IdentityError,
    ResolutionUnavailableError,
    Resolver,
    WellKnownHandles,
    dids,
    resolver,
)
from tonearm.identity.resolution import handles as handles_module
from tonearm.outbound import OutboundClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

DID = "did:plc:" + "b" * 24
OTHER = "did:plc:" + "c" * 24
HANDLE = "carol.test"
PDS = "https://pds.example"


class NobodyHere:
    """A server without accounts of its own."""

    async def did_of(self, _handle: str) -> str | None:
        return None

    async def document_of(self, _did: str) -> dict[str, Any] | None:
        return None


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class World:
    """The resolver asks the directory for DIDs; for handles the directory, the name server and then `web`."""

    resolver: Resolver
    outbound: OutboundClient
    directory: Directory
    dns: NameServer
    web: Peer
    trap: Trap
    clock: Clock
    key: str = field(default_factory=lambda: SigningKey.generate("k256").public_multibase())

    def publish(self, handle: str = HANDLE, did: str = DID) -> None:
        self.directory.say(did, handle=handle, pds_url=PDS, key=self.key)

    def asked_for(self, did: str = DID) -> int:
        return len(self.directory.asked(self.directory.path_of(did)))

    def handle_questions(self) -> int:
        return len(self.directory.asked("/xrpc/com.atproto.identity.resolveHandle"))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        directory, web, trap = Directory(), Peer(), Trap()
        for server in (directory, web, trap):
            await stack.enter_async_context(server.running())
        dns = await stack.enter_async_context(name_server())
        allowed = [directory.authority_of_url, web.authority_of_url, f"localhost:{directory.port}"]
        outbound = await stack.enter_async_context(OutboundClient(user_agent="t", allowed_private_hosts=allowed))
        clock = Clock()
        ways = [
            HandleServer(outbound, directory.origin),
            DnsHandles([dns.address]),
            WellKnownHandles(outbound, lambda _handle: web.origin),
        ]
        made = Resolver(outbound, NobodyHere(), ways, plc_url=directory.origin, clock=clock)
        stack.push_async_callback(made.close)
        world = World(made, outbound, directory, dns, web, trap, clock)
        world.publish()
        yield world


@pytest.mark.parametrize("identifier", [HANDLE, "@Carol.TEST ", DID])
async def test_somebody_is_found_by_handle_and_by_did(world: World, identifier: str):
    identity = await world.resolver.identity(identifier)
    assert (identity.did, identity.handle, identity.pds_url) == (DID, HANDLE, PDS)
    assert identity.signing_key == f"did:key:{world.key}"
    assert identity.document["id"] == DID


async def test_a_handle_that_its_account_does_not_claim_is_refused(world: World):
    world.directory.handles["mallory.test"] = DID
    with pytest.raises(HandleMismatchError, match=r"mallory\.test"):
        await world.resolver.identity("mallory.test")


async def test_a_claimed_handle_that_points_elsewhere_is_left_out(world: World):
    world.directory.handles[HANDLE] = OTHER
    assert (await world.resolver.identity(DID)).handle is None
    del world.directory.handles[HANDLE]
    assert (await world.resolver.identity(DID, fresh=True)).handle is None


async def test_only_the_first_handle_that_a_document_claims_counts(world: World):
    world.directory.documents[DID]["alsoKnownAs"] = ["https://x", "at://first.test", f"at://{HANDLE}"]
    with pytest.raises(HandleMismatchError):
        await world.resolver.identity(HANDLE)


@pytest.mark.parametrize("handle", ["", "carol", "carol..test", "127.0.0.1", "carol.test/x", "ca rol.test", "a" * 300])
async def test_what_is_no_handle_is_asked_of_nobody(world: World, handle: str):
    with pytest.raises(HandleNotFoundError):
        await world.resolver.identity(handle)
    assert world.directory.log == []


@pytest.mark.parametrize(
    "did", ["did:plc:short", "did:plc:" + "1" * 24, "did:key:z6Mk", "did:web:host.example:path", "did:"]
)
async def test_a_did_of_no_use_to_the_network_is_not_found(world: World, did: str):
    with pytest.raises(DidNotFoundError):
        await world.resolver.identity(did)
    assert world.directory.log == []


async def test_a_handle_is_found_by_dns(world: World):
    world.directory.handles.clear()
    world.dns.texts[f"_atproto.{HANDLE}"] = [["v=spf1 -all"], ["did=did:plc:", "b" * 24]]
    assert (await world.resolver.identity(HANDLE)).did == DID


@pytest.mark.parametrize(
    "records",
    [[[f"did={DID}"], [f"did={OTHER}"]], [["did=carol"]], [[f"DID={DID}"]], [[f" did={DID}"]], [["did="]]],
)
async def test_a_record_that_names_no_one_did_names_none(world: World, records: list[list[str]]):
    world.directory.handles.clear()
    world.dns.texts[f"_atproto.{HANDLE}"] = records
    with pytest.raises(HandleNotFoundError):
        await world.resolver.did_of_handle(HANDLE)


async def test_a_handle_is_found_at_its_web_server_which_may_redirect(world: World):
    world.directory.handles.clear()
    world.web.instead["/.well-known/atproto-did"] = redirect("/moved")
    world.web.instead["/moved"] = garbage(f"{DID}\n", "text/plain")
    assert (await world.resolver.identity(HANDLE)).did == DID


@pytest.mark.parametrize(
    "answer",
    [
        garbage("<html>Welcome</html>", "text/html"),
        garbage(f"{DID}\n{OTHER}", "text/plain"),
        garbage("", "text/plain"),
        garbage(DID, "text/plain", 404),
        endless(),
        redirect("http://169.254.169.254/latest"),
        redirect("https://[::ffff:127.0.0.1]/"),
        redirect("/.well-known/atproto-did"),
    ],
)
async def test_a_web_server_that_says_no_did_names_none(world: World, answer: Any):
    world.directory.handles.clear()
    world.web.instead["/.well-known/atproto-did"] = answer
    with pytest.raises(HandleNotFoundError):
        await world.resolver.did_of_handle(HANDLE)


async def test_a_web_server_does_not_lead_to_our_own_network(world: World):
    world.directory.handles.clear()
    world.web.instead["/.well-known/atproto-did"] = redirect(f"{world.trap.origin}/x")
    with pytest.raises(HandleNotFoundError):
        await world.resolver.did_of_handle(HANDLE)
    assert world.trap.log == []


async def test_a_silent_way_makes_absence_unknown_but_does_not_hide_another_ways_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(handles_module, "DNS_TIMEOUT_S", 0.3)
    world.directory.handles.clear()
    world.dns.texts[f"_atproto.{HANDLE}"] = None
    with pytest.raises(ResolutionUnavailableError):
        await world.resolver.did_of_handle(HANDLE)
    world.dns.broken = True
    world.web.instead["/.well-known/atproto-did"] = garbage(DID, "text/plain")
    assert await world.resolver.did_of_handle(HANDLE, fresh=True) == DID


@pytest.mark.parametrize("status", [500, 503, 429, 302])
async def test_a_directory_that_fails_is_not_taken_for_absence(world: World, status: int):
    world.directory.instead[world.directory.path_of(DID)] = garbage("", status=status)
    with pytest.raises(ResolutionUnavailableError):
        await world.resolver.document(DID)


@pytest.mark.parametrize("status", [404, 410])
async def test_a_did_that_was_given_up_is_not_found(world: World, status: int):
    world.directory.instead[world.directory.path_of(DID)] = json_answer({"message": "no"}, status)
    with pytest.raises(DidNotFoundError):
        await world.resolver.document(DID)


@pytest.mark.parametrize(
    "answer",
    [
        garbage("<html>"),
        garbage("[" * 30_000),
        json_answer([]),
        json_answer({}),
        json_answer({"id": OTHER}),
        json_answer({"id": [DID]}),
        endless(),
    ],
)
async def test_something_else_in_a_documents_place_is_refused(world: World, answer: Any):
    world.directory.instead[world.directory.path_of(DID)] = answer
    with pytest.raises(BadDidDocumentError):
        await world.resolver.document(DID)


@pytest.mark.parametrize(
    "url",
    ["ftp://x", "https://", "https://u:p@x", "https://x/path", "https://x?q", "https://x#f", "https://x:0", 5, None, "x",
     "https://x\u00e9.example", "https://x y.example", "https://x:99999", {"uri": "https://x"}],
)  # fmt: skip
async def test_a_pds_is_an_origin_or_none(world: World, url: Any):
    world.directory.move(DID, url)
    assert (await world.resolver.identity(DID)).pds_url is None


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://PDS.example:443/", "https://pds.example"),
        ("http://localhost:2583", "http://localhost:2583"),
        ("https://[::1]:8443", "https://[::1]:8443"),
    ],
)
async def test_a_pds_is_written_in_one_way(world: World, url: str, origin: str):
    world.directory.move(DID, url)
    assert (await world.resolver.identity(DID)).pds_url == origin


@pytest.mark.parametrize("curve", ["k256", "p256"])
@pytest.mark.parametrize("form", ["Multikey", "old, whole point", "old, compressed"])
async def test_a_key_is_read_in_each_form_that_directories_serve(world: World, curve: str, form: str):
    key = SigningKey.generate(curve)
    kind, text = "Multikey", key.public_multibase()
    if form != "Multikey":
        kind = {"k256": "EcdsaSecp256k1VerificationKey2019", "p256": "EcdsaSecp256r1VerificationKey2019"}[curve]
        point = from_base58btc(text)[2:]
        if form == "old, whole point":
            group = {"k256": ec.SECP256K1(), "p256": ec.SECP256R1()}[curve]
            numbers = ec.EllipticCurvePublicKey.from_encoded_point(group, point).public_numbers()
            point = b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
        text = base58btc(point)
    world.directory.documents[DID]["verificationMethod"] = [
        {"id": f"{DID}#atproto", "type": kind, "controller": DID, "publicKeyMultibase": text}
    ]
    assert (await world.resolver.identity(DID)).signing_key == key.did_key()


async def test_what_a_document_has_in_another_form_is_left_out_and_breaks_nothing(world: World):
    for part in ("alsoKnownAs", "verificationMethod", "service"):
        for value in (None, {}, "x", [None, 5, "x", [], {"id": 5}], [[[]]] * 1000):
            world.directory.documents[DID] = {"id": DID, part: value}
            identity = await world.resolver.identity(DID, fresh=True)
            assert (identity.handle, identity.pds_url, identity.signing_key) == (None, None, None)


async def test_a_did_web_is_asked_at_its_host(world: World):
    did = world.directory.web_did
    world.publish("web.test", did)
    assert (await world.resolver.identity("web.test")).did == did


@pytest.mark.parametrize(
    "did", ["did:web:127.0.0.1", "did:web:localhost", "did:web:169.254.169.254", "did:web:2130706433", "did:web:0x7f.1"]
)
async def test_a_did_web_does_not_lead_to_our_own_network(world: World, did: str):
    with pytest.raises(IdentityError) as raised:
        await world.resolver.document(did)
    assert isinstance(raised.value, (BadDidDocumentError, DidNotFoundError))


async def test_a_did_web_with_the_traps_port_does_not_either(world: World):
    for host in ("127.0.0.1", "localhost"):
        with pytest.raises(BadDidDocumentError):
            await world.resolver.document(f"did:web:{host}%3A{world.trap.port}")
    world.directory.instead["/.well-known/did.json"] = redirect(f"{world.trap.origin}/did.json")
    with pytest.raises(ResolutionUnavailableError):
        await world.resolver.document(world.directory.web_did)
    assert world.trap.log == []


async def test_all_who_ask_at_once_share_one_question(world: World):
    found = await asyncio.gather(*(world.resolver.identity(HANDLE) for _ in range(50)))
    assert {identity.did for identity in found} == {DID}
    assert (world.handle_questions(), world.asked_for()) == (1, 1)


async def test_an_asker_who_gives_up_does_not_take_the_answer_from_the_others(world: World):
    one, two = (asyncio.create_task(world.resolver.document(DID)) for _ in range(2))
    await asyncio.sleep(0)
    one.cancel()
    assert (await two).did == DID
    assert world.asked_for() == 1


async def test_answers_are_believed_for_their_lifetime_and_no_longer(world: World):
    for passed, questions in ((0, (1, 1)), (599, (1, 1)), (2, (2, 1)), (3000, (3, 2))):
        world.clock.now += passed
        await world.resolver.identity(HANDLE)
        assert (world.handle_questions(), world.asked_for()) == questions


async def test_fresh_asks_whatever_is_remembered(world: World):
    await world.resolver.identity(HANDLE)
    world.directory.move(DID, "https://new.example")
    assert (await world.resolver.identity(HANDLE)).pds_url == PDS
    assert (await world.resolver.identity(HANDLE, fresh=True)).pds_url == "https://new.example"
    assert (await world.resolver.identity(HANDLE)).pds_url == "https://new.example"
    assert (world.handle_questions(), world.asked_for()) == (2, 2)


async def test_an_event_makes_the_next_question_a_new_one(world: World):
    await world.resolver.identity(HANDLE)
    world.publish("carol-b.test")
    del world.directory.handles[HANDLE]
    world.resolver.forget(DID)
    assert (await world.resolver.identity(DID)).handle == "carol-b.test"
    with pytest.raises(HandleNotFoundError):
        await world.resolver.identity(HANDLE)


async def test_an_event_during_a_question_keeps_its_answer_from_being_remembered(world: World):
    asking = asyncio.create_task(world.resolver.document(DID))
    await asyncio.sleep(0)
    world.resolver.forget(DID)
    await asking
    await world.resolver.document(DID)
    assert world.asked_for() == 2


async def test_absence_is_remembered_for_a_while(world: World):
    for _ in range(5):
        with pytest.raises(DidNotFoundError):
            await world.resolver.document(OTHER)
        with pytest.raises(HandleNotFoundError):
            await world.resolver.did_of_handle("nobody.test")
    assert (world.asked_for(OTHER), world.handle_questions()) == (1, 1)
    world.publish("nobody.test", OTHER)
    world.clock.now += 61
    assert (await world.resolver.identity("nobody.test")).did == OTHER


async def test_while_the_directory_is_silent_the_last_answer_serves_for_a_day(world: World):
    await world.resolver.document(DID)
    world.directory.instead[world.directory.path_of(DID)] = garbage("", status=503)
    world.clock.now += 3601
    for _ in range(3):
        assert (await world.resolver.document(DID)).pds_url == PDS
    assert world.asked_for() == 2
    with pytest.raises(ResolutionUnavailableError):
        await world.resolver.document(DID, fresh=True)
    world.clock.now += 86_400
    with pytest.raises(ResolutionUnavailableError):
        await world.resolver.document(DID)


async def test_what_is_gone_does_not_serve_on(world: World):
    await world.resolver.document(DID)
    del world.directory.documents[DID]
    world.clock.now += 3601
    with pytest.raises(DidNotFoundError):
        await world.resolver.document(DID)


async def test_a_directory_that_recovers_is_believed_again_within_seconds(world: World):
    world.directory.instead[world.directory.path_of(DID)] = once(garbage("", status=503))
    with pytest.raises(ResolutionUnavailableError):
        await world.resolver.document(DID)
    with pytest.raises(ResolutionUnavailableError):
        await world.resolver.document(DID)
    world.clock.now += 6
    assert (await world.resolver.document(DID)).did == DID


async def test_memory_is_bounded_and_a_flood_of_absences_pushes_nothing_out(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    await world.resolver.document(DID)
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    strangers = [f"did:plc:{a}{b}" + "d" * 22 for a in letters for b in letters[:4]]
    documents, handles = world.resolver._documents, world.resolver._handles
    monkeypatch.setattr(documents, "_failure_limit", 10)
    for did in strangers:
        with pytest.raises(DidNotFoundError):
            await world.resolver.document(did)
    assert len(documents._failures) == 10
    await world.resolver.document(DID)
    assert world.asked_for() == 1
    monkeypatch.setattr(documents, "_budget_bytes", 50_000)
    for number, did in enumerate(strangers):
        world.publish(f"s{number}.test", did)
        await world.resolver.identity(did, fresh=True)
    assert documents._bytes <= 50_000
    assert documents._bytes == sum(entry.cost for entry in documents._values.values())
    assert 1 < len(documents._values) < 50
    assert len(handles._values) == len(strangers)


async def test_so_many_questions_are_under_way_and_no_more(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(world.resolver._documents, "_at_once", 3)
    dids = [f"did:plc:{letter}" + "d" * 23 for letter in "abcdefgh"]
    found = await asyncio.gather(*(world.resolver.document(did) for did in dids), return_exceptions=True)
    kinds = [type(error) for error in found]
    assert kinds == [DidNotFoundError] * 3 + [ResolutionUnavailableError] * 5
    assert resolver.AT_ONCE >= 64
    world.directory.instead["/.well-known/did.json"] = slow()
    world.resolver._documents._at_once = 1
    slow_one = asyncio.create_task(world.resolver.document(world.directory.web_did))
    await asyncio.sleep(0)
    assert (await world.resolver.document(DID)).did == DID
    slow_one.cancel()
    await world.resolver.close()
    assert world.resolver._documents._flights == {}


async def test_accounts_of_the_built_in_pds_resolve_without_asking_anybody(tmp_path: Path):
    async with running_server(tmp_path, outbox=False) as server:
        found = server.core.resolver
        identity = await found.identity(server.handle)
        assert (identity.did, identity.handle, identity.pds_url) == (server.did, server.handle, server.url)
        assert identity.signing_key
        await server.core.pds.accounts.rename(server.did, "renamed.test")
        assert (await found.identity(server.did)).handle == "renamed.test"
        with pytest.raises(IdentityError):
            await found.identity(server.handle)
        await server.core.pds.accounts.set_status(server.did, "takendown")
        assert (await found.identity(server.did)).handle is None


async def test_what_another_process_changes_is_seen_within_moments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dids, "LOCAL_GOOD_S", 0.3)
    async with running_server(tmp_path, outbox=False) as server, open_core(server.core.settings) as other:
        assert (await server.core.resolver.identity(server.did)).handle == server.handle
        await other.pds.accounts.rename(server.did, "renamed.test")
        assert (await other.resolver.identity("renamed.test")).did == server.did
        await asyncio.sleep(0.4)
        assert (await server.core.resolver.identity(server.did)).handle == "renamed.test"
