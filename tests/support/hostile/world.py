"""The peers together, and the people who have accounts there."""

from __future__ import annotations

import secrets
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.support.hostile.authorization import AuthorizationServer
from tests.support.hostile.directory import Directory
from tests.support.hostile.pds import Pds
from tests.support.hostile.peer import Peer
from tonearm.atproto.did_key import SigningKey

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PLC_DIGITS = "abcdefghijklmnopqrstuvwxyz234567"


@dataclass
class Person:
    """Somebody with an account on one of the PDSes."""

    did: str
    handle: str
    pds: Pds
    password: str = "hunter2 hunter2"
    key: SigningKey = field(default_factory=lambda: SigningKey.generate("p256"))


class Trap(Peer):
    """A server on a private address that is allowed to nobody: it answers everything, and its log must stay empty."""

    def routes(self) -> list[web.RouteDef]:
        return [web.route("*", "/{path:.*}", self._tempting)]

    async def _tempting(self, _request: web.Request) -> web.Response:
        return web.json_response({"authorization_servers": [self.origin], "issuer": self.origin, "secret": "yes"})


@dataclass
class HostileWorld:
    """Peers that behave until a test says otherwise. Those of the `stranger` are a second, separate pair."""

    directory: Directory = field(default_factory=Directory)
    authority: AuthorizationServer = field(default_factory=AuthorizationServer)
    pds: Pds = field(default_factory=Pds)
    strange_authority: AuthorizationServer = field(default_factory=AuthorizationServer)
    strange_pds: Pds = field(default_factory=Pds)
    trap: Trap = field(default_factory=Trap)

    @property
    def peers(self) -> list[Peer]:
        return [self.directory, self.authority, self.pds, self.strange_authority, self.strange_pds]

    @property
    def complaints(self) -> list[str]:
        """Everything that a peer had to object to."""
        return [complaint for peer in self.peers for complaint in peer.complaints]

    def forgive(self, text: str) -> None:
        """Drop the complaints with this text: what they object to is the test's own doing. There must be some."""
        assert any(text in complaint for complaint in self.complaints), self.complaints
        for peer in self.peers:
            peer.complaints = [complaint for complaint in peer.complaints if text not in complaint]

    @property
    def live(self) -> list[Any]:
        """The OAuth sessions that are still good for something."""
        return [*self.authority.live, *self.strange_authority.live]

    def settings(self) -> dict[str, Any]:
        """The settings with which a Tonearm lives in this world."""
        web_host = self.directory.web_did.removeprefix("did:web:").replace("%3A", ":")
        reachable = [peer.authority_of_url for peer in self.peers]
        return {
            "plc_url": self.directory.origin,
            "handle_resolver_url": self.directory.origin,
            "allowed_private_hosts": ",".join([*reachable, web_host]),
        }

    def person(self, name: str, pds: Pds | None = None, *, did: str | None = None) -> Person:
        """Open an account, with a did:plc unless `did` is given."""
        pds = pds or self.pds
        did = did or "did:plc:" + "".join(secrets.choice(PLC_DIGITS) for _ in range(24))
        person = Person(did, f"{name}.test", pds)
        self.directory.say(did, handle=person.handle, pds_url=pds.origin, key=person.key.public_multibase())
        pds.people[did] = person
        assert pds.authority is not None
        pds.authority.people[did] = person
        return person


@asynccontextmanager
async def hostile_world() -> AsyncIterator[HostileWorld]:
    """Start all peers."""
    world = HostileWorld()
    async with AsyncExitStack() as stack:
        for peer in (*world.peers, world.trap):
            await stack.enter_async_context(peer.running())
        for pds, authority in ((world.pds, world.authority), (world.strange_pds, world.strange_authority)):
            pds.authority = authority
            authority.pds_origins = [pds.origin]
        yield world
