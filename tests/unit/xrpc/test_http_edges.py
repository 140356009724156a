"""Media types, did:web, the ready-made answer."""

from __future__ import annotations

import time

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from tonearm.xrpc.errors import XrpcError
from tonearm.xrpc.http import responses
from tonearm.xrpc.http.media import InputEncoding
from tonearm.xrpc.http.well_known import did_document, service_did


def typed(content_type: str | None):
    headers = {} if content_type is None else {"Content-Type": content_type}
    return make_mocked_request("POST", "/", headers=headers)


@pytest.mark.parametrize(
    ("encoding", "content_type", "media"),
    [
        ("application/json", "application/json", "application/json"),
        ("application/json", "APPLICATION/JSON ; charset=UTF8", "application/json"),
        ("*/*", "audio/flac; q=1", "audio/flac"),
        ("image/*", "image/svg+xml", "image/svg+xml"),
        ("application/vnd.ipld.car", "application/vnd.ipld.car", "application/vnd.ipld.car"),
    ],
)
def test_a_type_that_fits_is_taken_without_its_parameters(encoding, content_type, media):
    assert InputEncoding(encoding).check(typed(content_type)) == media


@pytest.mark.parametrize(
    ("encoding", "content_type"),
    [
        ("application/json", None),
        ("application/json", "application/json-patch+json"),
        ("application/json", "application/json; charset=utf-16"),
        ("image/*", "imagery/png"),
        ("image/*", "image/"),
        ("*/*", "*/*"),
        ("*/*", "noslash"),
        ("*/*", None),
    ],
)
def test_a_type_that_does_not_fit_is_refused(encoding, content_type):
    with pytest.raises(XrpcError, match="ncoding"):
        InputEncoding(encoding).check(typed(content_type))


@pytest.mark.parametrize(
    ("url", "did"),
    [
        ("https://music.example", "did:web:music.example"),
        ("https://music.example/", "did:web:music.example"),
        ("http://127.0.0.1:8070", "did:web:127.0.0.1%3A8070"),
        ("http://localhost:8070", "did:web:localhost%3A8070"),
    ],
)
def test_a_servers_did_is_its_host(url, did):
    assert service_did(url) == did
    assert did_document(url)["id"] == did


@pytest.mark.parametrize("url", ["", "music.example", "https://music.example/path", "https://"])
def test_a_url_without_a_plain_host_has_no_did(url):
    with pytest.raises(ValueError, match="public URL"):
        service_did(url)


def test_a_ready_answer_cannot_be_given_headers():
    answer = responses.WireResponse(b"")
    with pytest.raises((AttributeError, TypeError)):
        answer.headers["X-Late"] = "1"
    with pytest.raises(TypeError):
        answer[web.ResponseKey("late", int)] = 1


def test_the_date_header_follows_the_clock(monkeypatch):
    now = [1_700_000_000.2]
    monkeypatch.setattr(time, "time", lambda: now[0])
    clock = responses._Clock()
    assert clock.date() == b"Tue, 14 Nov 2023 22:13:20 GMT"
    assert clock.date() is clock.date()
    now[0] += 1
    assert clock.date() == b"Tue, 14 Nov 2023 22:13:21 GMT"
