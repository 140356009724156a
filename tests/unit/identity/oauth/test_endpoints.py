"""The requests to an authorization server, and what its answers may say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.identity.oauth.oauth_fakes import ISSUER, SERVER_DOCUMENT, FakeOutbound, answer
from tests.unit.identity.oauth.test_dpop import NOW, read
from tonearm.identity.oauth.dpop import Prover
from tonearm.identity.oauth.endpoints import Endpoints, Proofs, challenge_of
from tonearm.identity.oauth.errors import (
    OAuthError,
    ServerRefusedError,
    ServerUnavailableError,
    ServerUnsuitableError,
    TokenAnswerError,
)
from tonearm.identity.oauth.keys import SigningKey
from tonearm.identity.oauth.metadata import SERVER_PATH, server_metadata
from tonearm.identity.oauth.scopes import Scopes
from tonearm.outbound import OutboundUnavailableError

PAR, TOKEN, REVOKE = (f"{ISSUER}/{name}" for name in ("par", "token", "revoke"))
DID = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"
GRANTED = {
    "access_token": "access",
    "refresh_token": "refresh",
    "token_type": "DPoP",
    "expires_in": 3600,
    "sub": DID,
    "scope": "atproto repo:app.rocksky.scrobble",
}
PUSHED = answer({"request_uri": "urn:x", "expires_in": 299}, status=201)


def proofs(*, confidential: bool = False) -> Proofs:
    return Proofs("https://us.example/c", SigningKey.generate(), SigningKey.generate() if confidential else None)


class Server:
    """An authorization server that answers from lists."""

    def __init__(self, **answers: list[Any]) -> None:
        urls = {f"{ISSUER}/{name}": given for name, given in answers.items()}
        self.outbound = FakeOutbound({ISSUER + SERVER_PATH: [answer(SERVER_DOCUMENT)], **urls})
        self.endpoints = Endpoints(self.outbound.client, Prover(lambda: NOW))

    async def push(self, given: Proofs) -> str:
        server = await server_metadata(self.outbound.client, ISSUER)
        return await self.endpoints.push(
            server,
            given,
            redirect_uri="https://us.example/back",
            scopes=Scopes.of("atproto"),
            state="state",
            verifier="verifier",
            login_hint="alice.test",
            prompt=None,
        )

    async def refresh(self, given: Proofs | None = None) -> Any:
        server = await server_metadata(self.outbound.client, ISSUER)
        return await self.endpoints.refresh(server, given or proofs(), "old")

    def asked(self, url: str) -> list[Any]:
        return [each for each in self.outbound.asked if each.url == url]


async def test_a_pushed_request_says_all_that_the_server_needs() -> None:
    server, ours = Server(par=[PUSHED]), proofs()
    url = await server.push(ours)
    assert url == f"{ISSUER}/authorize?client_id=https%3A%2F%2Fus.example%2Fc&request_uri=urn%3Ax"
    (asked,) = server.asked(PAR)
    assert asked.form == {
        "client_id": "https://us.example/c",
        "response_type": "code",
        "redirect_uri": "https://us.example/back",
        "scope": "atproto",
        "state": "state",
        "code_challenge": challenge_of("verifier"),
        "code_challenge_method": "S256",
        "login_hint": "alice.test",
    }
    assert "ath" not in read(asked.headers["DPoP"], ours.dpop_key.public())[1]


def test_a_challenge_is_that_of_the_rfc() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


async def test_a_confidential_client_signs_for_the_issuer_with_a_new_assertion_each_time() -> None:
    challenge = answer({"error": "use_dpop_nonce"}, status=400, DPoP_Nonce="n1")
    server, ours = Server(par=[challenge, PUSHED]), proofs(confidential=True)
    await server.push(ours)
    assert ours.client_key is not None
    ids = set()
    for asked in server.asked(PAR):
        header, claims = read(asked.form["client_assertion"], ours.client_key.public())
        assert header == {"alg": "ES256", "typ": "JWT", "kid": ours.client_key.key_id}
        ids.add(claims.pop("jti"))
        now = int(NOW)
        us = ours.client_id
        assert claims == {"iss": us, "sub": us, "aud": ISSUER, "iat": now, "exp": now + 60}
        assert asked.form["client_assertion_type"].endswith(":jwt-bearer")
    assert len(ids) == 2


async def test_a_nonce_that_is_asked_for_is_sent_and_asked_for_once_only() -> None:
    challenges = [answer({"error": "use_dpop_nonce"}, status=400, DPoP_Nonce=f"n{n}") for n in range(3)]
    server, ours = Server(par=challenges), proofs()
    with pytest.raises(ServerRefusedError, match="use_dpop_nonce"):
        await server.push(ours)
    nonces = [read(each.headers["DPoP"], ours.dpop_key.public())[1].get("nonce") for each in server.asked(PAR)]
    assert nonces == [None, "n0"]


async def test_a_nonce_is_taken_from_every_answer() -> None:
    good = [answer(GRANTED, DPoP_Nonce="n1"), answer(GRANTED)]
    server, ours = Server(token=good), proofs()
    await server.refresh(ours)
    await server.refresh(ours)
    nonces = [read(each.headers["DPoP"], ours.dpop_key.public())[1].get("nonce") for each in server.asked(TOKEN)]
    assert nonces == [None, "n1"]


async def test_tokens_are_read() -> None:
    tokens = await Server(token=[answer(GRANTED)]).refresh()
    assert (tokens.sub, tokens.access_token, tokens.refresh_token) == (DID, "access", "refresh")
    assert tokens.expires_at == NOW + 3600
    assert tokens.scopes == Scopes.parse(GRANTED["scope"])  # type: ignore[arg-type]
    assert "access" not in repr(tokens).replace("access_token", "")


@pytest.mark.parametrize(
    ("change", "revoked"),
    [
        ({"token_type": "Bearer"}, ["refresh", "access"]),
        ({"sub": "alice.test"}, ["refresh", "access"]),
        ({"sub": None}, ["refresh", "access"]),
        ({"scope": "repo:app.rocksky.scrobble"}, ["refresh", "access"]),
        ({"scope": None}, ["refresh", "access"]),
        ({"scope": "atproto  repo:a.b.c"}, ["refresh", "access"]),
        ({"access_token": None}, ["refresh"]),
        ({"access_token": "a b"}, ["refresh"]),
        ({"refresh_token": 5}, ["access"]),
        ({"refresh_token": "x" * 20_000}, ["access"]),
    ],
)
async def test_tokens_that_break_a_rule_are_given_back(change: dict[str, Any], revoked: list[str]) -> None:
    server = Server(token=[answer({**GRANTED, **change})], revoke=[answer({})])
    with pytest.raises(TokenAnswerError) as raised:
        await server.refresh()
    assert [asked.form["token"] for asked in server.asked(REVOKE)] == revoked
    assert "access" not in str(raised.value)


@pytest.mark.parametrize(
    ("given", "error", "told"),
    [
        (answer({"error": "invalid_grant", "error_description": "x" * 5000}, status=400), ServerRefusedError, "x"),
        (answer({"error": "invalid_grant", "error_description": 5}, status=400), ServerRefusedError, "invalid_grant"),
        (answer(b"<html>", status=400), ServerUnsuitableError, "400"),
        (answer({}, status=500), ServerUnavailableError, "500"),
        (answer({}, status=429), ServerUnavailableError, "429"),
        (OutboundUnavailableError("gone", sent=True), ServerUnavailableError, "does not answer"),
    ],
)
async def test_an_answer_without_tokens_has_its_own_error(given: Any, error: type[OAuthError], told: str) -> None:
    with pytest.raises(error, match=told) as raised:
        await Server(token=[given]).refresh()
    assert len(str(raised.value)) < 500


@pytest.mark.parametrize("sent", [True, False])
async def test_whether_a_request_may_have_had_its_effect_is_told(sent: bool) -> None:
    with pytest.raises(ServerUnavailableError) as raised:
        await Server(token=[OutboundUnavailableError("gone", sent=sent)]).refresh()
    assert raised.value.lost is sent


async def test_an_answer_that_is_no_json_is_a_lost_one() -> None:
    with pytest.raises(ServerUnavailableError) as raised:
        await Server(token=[answer(b"<html>Welcome!</html>")]).refresh()
    assert raised.value.lost
