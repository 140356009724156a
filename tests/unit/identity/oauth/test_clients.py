"""What this server is to others, by its public URL."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tonearm.identity.oauth.clients import client_at
from tonearm.identity.oauth.errors import OAuthUnavailableError
from tonearm.identity.oauth.scopes import Scopes

SCOPES = Scopes.of("atproto", "repo:app.rocksky.scrobble")


def test_an_https_url_makes_a_confidential_client() -> None:
    client = client_at("https://plays.example.org", SCOPES)
    assert client.confidential
    assert client.origin == "https://plays.example.org"
    assert client.document == {
        "client_id": "https://plays.example.org/oauth-client-metadata.json",
        "client_name": "Tonearm",
        "client_uri": "https://plays.example.org",
        "application_type": "web",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": "atproto repo:app.rocksky.scrobble",
        "redirect_uris": ["https://plays.example.org/oauth/callback"],
        "dpop_bound_access_tokens": True,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "jwks_uri": "https://plays.example.org/jwks.json",
    }


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://127.0.0.1:8070", "http://127.0.0.1:8070"),
        ("http://localhost:8070", "http://127.0.0.1:8070"),
        ("http://[::1]:8070", "http://[::1]:8070"),
        ("http://localhost", "http://127.0.0.1"),
    ],
)
def test_http_on_loopback_makes_the_development_client(url: str, origin: str) -> None:
    client = client_at(url, SCOPES)
    assert not client.confidential
    assert client.origin == origin
    parts = urlsplit(client.client_id)
    assert (parts.scheme, parts.netloc, parts.path) == ("http", "localhost", "")
    assert parse_qs(parts.query) == {"redirect_uri": [f"{origin}/oauth/callback"], "scope": [str(SCOPES)]}
    assert client.document["token_endpoint_auth_method"] == "none"
    assert client.document["application_type"] == "native"
    assert client.document["redirect_uris"] == [client.redirect_uri] == [f"{origin}/oauth/callback"]


@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.1.5:8070",
        "http://plays.example.org",
        "http://0.0.0.0:8070",
        "https://plays.example.org:8443",
        "https://192.0.2.1",
        "https://[2001:db8::1]",
        "https://intranet",
    ],
)
def test_another_url_makes_no_client_and_says_what_to_do(url: str) -> None:
    with pytest.raises(OAuthUnavailableError, match="TONEARM_PUBLIC_URL"):
        client_at(url, SCOPES)
