"""What generated modules tell the runtime: the router's table and slots, streams, permission sets, NSIDs."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import pytest

from tonearm.xrpc import constraints
from tonearm.xrpc.auth import ANYONE, READ

if TYPE_CHECKING:
    from tests.codegen.conftest import Compiler, Tree

STREAM = {
    "lexicon": 1,
    "id": "com.example.sync.events",
    "defs": {
        "main": {
            "type": "subscription",
            "parameters": {"type": "params", "properties": {"cursor": {"type": "integer"}}},
            "message": {"schema": {"type": "union", "refs": ["#commit", "com.example.sync.defs#ended"]}},
            "errors": [{"name": "FutureCursor"}],
        },
        "commit": {
            "type": "object",
            "required": ["seq", "rev"],
            "nullable": ["rev", "since"],
            "properties": {"seq": {"type": "integer"}, "rev": {"type": "cid-link"}, "since": {"type": "string"}},
        },
    },
}
DEFS = {"lexicon": 1, "id": "com.example.sync.defs", "defs": {"ended": {"type": "object", "properties": {}}}}
ASK = {"lexicon": 1, "id": "com.example.ask", "defs": {"main": {"type": "query"}}}
LIST = {"lexicon": 1, "id": "com.example.list", "defs": {"main": {"type": "procedure"}}}
BASIC = {
    "lexicon": 1,
    "id": "com.example.authBasic",
    "defs": {
        "main": {
            "type": "permission-set",
            "title": "Basic",
            "detail:lang": {"de": "Wenig."},
            "permissions": [{"type": "permission", "resource": "repo", "collection": ["com.example.play"]}],
        }
    },
}


@pytest.fixture(scope="module")
def tree(compiled: Compiler) -> Tree:
    return compiled(STREAM, DEFS, ASK, LIST, BASIC)


def test_a_stream_knows_its_messages_by_their_frame_types(tree: Tree) -> None:
    events = tree["com.example.sync.events"]
    assert events.METHOD.messages == {
        "#commit": events.Commit,
        "com.example.sync.defs#ended": tree["com.example.sync.defs"].Ended,
    }
    assert events.METHOD.errors == ("FutureCursor",)
    assert events.METHOD.params is events.Params
    assert events.Commit(seq=1, rev=None).to_data() == {"seq": 1, "rev": None}
    assert events.Commit(seq=1, rev=None, since=None).to_data() == {"seq": 1, "rev": None, "since": None}


def test_a_permission_set_is_a_constant(tree: Tree) -> None:
    permissions = tree["com.example.authBasic"].PERMISSIONS
    assert permissions.scope == "include:com.example.authBasic"
    assert (permissions.title, permissions.detail, permissions.detail_by_language) == ("Basic", "", {"de": "Wenig."})
    assert [(one.resource, one.parameters) for one in permissions.permissions] == [
        ("repo", {"collection": ("com.example.play",)})
    ]


def test_the_nsids_need_no_models(tree: Tree) -> None:
    nsids = importlib.import_module(f"{tree.catalog.package}.nsids")
    assert {name: value for name, value in vars(nsids).items() if name.isupper()} == {
        "COM_EXAMPLE_ASK": "com.example.ask",
        "COM_EXAMPLE_AUTH_BASIC": "com.example.authBasic",
        "COM_EXAMPLE_LIST": "com.example.list",
        "COM_EXAMPLE_SYNC_DEFS": "com.example.sync.defs",
        "COM_EXAMPLE_SYNC_EVENTS": "com.example.sync.events",
    }


def test_the_router_has_every_method_and_binds_what_its_slots_get(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tree.catalog.package
    router_module = importlib.import_module(f"{package}.router")
    assert {
        "com.example.ask": ("query", f"{package}.com.example.ask"),
        "com.example.list": ("procedure", f"{package}.com.example.list"),
        "com.example.sync.events": ("subscription", f"{package}.com.example.sync.events"),
    } == router_module.Router.METHODS
    bound: list[tuple[Any, ...]] = []
    monkeypatch.setattr(router_module.Router, "bind", lambda _self, *given: bound.append(given))

    async def handler(*given: Any, **named: Any) -> tuple[Any, ...]:
        return given, named

    router = router_module.Router(authenticator=None)
    router.com_example.ask(ANYONE, handler, "a", 2)
    router.com_example.list(READ, handler)
    router.com_example_sync.events(ANYONE, handler, "s", limit=3)
    assert bound[:2] == [
        ("query", "com.example.ask", f"{package}.com.example.ask", ANYONE, handler, ("a", 2)),
        ("procedure", "com.example.list", f"{package}.com.example.list", READ, handler, ()),
    ]
    kind, nsid, module, access, partial, deps = bound[2]
    assert (kind, nsid, module, access, deps) == (
        "subscription",
        "com.example.sync.events",
        f"{package}.com.example.sync.events",
        ANYONE,
        ("s",),
    )
    assert (partial.func, partial.keywords) == (handler, {"limit": 3})


def test_remembered_texts_are_bounded() -> None:
    remembered: set[str] = set()
    calls: list[str] = []

    def check(text: str) -> str:
        calls.append(text)
        return text

    remembering = constraints._remembering(check, remembered)
    for number in range(5000):
        remembering(str(number))
    assert len(remembered) <= 2048
    calls.clear()
    remembering("4999")
    assert calls == []
    remembering("x" * 1000)
    remembering("x" * 1000)
    assert len(calls) == 2


def test_counting_clusters_of_a_huge_text_stops_at_the_limit() -> None:
    assert constraints.graphemes("e\u0301" * 10_000_000, stop=5) == 5
    assert constraints.graphemes("\r\n" * 3) == 3
    assert constraints.graphemes("\n\r") == 2
    assert constraints.utf8_bytes("\u20ac") == 3
