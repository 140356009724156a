"""Parsing: good documents are understood, bad ones refused with every fault and its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from codegen import schema
from codegen.document import parse_document
from codegen.problems import Problem
from codegen.resolve import Catalog, read_catalog

BAD = Path(__file__).parent / "bad"


def parse(**defs: dict[str, Any]) -> schema.Document:
    document, problems = parse_document("x.json", json.dumps({"lexicon": 1, "id": "com.example.x", "defs": defs}))
    assert document is not None, problems
    return document


@pytest.mark.parametrize("path", sorted(BAD.glob("*.json")), ids=lambda path: path.stem)
def test_a_bad_document_is_refused_with_every_fault(path: Path) -> None:
    document, problems = parse_document(path.name, path.read_text("utf-8"))
    assert document is None
    expected = path.with_suffix(".txt").read_text("utf-8").splitlines()
    assert [f"{problem.path}: {problem.reason}" for problem in problems] == expected
    assert {problem.file for problem in problems} == {path.name}


def test_every_keyword_is_understood() -> None:
    document = parse(
        main={
            "type": "record",
            "description": "A record.",
            "key": "literal:self",
            "record": {
                "type": "object",
                "description": "Its object.",
                "required": ["a"],
                "nullable": ["b"],
                "properties": {
                    "a": {"type": "boolean", "default": True, "description": "Flag."},
                    "b": {"type": "integer", "minimum": 1, "maximum": 3, "enum": [1, 3], "default": 3},
                    "c": {"type": "bytes", "minLength": 1, "maxLength": 2},
                    "d": {"type": "blob", "accept": ["image/*"], "maxSize": 5},
                    "e": {"type": "array", "items": {"type": "null"}, "minLength": 1, "maxLength": 2},
                    "f": {"type": "union", "refs": ["#t", "a.b.c", "a.b.c#d"], "closed": True},
                    "g": {"type": "unknown"},
                    "h": {"type": "cid-link"},
                    "i": {"type": "ref", "ref": "#t"},
                    "j": {"type": "integer", "const": 4},
                },
            },
        },
        t={"type": "token", "description": "A token."},
        s={
            "type": "string",
            "format": "uri",
            "minLength": 1,
            "maxLength": 9,
            "minGraphemes": 1,
            "maxGraphemes": 8,
            "knownValues": ["a:b"],
            "enum": ["a:b", "c:d"],
            "default": "a:b",
        },
    )
    record = document.main
    assert isinstance(record, schema.Record)
    assert (record.key, record.description, record.record.description) == ("literal:self", "A record.", "Its object.")
    assert record.record.required == {"a"}
    assert record.record.nullable == {"b"}
    assert record.record.properties == {
        "a": schema.Boolean(default=True, description="Flag."),
        "b": schema.Integer(minimum=1, maximum=3, enum=(1, 3), default=3),
        "c": schema.Bytes(min_length=1, max_length=2),
        "d": schema.Blob(accept=("image/*",), max_size=5),
        "e": schema.Array(items=schema.Null(), min_length=1, max_length=2),
        "f": schema.Union(refs=("#t", "a.b.c", "a.b.c#d"), closed=True),
        "g": schema.Unknown(),
        "h": schema.CidLink(),
        "i": schema.Ref(ref="#t"),
        "j": schema.Integer(const=4),
    }
    assert document.defs["t"] == schema.Token(description="A token.")
    assert document.defs["s"] == schema.String(
        format="uri",
        min_length=1,
        max_length=9,
        min_graphemes=1,
        max_graphemes=8,
        known_values=("a:b",),
        enum=("a:b", "c:d"),
        default="a:b",
    )


def test_methods_are_understood() -> None:
    parameters = {
        "type": "params",
        "required": ["q"],
        "properties": {"q": {"type": "string"}, "u": {"type": "unknown"}},
    }
    body = {"encoding": "application/json", "description": "B.", "schema": {"type": "ref", "ref": "#o"}}
    errors = [{"name": "NotFound", "description": "Gone."}]
    document = parse(
        main={
            "type": "procedure",
            "parameters": parameters,
            "input": body,
            "output": {"encoding": "*/*"},
            "errors": errors,
        },
        o={"type": "object", "properties": {}},
    )
    assert document.main == schema.Procedure(
        parameters=schema.Params(properties={"q": schema.String(), "u": schema.Unknown()}, required=frozenset({"q"})),
        input=schema.Body(encoding="application/json", description="B.", schema=schema.Ref(ref="#o")),
        output=schema.Body(encoding="*/*"),
        errors=(schema.ErrorName(name="NotFound", description="Gone."),),
    )
    message = {"description": "M.", "schema": {"type": "union", "refs": ["#o"]}}
    stream = parse(
        main={"type": "subscription", "parameters": parameters, "message": message},
        o={"type": "object", "properties": {}},
    )
    assert isinstance(stream.main, schema.Subscription)
    assert stream.main.message == schema.Union(refs=("#o",))


def test_a_permission_set_is_understood() -> None:
    document = parse(
        main={
            "type": "permission-set",
            "title": "Scrobble",
            "title:lang": {"de": "Scrobbeln"},
            "detail": "Write plays.",
            "detail:lang": {"pt-BR": "x"},
            "permissions": [
                {"type": "permission", "resource": "repo", "collection": ["a.b.c"], "action": ["create"]},
                {"type": "permission", "resource": "rpc", "inheritAud": True, "lxm": ["*"]},
            ],
        }
    )
    assert document.main == schema.PermissionSet(
        title="Scrobble",
        detail="Write plays.",
        title_by_language={"de": "Scrobbeln"},
        detail_by_language={"pt-BR": "x"},
        permissions=(
            schema.Permission(resource="repo", parameters={"collection": ("a.b.c",), "action": ("create",)}),
            schema.Permission(resource="rpc", parameters={"inheritAud": True, "lxm": ("*",)}),
        ),
    )


def test_a_document_may_come_as_the_record_that_publishes_it() -> None:
    text = json.dumps(
        {
            "$type": "com.atproto.lexicon.schema",
            "lexicon": 1,
            "id": "a.b.c",
            "revision": 3,
            "defs": {"x": {"type": "token"}},
        }
    )
    document, problems = parse_document("c.json", text, "a.b.c")
    assert problems == []
    assert document is not None
    assert document.revision == 3


def test_a_document_must_be_where_its_name_says(tmp_path: Path) -> None:
    place = tmp_path / "com" / "example" / "other.json"
    place.parent.mkdir(parents=True)
    place.write_text(json.dumps({"lexicon": 1, "id": "com.example.thing", "defs": {"x": {"type": "token"}}}))
    _, problems = read_catalog(tmp_path)
    reason = "must be 'com.example.other', as the file's place says, not 'com.example.thing'"
    assert problems == [Problem("com/example/other.json", "$.id", reason)]


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"lexicon": "\xff"}')
    assert [str(problem) for problem in read_catalog(tmp_path)[1]] == ["a.json: $: is not UTF-8"]


def test_dangling_references_of_all_documents_are_reported_at_once() -> None:
    def reference(to: str) -> dict[str, Any]:
        return {"type": "ref", "ref": to}

    one = {
        "main": {
            "type": "procedure",
            "input": {"encoding": "application/json", "schema": reference("com.example.gone")},
            "output": {
                "encoding": "application/json",
                "schema": {"type": "object", "properties": {"a b": reference("#no")}},
            },
        },
        "list": {"type": "array", "items": reference("com.example.two#no")},
        "odd": {"type": "object", "properties": {"m": reference("com.example.one"), "r": reference("com.example.two")}},
    }
    two = {
        "main": {
            "type": "record",
            "key": "any",
            "record": {
                "type": "object",
                "properties": {
                    "u": {
                        "type": "union",
                        "refs": ["com.example.one#odd", "com.example.gone#x", "#word", "#main", "com.example.two"],
                    }
                },
            },
        },
        "word": {"type": "string"},
        "loop": {"type": "array", "items": {"type": "array", "items": reference("#pool")}},
        "pool": {"type": "array", "items": reference("#loop")},
        "fine": {"type": "array", "items": reference("#main")},
    }
    documents = []
    for name, defs in (("one", one), ("two", two)):
        document, problems = parse_document(
            f"{name}.json", json.dumps({"lexicon": 1, "id": f"com.example.{name}", "defs": defs})
        )
        assert document is not None, problems
        documents.append(document)
    assert [str(problem) for problem in Catalog.of(documents).problems()] == [
        "one.json: $.defs.list.items.ref: refers to 'com.example.two#no', which does not exist",
        "one.json: $.defs.main.input.schema.ref: refers to 'com.example.gone', which does not exist",
        "one.json: $.defs.main.output.schema.properties['a b'].ref: refers to '#no', which does not exist",
        (
            "one.json: $.defs.odd.properties.m.ref: refers to 'com.example.one', which is a method or a permission set "
            "and no value"
        ),
        "two.json: $.defs.loop: is an array that holds itself without an object between",
        (
            "two.json: $.defs.main.record.properties.u.refs: refers to '#word', which is no object and cannot be told by "
            "a $type"
        ),
        "two.json: $.defs.main.record.properties.u.refs: refers to 'com.example.gone#x', which does not exist",
        "two.json: $.defs.main.record.properties.u.refs: refers to 'com.example.two' twice",
        "two.json: $.defs.pool: is an array that holds itself without an object between",
    ]


def test_two_documents_cannot_be_one_module() -> None:
    documents = []
    for nsid in ("com.example.getURL", "com.example.getUrl"):
        document, _ = parse_document(
            f"{nsid}.json", json.dumps({"lexicon": 1, "id": nsid, "defs": {"x": {"type": "token"}}})
        )
        assert document is not None
        documents.append(document)
    assert [str(problem) for problem in Catalog.of(documents).problems()] == [
        (
            "com.example.getUrl.json: $.id: would be the module tonearm.lexicons.com.example.get_url, which "
            "'com.example.getURL' is"
        )
    ]
