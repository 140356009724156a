"""What is refused before the browser is sent anywhere: identities and servers that are not as they have to be."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.hostile import ABSENT, endless, garbage, json_answer, redirect, slow
from tests.support.hostile.authorization import METADATA, PAR
from tests.support.hostile.pds import RESOURCE
from tonearm.identity.oauth import metadata

if TYPE_CHECKING:
    from tests.server.oauth.dance import Dance
    from tests.support.hostile.answers import Answer

HANDLE_PATH = "/xrpc/com.atproto.identity.resolveHandle"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"issuer": "https://other.example"}, "another name"),
        ({"issuer": "{origin}/"}, "another name"),
        ({"issuer": "{origin}/tenant"}, "another name"),
        ({"issuer": ABSENT}, "another name"),
        ({"issuer": ["{origin}"]}, "another name"),
        ({"pushed_authorization_request_endpoint": ABSENT}, "pushed_authorization_request_endpoint"),
        ({"require_pushed_authorization_requests": False}, "require_pushed_authorization_requests"),
        ({"require_pushed_authorization_requests": ABSENT}, "require_pushed_authorization_requests"),
        ({"client_id_metadata_document_supported": False}, "client_id_metadata_document_supported"),
        ({"client_id_metadata_document_supported": ABSENT}, "client_id_metadata_document_supported"),
        ({"authorization_response_iss_parameter_supported": False}, "_iss_parameter"),
        ({"authorization_response_iss_parameter_supported": ABSENT}, "_iss_parameter"),
        ({"authorization_response_iss_parameter_supported": "true"}, "_iss_parameter"),
        ({"dpop_signing_alg_values_supported": ["RS256", "none"]}, "ES256"),
        ({"dpop_signing_alg_values_supported": ABSENT}, "ES256"),
        ({"dpop_signing_alg_values_supported": "ES256"}, "ES256"),
        ({"code_challenge_methods_supported": ["plain"]}, "S256"),
        ({"code_challenge_methods_supported": ABSENT}, "S256"),
        ({"response_types_supported": ["token"]}, "response_types_supported"),
        ({"grant_types_supported": ["authorization_code"]}, "grant_types_supported"),
        ({"scopes_supported": ["openid"]}, "atproto"),
        ({"token_endpoint_auth_methods_supported": ["client_secret_basic"]}, "authenticate"),
        ({"authorization_endpoint": ABSENT}, "authorization_endpoint"),
        ({"authorization_endpoint": "javascript:alert(document.cookie)//"}, "authorization_endpoint"),
        ({"authorization_endpoint": "data:text/html,hello"}, "authorization_endpoint"),
        ({"authorization_endpoint": "http://public.example/oauth/authorize"}, "authorization_endpoint"),
        ({"authorization_endpoint": "//public.example/oauth/authorize"}, "authorization_endpoint"),
        ({"authorization_endpoint": "https://public.example/a\r\nSet-Cookie: a=b"}, "authorization_endpoint"),
        ({"authorization_endpoint": "https://public.example/a b"}, "authorization_endpoint"),
        ({"authorization_endpoint": "https://public.example/a#b"}, "authorization_endpoint"),
        ({"authorization_endpoint": "https://public.example:99999/a"}, "authorization_endpoint"),
        ({"authorization_endpoint": "https://user:secret@public.example/authorize"}, "authorization_endpoint"),
        ({"token_endpoint": ABSENT}, "token_endpoint"),
        ({"token_endpoint": "ftp://public.example/"}, "token_endpoint"),
        ({"protected_resources": ["https://other.example"]}, "does not know"),
        ({"protected_resources": []}, "does not know"),
    ],
)
async def test_an_authorization_server_outside_the_profile_is_unsuitable(
    dance: Dance, change: dict[str, Any], word: str
) -> None:
    rosa, authority = dance.world.person("rosa"), dance.world.authority
    authority.metadata = {
        name: value.format(origin=authority.origin) if isinstance(value, str) else value
        for name, value in change.items()
    }
    async with dance.refused("ServerUnsuitable", word):
        await dance.begin(rosa.handle)
    assert authority.asked(PAR) == []


@pytest.mark.parametrize(
    "servers",
    [
        [],
        ["{origin}", "https://other.example"],
        ["{origin}/"],
        ["{origin}/tenant"],
        ["{origin}?a=b"],
        [7],
        [["{origin}"]],
        "x",
        {"0": "x"},
    ],
)
async def test_a_pds_names_exactly_one_authorization_server(dance: Dance, servers: Any) -> None:
    rosa, origin = dance.world.person("rosa"), dance.world.authority.origin
    named = servers
    if isinstance(servers, list):
        named = [s.format(origin=origin) if isinstance(s, str) else s for s in servers]
    dance.world.pds.resource = {"authorization_servers": named}
    async with dance.refused("ServerUnsuitable", "authorization server"):
        await dance.begin(rosa.handle)
    assert dance.world.authority.asked(PAR) == []


@pytest.mark.parametrize("resource", ["https://other.example", ABSENT, 7, "{origin}/xrpc"])
async def test_a_pds_speaks_for_itself_only(dance: Dance, resource: Any) -> None:
    rosa, pds = dance.world.person("rosa"), dance.world.pds
    pds.resource = {"resource": resource.format(origin=pds.origin) if isinstance(resource, str) else resource}
    async with dance.refused("ServerUnsuitable", "another server"):
        await dance.begin(rosa.handle)


ODD_ANSWERS: dict[str, tuple[Answer, str]] = {
    "no JSON": (garbage("<html>not found"), "ServerUnsuitable"),
    "another type": (garbage("{}", "text/html"), "ServerUnsuitable"),
    "a list": (garbage("[1, 2]"), "ServerUnsuitable"),
    "null": (garbage("null"), "ServerUnsuitable"),
    "deep": (garbage("[" * 30_000 + "]" * 30_000), "ServerUnsuitable"),
    "numbers beyond numbers": (garbage('{"issuer": ' + "9" * 5000 + "}"), "ServerUnsuitable"),
    "no UTF-8": (
        garbage('{"issuer": "\ud800"}'.encode("utf-16", "surrogatepass").decode("latin-1")),
        "ServerUnsuitable",
    ),
    "not found": (json_answer({"error": "NotFound"}, 404), "ServerUnsuitable"),
    "created": (json_answer({}, 201), "ServerUnsuitable"),
    "no content": (garbage("", status=204), "ServerUnsuitable"),
    "broken": (json_answer({}, 502), "ServerUnavailable"),
    "endless": (endless(), "ServerUnsuitable"),
}


@pytest.mark.parametrize("path", [RESOURCE, METADATA])
@pytest.mark.parametrize("kind", ODD_ANSWERS)
async def test_a_well_known_document_of_another_form_is_refused(dance: Dance, path: str, kind: str) -> None:
    rosa = dance.world.person("rosa")
    peer = dance.world.pds if path == RESOURCE else dance.world.authority
    answer, name = ODD_ANSWERS[kind]
    peer.instead[path] = answer
    async with dance.refused(name, peer.authority_of_url):
        await dance.begin(rosa.handle)
    assert peer.sent.get(path, 0) < 8 * 1024**2


@pytest.mark.parametrize("path", [RESOURCE, METADATA])
async def test_a_well_known_document_that_drips_is_given_up(
    dance: Dance, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata, "TIMEOUT_S", 1.0)
    rosa = dance.world.person("rosa")
    peer = dance.world.pds if path == RESOURCE else dance.world.authority
    peer.instead[path] = slow()
    started = time.monotonic()
    async with dance.refused("ServerUnavailable", peer.authority_of_url):
        await dance.begin(rosa.handle)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("path", [RESOURCE, METADATA])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_well_known_document_that_redirects_is_refused(dance: Dance, path: str, status: int) -> None:
    rosa, world = dance.world.person("rosa"), dance.world
    peer, other = (world.pds, world.strange_pds) if path == RESOURCE else (world.authority, world.strange_authority)
    peer.instead[path] = redirect(other.origin + path, status)
    async with dance.refused("ServerUnsuitable", peer.authority_of_url):
        await dance.begin(rosa.handle)
    assert other.log == []


async def test_a_handle_whose_did_says_otherwise_is_refused(dance: Dance) -> None:
    rosa, saul = dance.world.person("rosa"), dance.world.person("saul")
    dance.world.directory.handles[rosa.handle] = saul.did
    async with dance.refused("HandleMismatch", rosa.handle):
        await dance.begin(rosa.handle)
    assert dance.world.authority.log == []


async def test_an_unknown_handle_is_refused(dance: Dance) -> None:
    async with dance.refused("HandleNotFound", "nobody.test"):
        await dance.begin("nobody.test")


@pytest.mark.parametrize("did", ["did:plc:", "did:web:", "nonsense", "", None, 7, ["did:plc:x"]])
async def test_a_handle_that_resolves_to_no_did_is_refused(dance: Dance, did: Any) -> None:
    dance.world.directory.instead[HANDLE_PATH] = json_answer({"did": did})
    async with dance.refused("HandleNotFound", "rosa.test"):
        await dance.begin("rosa.test")


@pytest.mark.parametrize("did", ["did:plc:" + "a" * 24, "did:plc:short", "did:key:zQ3shokFTS3brHcDQrn82RUDf"])
async def test_an_unknown_did_is_refused(dance: Dance, did: str) -> None:
    async with dance.refused("DidNotFound", did):
        await dance.begin(did)


@pytest.mark.parametrize(
    "change",
    [
        {"service": []},
        {"service": [{"id": "#atproto_pds", "type": "Other", "serviceEndpoint": "{pds}"}]},
        {"service": [{"id": "#other", "type": "AtprotoPersonalDataServer", "serviceEndpoint": "{pds}"}]},
        {"service": [{"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": "{pds}/path"}]},
        {"service": [{"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": {"a": 1}}]},
        {"service": "none"},
    ],
)
async def test_a_did_document_without_a_pds_is_refused(dance: Dance, change: dict[str, Any]) -> None:
    rosa = dance.world.person("rosa")
    for service in change["service"] if isinstance(change.get("service"), list) else []:
        if isinstance(service["serviceEndpoint"], str):
            service["serviceEndpoint"] = service["serviceEndpoint"].format(pds=rosa.pds.origin)
    dance.world.directory.documents[rosa.did] |= change
    async with dance.refused("ServerUnsuitable", "no PDS"):
        await dance.begin(rosa.did)
    assert dance.world.pds.log == []


async def test_the_document_of_another_did_is_refused(dance: Dance) -> None:
    rosa, saul = dance.world.person("rosa"), dance.world.person("saul")
    dance.world.directory.documents[rosa.did] = dance.world.directory.documents[saul.did]
    async with dance.refused("BadDidDocument", rosa.did):
        await dance.begin(rosa.did)


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        " ",
        "rosa",
        "no handle at all",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://pds.example",
        "https://",
        "https://user:secret@pds.example",
        "did:web:a/../b",
        "a" * 100_000,
        "rosa.test\x00",
        "rosa.test\r\nHost: x",
    ],
)
async def test_what_is_no_account_is_refused(dance: Dance, identifier: str) -> None:
    async with dance.refused("IdentifierInvalid"):
        await dance.begin(identifier)
    assert [peer.log for peer in dance.world.peers if peer.log] == []


@pytest.mark.parametrize(
    "pasted", ["\u202erosa.test", " @Rosa.Test\n", "at://rosa.test", "rosa.test\u200b", "rosa.test/"]
)
async def test_a_handle_is_taken_as_people_paste_it(dance: Dance, pasted: str) -> None:
    rosa = dance.world.person("rosa")
    assert (await dance.log_in(pasted)).account.did == rosa.did


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (json_answer({"error": "invalid_request", "error_description": "<b>no</b>"}, 400), "ServerRefused"),
        (json_answer({"error": "invalid_client"}, 401), "ServerRefused"),
        (json_answer({"request_uri": 7, "expires_in": 300}, 201), "ServerUnsuitable"),
        (json_answer({"expires_in": 300}, 201), "ServerUnsuitable"),
        (garbage("<html>"), "ServerUnsuitable"),
        (redirect("https://other.example/"), "ServerUnsuitable"),
        (endless(), "ServerUnavailable"),
        (json_answer({}, 503), "ServerUnavailable"),
    ],
)
async def test_a_pushed_request_that_is_not_taken_sends_nobody_anywhere(
    dance: Dance, answer: Answer, name: str
) -> None:
    rosa = dance.world.person("rosa")
    dance.world.authority.instead[PAR] = answer
    async with dance.refused(name, dance.world.authority.authority_of_url):
        await dance.begin(rosa.handle)
