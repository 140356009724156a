"""Each rule for the metadata of PDSes and authorization servers: a document that breaks one is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.identity.oauth.oauth_fakes import ISSUER, PDS, RESOURCE_DOCUMENT, SERVER_DOCUMENT, FakeOutbound, answer
from tonearm.identity.oauth.errors import ServerUnavailableError, ServerUnsuitableError
from tonearm.identity.oauth.metadata import (
    CONFIDENTIAL,
    RESOURCE_PATH,
    SERVER_PATH,
    ServerMetadata,
    issuer_for,
    server_metadata,
)
from tonearm.outbound import OutboundAnswer, OutboundAnswerError, OutboundRefusedError, OutboundUnavailableError

ABSENT = object()


async def server_saying(answered: Any, *, pds_url: str | None = PDS) -> ServerMetadata:
    return await server_metadata(FakeOutbound({ISSUER + SERVER_PATH: [answered]}).client, ISSUER, pds_url=pds_url)


async def issuer_of(answered: Any) -> str:
    return await issuer_for(FakeOutbound({PDS + RESOURCE_PATH: [answered]}).client, PDS)


def changed(document: dict[str, Any], **changes: Any) -> OutboundAnswer:
    return answer({name: value for name, value in {**document, **changes}.items() if value is not ABSENT})


async def test_documents_that_keep_the_rules_are_taken() -> None:
    assert await issuer_of(answer(RESOURCE_DOCUMENT)) == ISSUER
    server = await server_saying(answer(SERVER_DOCUMENT))
    assert server == ServerMetadata(
        ISSUER,
        f"{ISSUER}/authorize",
        f"{ISSUER}/token",
        f"{ISSUER}/par",
        f"{ISSUER}/revoke",
        frozenset({"none", "private_key_jwt"}),
    )
    server.require(CONFIDENTIAL)


@pytest.mark.parametrize("name", ["protected_resources", "revocation_endpoint"])
async def test_what_a_server_need_not_say_may_be_absent(name: str) -> None:
    server = await server_saying(changed(SERVER_DOCUMENT, **{name: ABSENT}))
    assert server.revocation_endpoint in (None, f"{ISSUER}/revoke")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, ABSENT) for name in SERVER_DOCUMENT if name not in ("protected_resources", "revocation_endpoint")),
        ("issuer", f"{ISSUER}/"),
        ("issuer", "https://other.example"),
        ("issuer", [ISSUER]),
        ("require_pushed_authorization_requests", "true"),
        ("require_pushed_authorization_requests", False),
        ("client_id_metadata_document_supported", 1),
        ("authorization_response_iss_parameter_supported", False),
        ("response_types_supported", ["token"]),
        ("grant_types_supported", ["authorization_code"]),
        ("code_challenge_methods_supported", ["plain"]),
        ("code_challenge_methods_supported", "S256"),
        ("token_endpoint_auth_methods_supported", None),
        ("token_endpoint_auth_signing_alg_values_supported", ["ES256", "none"]),
        ("token_endpoint_auth_signing_alg_values_supported", ["RS256"]),
        ("dpop_signing_alg_values_supported", ["RS256"]),
        ("dpop_signing_alg_values_supported", [{"alg": "ES256"}]),
        ("scopes_supported", ["openid"]),
        ("protected_resources", []),
        ("protected_resources", ["https://other.example"]),
        ("protected_resources", PDS),
        ("protected_resources", [f"{PDS}/path"]),
        ("authorization_endpoint", "javascript:alert(1)"),
        ("authorization_endpoint", "http://auth.example/authorize"),
        ("authorization_endpoint", "https://user:password@auth.example/"),
        ("authorization_endpoint", "//auth.example/authorize"),
        ("token_endpoint", "/token"),
        ("token_endpoint", "https:///token"),
        ("token_endpoint", "https://auth.example:0/token"),
        ("token_endpoint", "https://auth.example:x/token"),
        ("token_endpoint", "https://[auth.example/token"),
        ("pushed_authorization_request_endpoint", "https://auth.example/par#x"),
        ("pushed_authorization_request_endpoint", 5),
        ("revocation_endpoint", "ftp://auth.example/"),
        ("revocation_endpoint", "https://auth.example/" + "a" * 3000),
    ],
)
async def test_a_server_that_breaks_a_rule_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ServerUnsuitableError):
        await server_saying(changed(SERVER_DOCUMENT, **{name: value}))


@pytest.mark.parametrize(
    "document",
    [
        {**RESOURCE_DOCUMENT, "authorization_servers": []},
        {**RESOURCE_DOCUMENT, "authorization_servers": [ISSUER, "https://other.example"]},
        {**RESOURCE_DOCUMENT, "authorization_servers": ISSUER},
        {**RESOURCE_DOCUMENT, "authorization_servers": [{"url": ISSUER}]},
        {**RESOURCE_DOCUMENT, "authorization_servers": [f"{ISSUER}/"]},
        {**RESOURCE_DOCUMENT, "authorization_servers": [f"{ISSUER}/realm"]},
        {**RESOURCE_DOCUMENT, "authorization_servers": [f"{ISSUER}?a"]},
        {**RESOURCE_DOCUMENT, "authorization_servers": ["https://a@auth.example"]},
        {**RESOURCE_DOCUMENT, "authorization_servers": ["ftp://auth.example"]},
        {**RESOURCE_DOCUMENT, "authorization_servers": ["https://AUTH.example"]},
        {**RESOURCE_DOCUMENT, "authorization_servers": ["https://auth.example:443"]},
        {**RESOURCE_DOCUMENT, "authorization_servers": ["https://auth.example:x"]},
        {**RESOURCE_DOCUMENT, "resource": "https://other.example"},
        {"authorization_servers": [ISSUER]},
    ],
)
async def test_a_pds_that_does_not_name_one_server_for_itself_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ServerUnsuitableError):
        await issuer_of(answer(document))


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (answer(RESOURCE_DOCUMENT, status=301, Location="https://other.example"), ServerUnsuitableError),
        (answer(RESOURCE_DOCUMENT, status=206), ServerUnsuitableError),
        (answer(status=404), ServerUnsuitableError),
        (answer(RESOURCE_DOCUMENT, media_type="text/html"), ServerUnsuitableError),
        (answer(b"{"), ServerUnsuitableError),
        (answer([]), ServerUnsuitableError),
        (OutboundRefusedError("a private address"), ServerUnsuitableError),
        (OutboundAnswerError("too large"), ServerUnsuitableError),
        (answer(status=500), ServerUnavailableError),
        (answer(status=429), ServerUnavailableError),
        (OutboundUnavailableError("no answer", sent=True), ServerUnavailableError),
    ],
)
async def test_an_answer_that_is_no_document_is_refused(given: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        await issuer_of(given)
    with pytest.raises(error):
        await server_saying(given)


async def test_a_charset_beside_the_media_type_is_no_fault() -> None:
    assert await issuer_of(answer(RESOURCE_DOCUMENT, media_type="Application/JSON; charset=utf-8")) == ISSUER


async def test_a_server_that_does_not_take_our_kind_of_client_is_refused() -> None:
    server = await server_saying(changed(SERVER_DOCUMENT, token_endpoint_auth_methods_supported=["none"]))
    server.require("none")
    with pytest.raises(ServerUnsuitableError, match="private_key_jwt"):
        server.require(CONFIDENTIAL)
