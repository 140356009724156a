"""Writing with whichever session an account has: one kind after the other, authorised anew when the PDS asks for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.support.pds_sessions import MemorySessions, write_of
from tests.unit.pds.remote_fakes import COMMITTED, DID, URL, FakePds, Given, a_session, refused
from tonearm.pds.errors import PdsSessionLostError, PdsUnavailableError
from tonearm.pds.remote import RemotePds

if TYPE_CHECKING:
    from collections.abc import Mapping

WRITES = [write_of("3mabcdefghij2", {"$type": "app.rocksky.scrobble", "title": "x"})]
CHALLENGE = refused("use_dpop_nonce", 401, DPoP_Nonce="n1")
WORN_OUT = refused("invalid_token", 401)


@dataclass
class BoundAccess:
    """Access with a proof for each request."""

    source: BoundSessions
    number: int
    did: str = DID
    pds_url: str = URL

    def headers(self, method: str, url: str) -> dict[str, str]:
        return {"Authorization": f"DPoP {self.number}", "DPoP": f"{method} {url} {self.source.nonce}"}

    def heard(self, url: str, status: int, headers: Mapping[str, str]) -> bool:
        assert url.startswith(URL)
        nonce = headers.get("DPoP-Nonce", self.source.nonce)
        changed, self.source.nonce = nonce != self.source.nonce, nonce
        return changed and status == 401

    async def renewed(self) -> BoundAccess:
        self.source.number += 1
        return BoundAccess(self.source, self.source.number)


@dataclass
class BoundSessions:
    has: set[str] = field(default_factory=lambda: {DID})
    number: int = 1
    nonce: str = "n0"

    async def load(self, did: str) -> BoundAccess | None:
        return BoundAccess(self, self.number) if did in self.has else None


def proofs(fake: FakePds) -> list[str]:
    return [sent.options["headers"].get("DPoP", "").rsplit(" ", 1)[-1] for sent in fake.sent]


def tokens(fake: FakePds) -> list[str]:
    return [sent.options["headers"]["Authorization"] for sent in fake.sent]


async def write(fake: FakePds, sessions: BoundSessions) -> None:
    await RemotePds(fake, MemorySessions(a_session(1)), others=[sessions]).apply_writes(DID, WRITES)


async def test_a_session_of_another_kind_is_asked_first():
    fake = FakePds(applyWrites=Given(COMMITTED))
    await write(fake, BoundSessions())
    assert fake.sent[0].options["headers"]["DPoP"] == f"POST {URL}/xrpc/com.atproto.repo.applyWrites n0"
    assert tokens(fake) == ["DPoP 1"]


async def test_without_one_the_app_password_session_writes():
    fake = FakePds(applyWrites=Given(COMMITTED))
    await write(fake, BoundSessions(has=set()))
    assert tokens(fake) == ["Bearer access-1"]


async def test_without_any_the_session_is_lost():
    with pytest.raises(PdsSessionLostError):
        await RemotePds(FakePds(), MemorySessions(), others=[BoundSessions(has=set())]).apply_writes(DID, WRITES)


async def test_a_request_that_wants_another_nonce_is_sent_once_more():
    fake = FakePds(applyWrites=[CHALLENGE, Given(COMMITTED)])
    await write(fake, BoundSessions())
    assert proofs(fake) == ["n0", "n1"]
    assert tokens(fake) == ["DPoP 1"] * 2


async def test_a_worn_out_token_is_renewed_once():
    fake = FakePds(applyWrites=[WORN_OUT, Given(COMMITTED)])
    await write(fake, BoundSessions())
    assert tokens(fake) == ["DPoP 1", "DPoP 2"]


async def test_a_storm_of_nonces_comes_to_an_end():
    storm = [refused("use_dpop_nonce", 401, DPoP_Nonce=f"storm-{n}") for n in range(50)]
    fake = FakePds(applyWrites=storm)
    with pytest.raises(PdsUnavailableError):
        await write(fake, BoundSessions())
    assert tokens(fake) == ["DPoP 1"] * 2
