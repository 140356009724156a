"""The rules of lexicon evolution, one by one: what may follow what."""

from __future__ import annotations

import json
from typing import Any

import pytest

from codegen.compat import changes
from codegen.document import parse_document
from codegen.resolve import Catalog

JSON = "application/json"
STRING, INTEGER, BOOLEAN = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}


def catalog(*documents: dict[str, Any]) -> Catalog:
    parsed = []
    for document in documents:
        result, problems = parse_document(f"{document['id']}.json", json.dumps(document))
        assert result is not None, problems
        parsed.append(result)
    return Catalog.of(parsed)


def document(nsid: str = "com.example.thing", **defs: dict[str, Any]) -> dict[str, Any]:
    return {"lexicon": 1, "id": nsid, "defs": defs}


def obj(*required: str, nullable: tuple[str, ...] = (), **properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "nullable": list(nullable), "properties": properties}


def record(body: dict[str, Any], key: str = "tid") -> dict[str, Any]:
    return {"type": "record", "key": key, "record": body}


def query(**parts: Any) -> dict[str, Any]:
    return {"type": "query", **parts}


def procedure(**parts: Any) -> dict[str, Any]:
    return {"type": "procedure", **parts}


def params(*required: str, **properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "params", "required": list(required), "properties": properties}


def body(schema: dict[str, Any] | None = None, encoding: str = JSON) -> dict[str, Any]:
    return {"encoding": encoding} | ({} if schema is None else {"schema": schema})


def ref(to: str) -> dict[str, Any]:
    return {"type": "ref", "ref": to}


def union(*refs: str, closed: bool = False) -> dict[str, Any]:
    return {"type": "union", "refs": list(refs), "closed": closed}


def array(items: dict[str, Any], **limits: int) -> dict[str, Any]:
    return {"type": "array", "items": items, **limits}


E = obj()

ALLOWED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing": ({"a": obj("x", x=STRING)}, {"a": obj("x", x=STRING)}),
    "a new definition": ({"a": E}, {"a": E, "b": E}),
    "a new optional property": ({"a": E}, {"a": obj(x=STRING)}),
    "a new optional property that may be null": ({"a": E}, {"a": obj(x=STRING, nullable=("x",))}),
    "an optional property goes away": ({"a": obj(x=STRING)}, {"a": E}),
    "a new optional parameter": ({"main": query()}, {"main": query(parameters=params(x=STRING))}),
    "optional parameters go away": ({"main": query(parameters=params(x=STRING))}, {"main": query()}),
    "another default": ({"a": obj(x=INTEGER | {"default": 1})}, {"a": obj(x=INTEGER | {"default": 2})}),
    "other known values": ({"a": STRING | {"knownValues": ["a"]}}, {"a": STRING | {"knownValues": ["b"]}}),
    "another description": ({"a": STRING | {"description": "a"}}, {"a": STRING}),
    "another order in an enum": ({"a": STRING | {"enum": ["a", "b"]}}, {"a": STRING | {"enum": ["b", "a"]}}),
    "a new member of an open union": (
        {"a": obj(u=union("#b")), "b": E, "c": E},
        {"a": obj(u=union("#b", "#c")), "b": E, "c": E},
    ),
    "a reference written another way": (
        {"a": obj(x=ref("#b"), u=union("#b")), "b": E},
        {"a": obj(x=ref("com.example.thing#b"), u=union("com.example.thing#b")), "b": E},
    ),
    "a reference to another definition of the same shape": (
        {"a": obj(x=ref("#b")), "b": obj(y=STRING)},
        {"a": obj(x=ref("#c")), "b": obj(y=STRING), "c": obj(y=STRING, z=STRING)},
    ),
    "a reference in the place of the same object": (
        {"a": obj(x=obj("y", y=STRING))},
        {"a": obj(x=ref("#b")), "b": obj("y", y=STRING)},
    ),
    "a new error": ({"main": query()}, {"main": query(errors=[{"name": "A"}])}),
    "an error goes away": ({"main": query(errors=[{"name": "A"}])}, {"main": query()}),
    "other permissions in a set": (
        {"main": {"type": "permission-set", "permissions": [{"type": "permission", "resource": "blob"}]}},
        {"main": {"type": "permission-set", "permissions": []}},
    ),
    "the same accepted media types in other words": (
        {"a": {"type": "blob"}},
        {"a": {"type": "blob", "accept": ["*/*"]}},
    ),
}

FORBIDDEN: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "a definition was removed": ({"a": E, "b": E}, {"a": E}, "$.defs.b: was removed"),
    "a new required property": (
        {"a": E},
        {"a": obj("x", x=STRING)},
        "$.defs.a.properties.x: is new and required",
    ),
    "a property becomes required": (
        {"a": obj(x=STRING)},
        {"a": obj("x", x=STRING)},
        "$.defs.a.properties.x: is required and was optional",
    ),
    "a property stops being required": (
        {"a": obj("x", x=STRING)},
        {"a": obj(x=STRING)},
        "$.defs.a.properties.x: is optional and was required",
    ),
    "a required property was removed": (
        {"a": obj("x", x=STRING)},
        {"a": E},
        "$.defs.a.properties.x: was required and was removed",
    ),
    "a required property of a record": (
        {"main": record(E)},
        {"main": record(obj("x", x=STRING))},
        "$.defs.main.record.properties.x: is new and required",
    ),
    "a required property of an input": (
        {"main": procedure(input=body(E))},
        {"main": procedure(input=body(obj("x", x=STRING)))},
        "$.defs.main.input.schema.properties.x: is new and required",
    ),
    "an output no longer answers": (
        {"main": query(output=body(obj("x", x=STRING)))},
        {"main": query(output=body(E))},
        "$.defs.main.output.schema.properties.x: was required and was removed",
    ),
    "a new required parameter": (
        {"main": query()},
        {"main": query(parameters=params("x", x=STRING))},
        "$.defs.main.parameters.properties.x: is new and required",
    ),
    "a required parameter was removed": (
        {"main": query(parameters=params("x", x=STRING))},
        {"main": query()},
        "$.defs.main.parameters.properties.x: was required and was removed",
    ),
    "a property inside": (
        {"a": obj(x=array(obj(y=STRING)))},
        {"a": obj(x=array(obj(y=INTEGER)))},
        "$.defs.a.properties.x.items.properties.y: is an integer and was a string",
    ),
    "null becomes possible": (
        {"a": obj(x=STRING)},
        {"a": obj(x=STRING, nullable=("x",))},
        "$.defs.a.properties.x: may be null, which it might not",
    ),
    "null becomes impossible": (
        {"a": obj(x=STRING, nullable=("x",))},
        {"a": obj(x=STRING)},
        "$.defs.a.properties.x: may not be null, which it might",
    ),
    "another type": ({"a": STRING}, {"a": INTEGER}, "$.defs.a: is an integer and was a string"),
    "a method of another kind": (
        {"main": query()},
        {"main": procedure()},
        "$.defs.main: is a procedure and was a query",
    ),
    "another format": (
        {"a": STRING | {"format": "did"}},
        {"a": STRING | {"format": "handle"}},
        "$.defs.a: has the format 'handle' and had 'did'",
    ),
    "a new format": ({"a": STRING}, {"a": STRING | {"format": "did"}}, "$.defs.a: has the format 'did' and had none"),
    "no format any more": (
        {"a": STRING | {"format": "did"}},
        {"a": STRING},
        "$.defs.a: has the format none and had 'did'",
    ),
    "another const": (
        {"a": BOOLEAN | {"const": True}},
        {"a": BOOLEAN | {"const": False}},
        "$.defs.a: has the const False and had True",
    ),
    "an enum is narrowed": (
        {"a": STRING | {"enum": ["a", "b"]}},
        {"a": STRING | {"enum": ["a"]}},
        "$.defs.a: has the enum a and had a, b",
    ),
    "an enum is widened": (
        {"a": INTEGER | {"enum": [1]}},
        {"a": INTEGER | {"enum": [1, 2]}},
        "$.defs.a: has the enum 1, 2 and had 1",
    ),
    "a new enum": ({"a": STRING}, {"a": STRING | {"enum": ["a"]}}, "$.defs.a: has the enum a and had none"),
    "a new maximum": (
        {"a": INTEGER},
        {"a": INTEGER | {"maximum": 5}},
        "$.defs.a: has the maximum 5 and had none, which let more in",
    ),
    "a lower maximum": (
        {"a": INTEGER | {"maximum": 5}},
        {"a": INTEGER | {"maximum": 4}},
        "$.defs.a: has the maximum 4 and had 5, which let more in",
    ),
    "a higher minimum": (
        {"a": INTEGER | {"minimum": 0}},
        {"a": INTEGER | {"minimum": 1}},
        "$.defs.a: has the minimum 1 and had 0, which let more in",
    ),
    "shorter texts": (
        {"a": STRING | {"maxLength": 5}},
        {"a": STRING | {"maxLength": 4}},
        "$.defs.a: has the maxLength 4 and had 5, which let more in",
    ),
    "longer texts": (
        {"a": STRING | {"minLength": 1}},
        {"a": STRING | {"minLength": 2}},
        "$.defs.a: has the minLength 2 and had 1, which let more in",
    ),
    "fewer graphemes": (
        {"a": STRING | {"maxGraphemes": 5}},
        {"a": STRING | {"maxGraphemes": 4}},
        "$.defs.a: has the maxGraphemes 4 and had 5, which let more in",
    ),
    "more graphemes": (
        {"a": STRING},
        {"a": STRING | {"minGraphemes": 1}},
        "$.defs.a: has the minGraphemes 1 and had none, which let more in",
    ),
    "fewer bytes": (
        {"a": {"type": "bytes", "maxLength": 5}},
        {"a": {"type": "bytes", "maxLength": 4}},
        "$.defs.a: has the maxLength 4 and had 5, which let more in",
    ),
    "fewer elements": (
        {"a": array(STRING, maxLength=5)},
        {"a": array(STRING, maxLength=4)},
        "$.defs.a: has the maxLength 4 and had 5, which let more in",
    ),
    "more elements": (
        {"a": array(STRING)},
        {"a": array(STRING, minLength=1)},
        "$.defs.a: has the minLength 1 and had none, which let more in",
    ),
    "other elements": ({"a": array(STRING)}, {"a": array(INTEGER)}, "$.defs.a.items: is an integer and was a string"),
    "smaller blobs": (
        {"a": {"type": "blob", "maxSize": 5}},
        {"a": {"type": "blob", "maxSize": 4}},
        "$.defs.a: has the maxSize 4 and had 5, which let more in",
    ),
    "fewer media types": (
        {"a": {"type": "blob", "accept": ["image/*", "audio/mpeg"]}},
        {"a": {"type": "blob", "accept": ["image/png", "audio/*"]}},
        "$.defs.a: accepts image/png, audio/* and no longer all of image/*, audio/mpeg",
    ),
    "a union is closed": (
        {"a": obj(u=union("#b")), "b": E},
        {"a": obj(u=union("#b", closed=True)), "b": E},
        "$.defs.a.properties.u: is closed and was not",
    ),
    "a union is opened": (
        {"a": obj(u=union("#b", closed=True)), "b": E},
        {"a": obj(u=union("#b")), "b": E},
        "$.defs.a.properties.u: is open and was not",
    ),
    "an open union loses a member": (
        {"a": obj(u=union("#b", "#c")), "b": E, "c": E},
        {"a": obj(u=union("#b")), "b": E, "c": E},
        "$.defs.a.properties.u: has lost the member 'com.example.thing#c'",
    ),
    "a closed union gets a member": (
        {"a": obj(u=union("#b", closed=True)), "b": E, "c": E},
        {"a": obj(u=union("#b", "#c", closed=True)), "b": E, "c": E},
        "$.defs.a.properties.u: is closed and has the new member 'com.example.thing#c'",
    ),
    "a stream loses a message": (
        {"main": {"type": "subscription", "message": {"schema": union("#b", "#c")}}, "b": E, "c": E},
        {"main": {"type": "subscription", "message": {"schema": union("#b")}}, "b": E, "c": E},
        "$.defs.main.message.schema: has lost the member 'com.example.thing#c'",
    ),
    "a reference to another shape": (
        {"a": obj(x=ref("#b")), "b": obj(y=STRING), "c": obj(y=INTEGER)},
        {"a": obj(x=ref("#c")), "b": obj(y=STRING), "c": obj(y=INTEGER)},
        "$.defs.a.properties.x.properties.y: is an integer and was a string",
    ),
    "another record key": (
        {"main": record(E)},
        {"main": record(E, key="any")},
        "$.defs.main: has the key 'any' and had 'tid'",
    ),
    "another encoding": (
        {"main": query(output=body(encoding="image/png"))},
        {"main": query(output=body(encoding="image/jpeg"))},
        "$.defs.main.output: has the encoding 'image/jpeg' and had 'image/png'",
    ),
    "a new input": ({"main": procedure()}, {"main": procedure(input=body())}, "$.defs.main.input: was added"),
    "no output any more": ({"main": query(output=body(E))}, {"main": query()}, "$.defs.main.output: was removed"),
    "a body gets a schema": (
        {"main": query(output=body())},
        {"main": query(output=body(E))},
        "$.defs.main.output.schema: was added",
    ),
}

WARNED_OF: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "a higher maximum": (
        {"a": INTEGER | {"maximum": 5}},
        {"a": INTEGER | {"maximum": 6}},
        "$.defs.a: has the maximum 6 and had 5, which let less in",
    ),
    "no minimum any more": (
        {"a": INTEGER | {"minimum": 5}},
        {"a": INTEGER},
        "$.defs.a: has the minimum none and had 5, which let less in",
    ),
    "longer texts": (
        {"a": STRING | {"maxLength": 5}},
        {"a": STRING | {"maxLength": 50}},
        "$.defs.a: has the maxLength 50 and had 5, which let less in",
    ),
    "more media types": (
        {"a": {"type": "blob", "accept": ["image/png"]}},
        {"a": {"type": "blob", "accept": ["image/*"]}},
        "$.defs.a: accepts image/* and accepted only image/png",
    ),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_allowed(name: str) -> None:
    old, new = ALLOWED[name]
    assert changes(catalog(document(**old)), catalog(document(**new))) == []


@pytest.mark.parametrize("name", FORBIDDEN)
def test_forbidden(name: str) -> None:
    old, new, expected = FORBIDDEN[name]
    found = changes(catalog(document(**old)), catalog(document(**new)))
    assert [f"{change.path}: {change.reason}" for change in found if change.forbidden] == [expected]


@pytest.mark.parametrize("name", WARNED_OF)
def test_warned_of(name: str) -> None:
    old, new, expected = WARNED_OF[name]
    found = changes(catalog(document(**old)), catalog(document(**new)))
    assert [(f"{change.path}: {change.reason}", change.forbidden) for change in found] == [(expected, False)]


def test_a_document_may_be_added_but_not_removed() -> None:
    one, two = document("com.example.one", a=E), document("com.example.two", a=E)
    assert changes(catalog(one), catalog(one, two)) == []
    assert [str(change) for change in changes(catalog(one, two), catalog(two))] == [
        "com.example.one.json: $: was removed"
    ]


def test_a_change_behind_a_reference_is_found_where_it_stands() -> None:
    user = document("com.example.user", a=obj(x=ref("com.example.defs#view")))
    old = document("com.example.defs", view=obj(y=STRING))
    new = document("com.example.defs", view=obj(y=INTEGER))
    assert [str(change) for change in changes(catalog(user, old), catalog(user, new))] == [
        "com.example.defs.json: $.defs.view.properties.y: is an integer and was a string"
    ]


def test_definitions_that_refer_to_each_other_are_compared_once() -> None:
    old = document(a=obj(b=ref("#b")), b=obj(a=ref("#a"), c=ref("#c")), c=obj(a=ref("#a")))
    new = document(a=obj(b=ref("#b")), b=obj(a=ref("#a"), c=ref("#d")), c=obj(a=ref("#a")), d=obj(a=ref("#d")))
    assert changes(catalog(old), catalog(new)) == []
