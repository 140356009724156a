"""The way of a request to its method: verbs, unknown names, CORS, HEAD, health, did:web."""

from __future__ import annotations

import asyncio
import importlib
from typing import Any

import pytest

from tests.support.xrpc_server import EchoOutput, Methods, NoteOutput, serving
from tonearm.xrpc.auth import ANYONE
from tonearm.xrpc.http.well_known import Health
from tonearm.xrpc.router import MethodRouter


async def echo(call: Any) -> EchoOutput:
    params = call.params
    return EchoOutput(text=params.text, limit=params.limit, tags=params.tags, loud=params.loud)


async def note(call: Any) -> NoteOutput:
    return NoteOutput(title=call.input.title, key=call.idempotency_key)


@pytest.fixture(params=[True, False], ids=["edge", "app"])
async def world(request):
    methods = Methods().query(echo).procedure(note)
    health = Health("1.2.3", {})
    async with serving(methods, edge=request.param, health=health, public_url="http://music.example:8070") as world:
        yield world


async def test_a_query_is_answered_by_its_handler(world):
    answer = await world.get(query="text=hello&limit=7&tags=a&tags=b&loud=true")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json == {"text": "hello", "limit": 7, "tags": ["a", "b"], "loud": True}


async def test_a_procedure_is_answered_by_its_handler(world):
    answer = await world.post(json={"title": "So What"})
    assert answer.status == 200
    assert answer.json == {"title": "So What"}


async def test_dependencies_follow_the_call():
    async def greet(call: Any, greeting: str, mark: str) -> EchoOutput:
        return EchoOutput(text=f"{greeting} {call.params.text}{mark}", limit=1)

    async with serving(Methods().query(greet, deps=("Hello", "!"))) as world:
        assert (await world.get(query="text=you")).json["text"] == "Hello you!"


@pytest.mark.parametrize(
    ("verb", "nsid", "expected"),
    [
        ("POST", "app.test.echo", "GET"),
        ("PUT", "app.test.echo", "GET"),
        ("DELETE", "app.test.note", "POST"),
        ("GET", "app.test.note", "POST"),
    ],
)
async def test_a_wrong_verb_is_an_invalid_request(world, verb, nsid, expected):
    answer = await world.request(verb, nsid)
    assert answer.status == 400
    assert answer.json == {
        "error": "InvalidRequest",
        "message": f"Incorrect HTTP method ({verb}) expected {expected}",
    }


@pytest.mark.parametrize("verb", ["GET", "POST", "DELETE"])
async def test_an_unknown_method_is_not_implemented(world, verb):
    answer = await world.request(verb, "app.test.doesNotExist")
    assert answer.status == 501
    assert answer.json["error"] == "MethodNotImplemented"


@pytest.mark.parametrize("path", ["", "nonsense", "app.test.echo/", "app..echo", "%00", "%ff%fe", "../../etc/passwd"])
async def test_a_path_that_is_no_nsid_is_an_invalid_request(world, path):
    answer = await world.raw(f"GET /xrpc/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"error":"InvalidRequest"' in answer


async def test_a_percent_encoded_nsid_finds_its_method(world):
    answer = await world.get("app%2Etest%2Eecho", "text=x")
    assert answer.status == 200


async def test_an_absolute_target_finds_its_method(world):
    request = (
        b"GET http://anything.example/xrpc/app.test.echo?text=abs HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    answer = await world.raw(request)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'"text":"abs"' in answer


async def test_head_has_the_head_of_get_and_no_body(world):
    get = await world.get(query="text=hello")
    head = await world.request("HEAD", "app.test.echo", "text=hello")
    assert head.status == 200
    assert head.body == b""
    assert head.headers["Content-Length"] == get.headers["Content-Length"]
    assert set(head.headers) == set(get.headers)


async def test_head_of_a_procedure_is_refused(world):
    answer = await world.request("HEAD", "app.test.note")
    assert answer.status == 400


async def test_http_1_0_is_answered_and_closed(world):
    answer = await world.raw(b"GET /xrpc/app.test.echo?text=old HTTP/1.0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.0 200 ")
    assert b'"text":"old"' in answer


async def test_a_caller_that_asks_to_close_is_told_so(world):
    answer = await world.raw(b"GET /xrpc/app.test.echo?text=x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"connection: close" in answer.lower()


async def test_requests_sent_in_one_go_are_answered_in_order(world):
    one = b"GET /xrpc/app.test.echo?text=%d HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /xrpc/app.test.echo?text=9 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = await world.raw(b"".join(one % n for n in range(9)) + last)
    assert [answer.index(b'"text":"%d"' % n) for n in range(10)] == sorted(
        answer.index(b'"text":"%d"' % n) for n in range(10)
    )


async def test_every_answer_may_be_read_across_origins(world):
    answers = [
        await world.get(query="text=x"),
        await world.get(),
        await world.get("app.test.nothing"),
        await world.post(json={"title": "x"}),
    ]
    for answer in answers:
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        exposed = answer.headers["Access-Control-Expose-Headers"]
        for name in ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy", "Retry-After"):
            assert name in exposed
            assert name in answer.headers or name == "Retry-After"


async def test_a_preflight_is_answered_without_credentials(world):
    asked = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type, x-anything",
    }
    answer = await world.request("OPTIONS", "app.test.note", headers=asked)
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization, content-type, x-anything"
    assert int(answer.headers["Access-Control-Max-Age"]) > 0


async def test_a_preflight_repeats_nothing_but_header_names(world):
    asked = {"Access-Control-Request-Headers": 'x"<script>;'}
    answer = await world.request("OPTIONS", "app.test.note", headers=asked)
    assert "script" not in answer.headers["Access-Control-Allow-Headers"]


async def test_health_names_the_version(world):
    answer = await world.get("_health")
    assert answer.status == 200
    assert answer.json == {"version": "1.2.3"}


async def test_the_did_document_leads_to_the_service(world):
    async with world.client.get(f"http://127.0.0.1:{world.port}/.well-known/did.json") as answer:
        document = await answer.json()
    assert document["id"] == "did:web:music.example%3A8070"
    assert document["service"] == [
        {"id": "#tonearm", "type": "TonearmAppView", "serviceEndpoint": "http://music.example:8070"}
    ]


async def test_health_names_the_part_that_fails_and_not_why():
    async def fine() -> None:
        return

    async def broken() -> None:
        raise RuntimeError("password=hunter2")

    async def stuck() -> None:
        await asyncio.sleep(3600)

    health = Health("1", {"database": fine, "pds": broken, "queue": stuck})
    async with serving(Methods(), health=health) as world:
        answer = await world.get("_health")
        assert answer.status == 503
        assert answer.json["checks"] == {"database": "ok", "pds": "failed", "queue": "failed"}
        assert b"hunter2" not in answer.body


async def test_a_method_whose_module_is_broken_answers_500(caplog):
    methods = Methods().query(echo)
    methods.bound[0] = (*methods.bound[0][:2], "no.such.module", *methods.bound[0][3:])
    for edge in (True, False):
        async with serving(methods, edge=edge) as world:
            answer = await world.get(query="text=x")
            assert answer.status == 500
            assert b"no.such" not in answer.body
    assert "no" in caplog.text


async def test_the_lexicon_module_is_imported_on_the_first_call_only(monkeypatch):
    imported = []
    real = importlib.import_module
    monkeypatch.setattr(importlib, "import_module", lambda name: (imported.append(name), real(name))[1])
    methods = Methods().query(echo)
    async with serving(methods) as world:
        module = methods.bound[0][2]
        assert module not in imported
        await world.get(query="text=x")
        await world.get(query="text=x")
        assert imported.count(module) == 1


def test_a_method_takes_one_handler():
    async def nobody(*_: Any) -> None:
        return None

    router = MethodRouter(nobody)
    router.bind("query", "app.test.echo", "m", ANYONE, echo, ())
    with pytest.raises(ValueError, match=r"app\.test\.echo"):
        router.bind("query", "app.test.echo", "m", ANYONE, echo, ())


def test_methods_without_a_handler_are_listed():
    class Generated(MethodRouter):
        METHODS = {"app.test.echo": ("query", "a"), "app.test.note": ("procedure", "b")}  # noqa: RUF012 - as generated

    async def nobody(*_: Any) -> None:
        return None

    router = Generated(nobody)
    router.bind("query", "app.test.echo", "a", ANYONE, echo, ())
    assert router.bound() == {"app.test.echo"}
    assert router.unbound() == {"app.test.note"}
