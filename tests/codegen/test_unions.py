"""Unions and references: what `$type` decides, what is kept, what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from tonearm.xrpc.models import LexiconError

if TYPE_CHECKING:
    from tests.codegen.conftest import Compiler, Tree

OPEN = {"type": "union", "refs": ["#cat", "com.example.pets#dog", "com.example.pets"]}

HOLDER = {
    "lexicon": 1,
    "id": "com.example.holder",
    "defs": {
        "main": {
            "type": "object",
            "properties": {
                "open": OPEN,
                "closed": OPEN | {"closed": True},
                "many": {"type": "array", "items": OPEN},
                "any": {"type": "union", "refs": []},
                "single": {"type": "union", "refs": ["#cat"], "closed": True},
                "record": {"type": "union", "refs": ["com.example.post"], "closed": True},
                "ref": {"type": "ref", "ref": "#cat"},
                "mainRef": {"type": "ref", "ref": "com.example.pets#main"},
                "recordRef": {"type": "ref", "ref": "com.example.post"},
                "name": {"type": "ref", "ref": "com.example.pets#name"},
                "names": {"type": "ref", "ref": "com.example.pets#names"},
                "token": {"type": "ref", "ref": "com.example.pets#spam"},
                "pair": {"type": "ref", "ref": "com.example.pets#pairs"},
            },
        },
        "cat": {"type": "object", "required": ["lives"], "properties": {"lives": {"type": "integer", "maximum": 9}}},
    },
}
PETS = {
    "lexicon": 1,
    "id": "com.example.pets",
    "defs": {
        "main": {"type": "object", "properties": {"kind": {"type": "string", "maxLength": 5}}},
        "dog": {"type": "object", "properties": {"owner": {"type": "ref", "ref": "com.example.holder#cat"}}},
        "name": {"type": "string", "maxLength": 3},
        "names": {"type": "array", "items": {"type": "ref", "ref": "#name"}, "maxLength": 2},
        "pairs": {
            "type": "array",
            "items": {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}},
        },
        "spam": {"type": "token", "description": "Unwanted."},
    },
}
POST = {
    "lexicon": 1,
    "id": "com.example.post",
    "defs": {
        "main": {
            "type": "record",
            "key": "any",
            "record": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}},
        }
    },
}


@pytest.fixture(scope="module")
def tree(compiled: Compiler) -> Tree:
    return compiled(HOLDER, PETS, POST)


@pytest.fixture(scope="module")
def holder(tree: Tree) -> type[Any]:
    return tree["com.example.holder"].Main


CAT = {"$type": "com.example.holder#cat", "lives": 9}


@pytest.mark.parametrize(
    "value",
    [
        {"open": CAT},
        {"open": CAT | {"more": {"x": [None, 1]}}},
        {"open": {"$type": "com.example.pets"}},
        {"open": {"$type": "com.example.pets#main", "kind": "x"}},
        {"open": {"$type": "com.example.unheard#of", "lives": "many", "deep": {"$type": "z", "n": None}}},
        {"open": {"$type": "com.example.unheard"}},
        {"open": {"$type": "com.example.post", "text": "a record that the union does not name"}},
        {"closed": CAT},
        {"closed": {"$type": "com.example.pets#main"}},
        {"many": [CAT, {"$type": "x.y.z"}, {"$type": "com.example.pets#dog", "owner": {"lives": 1}}]},
        {"any": {"$type": "whatever", "a": 1}},
        {"single": CAT},
        {"record": {"$type": "com.example.post", "text": "x", "more": 1}},
        {"record": {"$type": "com.example.post#main", "text": "x"}},
        {"ref": {"lives": 1}},
        {"ref": CAT},
        {"ref": {"lives": 1, "extra": True}},
        {"mainRef": {"kind": "a"}},
        {"recordRef": {"$type": "com.example.post", "text": "x"}},
        {"name": "abc"},
        {"names": ["a", "b"]},
        {"token": "com.example.pets#spam"},
        {"pair": [{"a": 1}, {"a": 2, "b": 3}]},
    ],
)
def test_accepted_and_written_as_it_came(holder: type[Any], value: dict[str, Any]) -> None:
    accepted = holder.from_wire(value)
    assert accepted.to_data() == value
    assert json.loads(accepted.to_wire()) == value


@pytest.mark.parametrize(
    ("value", "path", "message"),
    [
        ({"open": {"lives": 9}}, "open", "must be an object with a $type"),
        ({"open": {"$type": "", "lives": 9}}, "open", None),
        ({"open": {"$type": 3}}, "open", None),
        ({"open": "com.example.holder#cat"}, "open", "must be an object with a $type"),
        ({"open": [CAT]}, "open", "must be an object with a $type"),
        ({"open": True}, "open", "must be an object with a $type"),
        ({"open": None}, "open", "must not be null"),
        ({"open": CAT | {"lives": 10}}, "open/lives", "must not be greater than 9"),
        ({"open": {"$type": "com.example.holder#cat"}}, "open/lives", "is required"),
        (
            {"open": {"$type": "com.example.pets#main", "kind": "longer"}},
            "open/kind",
            "must not be longer than 5 bytes",
        ),
        ({"open": {"$type": "com.example.pets", "kind": "longer"}}, "open/kind", "must not be longer than 5 bytes"),
        ({"many": [CAT, {"lives": 9}]}, "many/1", "must be an object with a $type"),
        ({"many": [CAT | {"lives": "x"}]}, "many/0/lives", "must be an integer"),
        ({"closed": {"$type": "com.example.unheard"}}, "closed", None),
        ({"closed": {"lives": 9}}, "closed", "must be an object with a $type"),
        ({"closed": CAT | {"lives": 10}}, "closed/lives", "must not be greater than 9"),
        ({"any": {}}, "any", "must be an object with a $type"),
        ({"any": 3}, "any", "must be an object with a $type"),
        ({"ref": {}}, "ref/lives", "is required"),
        ({"ref": "x"}, "ref", "must be an object"),
        ({"name": "abcd"}, "name", "must not be longer than 3 bytes"),
        ({"names": ["a", "b", "c"]}, "names", "must not have more than 2 elements"),
        ({"names": ["abcd"]}, "names/0", "must not be longer than 3 bytes"),
        ({"token": "com.example.pets#ham"}, "token", "must be 'com.example.pets#spam'"),
        ({"token": "spam"}, "token", "must be 'com.example.pets#spam'"),
        ({"pair": [{"a": "x"}]}, "pair/0/a", "must be an integer"),
        ({"record": {"$type": "com.example.post"}}, "record/text", "is required"),
        ({"recordRef": {"$type": "com.example.post"}}, "recordRef/text", "is required"),
    ],
)
def test_refused_with_its_place(holder: type[Any], value: dict[str, Any], path: str, message: str | None) -> None:
    with pytest.raises(LexiconError) as refusal:
        holder.from_wire(value)
    assert refusal.value.path == path
    assert message is None or refusal.value.message == message


def test_a_closed_union_says_what_it_takes(holder: type[Any]) -> None:
    with pytest.raises(LexiconError, match=r"must be one of 'com\.example\.holder#cat', 'com\.example\.pets#dog'"):
        holder.from_wire({"closed": {"$type": "com.example.unheard"}})


def test_a_member_is_an_instance_of_its_class_and_a_stranger_a_dict(tree: Tree, holder: type[Any]) -> None:
    value = holder.from_wire({"many": [CAT, {"$type": "com.example.pets#dog"}, {"$type": "x.y.z", "a": 1}]})
    cat, dog, stranger = value.many
    assert isinstance(cat, tree["com.example.holder"].Cat)
    assert isinstance(dog, tree["com.example.pets"].Dog)
    assert stranger == {"$type": "x.y.z", "a": 1}


def test_a_member_built_in_python_is_written_with_its_type(tree: Tree, holder: type[Any]) -> None:
    cat, pets = tree["com.example.holder"].Cat, tree["com.example.pets"]
    built = holder(open=cat(lives=9), many=[pets.Main(kind="a"), {"$type": "x.y.z"}], ref=cat(lives=1))
    expected = {
        "open": CAT,
        "many": [{"$type": "com.example.pets", "kind": "a"}, {"$type": "x.y.z"}],
        "ref": {"lives": 1},
    }
    assert built.to_data() == expected
    assert json.loads(built.to_wire()) == expected
    assert holder.from_wire(expected) == built


def test_putting_a_member_into_a_union_leaves_the_instance_alone(tree: Tree, holder: type[Any]) -> None:
    cat = tree["com.example.holder"].Cat(lives=9)
    holder(open=cat)
    assert cat.to_data() == {"lives": 9}


def test_python_cannot_put_a_stranger_into_a_closed_union(tree: Tree, holder: type[Any]) -> None:
    with pytest.raises(ValidationError):
        holder(closed=tree["com.example.post"].Record(text="x"))
    with pytest.raises(ValidationError):
        holder(single=tree["com.example.pets"].Dog())


def test_a_record_in_a_union_has_its_type_once(tree: Tree, holder: type[Any]) -> None:
    built = holder(record=tree["com.example.post"].Record(text="x"))
    assert built.to_data() == {"record": {"$type": "com.example.post", "text": "x"}}
    assert json.loads(built.to_wire()) == {"record": {"$type": "com.example.post", "text": "x"}}


def test_links_in_a_stranger_are_links_in_data_and_json_in_json(holder: type[Any]) -> None:
    link = {"$link": "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"}
    value = {"open": {"$type": "x.y.z", "at": link, "raw": {"$bytes": "AAEC"}}, "ref": {"lives": 1, "at": link}}
    accepted = holder.from_wire(value)
    assert accepted.to_data()["open"]["raw"] == b"\0\1\2"
    assert str(accepted.to_data()["ref"]["at"]) == link["$link"]
    assert json.loads(accepted.to_wire()) == value


def test_classes_that_name_each_other_and_themselves(compiled: Compiler) -> None:
    def reference(to: str) -> dict[str, Any]:
        return {"type": "ref", "ref": to}

    tree = compiled(
        {
            "lexicon": 1,
            "id": "com.example.a",
            "defs": {
                "main": {"type": "query", "output": {"encoding": "application/json", "schema": reference("#node")}},
                "node": {
                    "type": "object",
                    "required": ["n"],
                    "properties": {
                        "n": {"type": "integer"},
                        "kids": {"type": "array", "items": reference("#node")},
                        "peer": reference("com.example.b#node"),
                        "either": {"type": "union", "refs": ["#node", "com.example.b#node", "#leaf"]},
                    },
                },
                "leaf": {"type": "object", "properties": {"up": reference("#node")}},
            },
        },
        {
            "lexicon": 1,
            "id": "com.example.b",
            "defs": {
                "node": {
                    "type": "object",
                    "properties": {"back": reference("com.example.a#node"), "list": reference("#all")},
                },
                "all": {"type": "array", "items": reference("com.example.a#leaf")},
            },
        },
    )
    node = tree["com.example.a"].Node
    value = {
        "n": 1,
        "kids": [{"n": 2, "kids": [{"n": 3}]}],
        "peer": {"back": {"n": 4}, "list": [{"up": {"n": 5}}]},
        "either": {"$type": "com.example.b#node", "back": {"n": 6}},
    }
    assert node.from_wire(value).to_data() == value
    assert json.loads(node.from_wire(value).to_wire()) == value
    assert node(n=1, kids=[node(n=2)]).to_wire() == b'{"n":1,"kids":[{"n":2}]}'
    for bad, path in [
        ({"n": 1, "kids": [{"n": 2, "kids": [{}]}]}, "kids/0/kids/0/n"),
        ({"n": 1, "peer": {"back": {}}}, "peer/back/n"),
        ({"n": 1, "peer": {"list": [{"up": {}}]}}, "peer/list/0/up/n"),
    ]:
        with pytest.raises(LexiconError) as refusal:
            node.from_wire(bad)
        assert refusal.value.path == path
    assert tree["com.example.b"].Node.from_wire({"back": {"n": 4}}).back.n == 4


def test_tokens_are_names(tree: Tree) -> None:
    assert tree["com.example.pets"].SPAM == "com.example.pets#spam"
