"""Objects: presence, null, unknown fields; the bodies and parameters that are made of them."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from tonearm.xrpc.models import LexiconError

if TYPE_CHECKING:
    from types import ModuleType

    from tests.codegen.conftest import Compiler

NULLS = {
    "type": "object",
    "required": ["must", "mustMaybeNull"],
    "nullable": ["mustMaybeNull", "mayMaybeNull"],
    "properties": {
        "must": {"type": "string"},
        "mustMaybeNull": {"type": "string"},
        "may": {"type": "string"},
        "mayMaybeNull": {"type": "string"},
    },
}


@pytest.fixture(scope="module")
def nulls(compiled: Compiler) -> ModuleType:
    return compiled.defs(
        main=NULLS, holder={"type": "object", "properties": {"inner": {"type": "ref", "ref": "#main"}}}
    )


def refused(cls: type[Any], value: Any) -> tuple[str, str]:
    with pytest.raises(LexiconError) as refusal:
        cls.from_wire(value)
    return refusal.value.path, refusal.value.message


def test_a_required_property_must_be_there(nulls: ModuleType) -> None:
    assert refused(nulls.Main, {"mustMaybeNull": "x"}) == ("must", "is required")
    assert refused(nulls.Main, {"must": "x"}) == ("mustMaybeNull", "is required")


def test_null_is_accepted_only_where_it_is_declared(nulls: ModuleType) -> None:
    accepted = nulls.Main.from_wire({"must": "a", "mustMaybeNull": None, "mayMaybeNull": None})
    assert accepted.must_maybe_null is None
    assert accepted.may_maybe_null is None
    base = {"must": "a", "mustMaybeNull": None}
    assert refused(nulls.Main, base | {"must": None}) == ("must", "must not be null")
    assert refused(nulls.Main, base | {"may": None}) == ("may", "must not be null")
    assert refused(nulls.Holder, {"inner": base | {"may": None}}) == ("inner/may", "must not be null")
    assert refused(nulls.Holder, {"inner": None}) == ("inner", "must not be null")


@pytest.mark.parametrize(
    "value",
    [
        {"must": "a", "mustMaybeNull": None},
        {"must": "a", "mustMaybeNull": "b", "mayMaybeNull": None},
        {"must": "a", "mustMaybeNull": "b", "mayMaybeNull": "c", "may": "d"},
    ],
)
def test_absent_and_null_are_written_as_they_came(nulls: ModuleType, value: dict[str, Any]) -> None:
    assert json.loads(nulls.Main.from_wire(value).to_wire()) == value
    assert nulls.Main.from_wire(value).to_data() == value
    assert json.loads(nulls.Holder.from_wire({"inner": value}).to_wire()) == {"inner": value}


def test_none_from_python_is_absent_unless_null_is_declared(nulls: ModuleType) -> None:
    built = nulls.Main(must="a", must_maybe_null=None, may=None)
    assert built.to_data() == {"must": "a", "mustMaybeNull": None}
    assert json.loads(built.to_wire()) == {"must": "a", "mustMaybeNull": None}
    assert json.loads(nulls.Main(must="a", must_maybe_null="b", may_maybe_null=None).to_wire()) == {
        "must": "a",
        "mustMaybeNull": "b",
        "mayMaybeNull": None,
    }


def test_python_builds_by_attribute_name_and_is_held_to_the_rules(nulls: ModuleType) -> None:
    with pytest.raises(ValidationError):
        nulls.Main(must=3, must_maybe_null=None)
    with pytest.raises(ValidationError):
        nulls.Main(mustMaybeNull="x", must="x")


def test_an_instance_cannot_be_changed(nulls: ModuleType) -> None:
    with pytest.raises(ValidationError):
        nulls.Main(must="a", must_maybe_null=None).must = "b"


@pytest.mark.parametrize("value", [None, 1, "x", [], True])
def test_only_an_object_is_an_object(nulls: ModuleType, value: Any) -> None:
    path, message = refused(nulls.Holder, {"inner": value})
    assert path == "inner"
    assert message in {"must be an object", "must not be null"}
    assert refused(nulls.Holder, value)[0] == ""


def test_the_attribute_name_is_not_a_wire_name(nulls: ModuleType) -> None:
    accepted = nulls.Main.from_wire({"must": "a", "mustMaybeNull": None, "may_maybe_null": 3})
    assert accepted.may_maybe_null is None
    assert accepted.to_data()["may_maybe_null"] == 3


PROCEDURE = {
    "type": "procedure",
    "parameters": {
        "type": "params",
        "required": ["did"],
        "properties": {
            "did": {"type": "string", "format": "did"},
            "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 50},
            "deep": {"type": "boolean", "default": False},
            "kind": {"type": "string", "enum": ["a", "b"]},
            "level": {"type": "integer", "enum": [1, 2]},
            "yes": {"type": "boolean", "const": True},
            "tags": {"type": "array", "items": {"type": "string", "minLength": 1}, "maxLength": 3},
            "sizes": {"type": "array", "items": {"type": "integer"}},
            "flags": {"type": "array", "items": {"type": "boolean"}},
            "levels": {"type": "array", "items": {"type": "integer", "enum": [1, 2]}},
            "anything": {"type": "unknown"},
        },
    },
    "input": {
        "encoding": "application/json",
        "schema": {
            "type": "object",
            "required": ["text"],
            "nullable": ["maybe"],
            "properties": {
                "text": {"type": "string"},
                "count": {"type": "integer", "default": 3},
                "loud": {"type": "boolean", "default": True},
                "lang": {"type": "string", "default": "de"},
                "maybe": {"type": "integer", "default": 5},
                "inner": {"type": "object", "properties": {"depth": {"type": "integer", "default": 1}}},
                "pictures": {"type": "array", "items": {"type": "blob"}},
                "shared": {"type": "ref", "ref": "#shared"},
            },
        },
    },
    "output": {
        "encoding": "application/json",
        "schema": {
            "type": "object",
            "required": ["items"],
            "properties": {
                "items": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"n": {"type": "integer", "default": 7}}},
                },
                "cursor": {"type": "string", "default": "c"},
            },
        },
    },
}


@pytest.fixture(scope="module")
def method(compiled: Compiler) -> ModuleType:
    shared = {"type": "object", "properties": {"a": {"type": "integer", "default": 9}}}
    return compiled.defs("com.example.act", main=PROCEDURE, shared=shared)


DID = "did:plc:asdf123"


def test_query_texts_become_values(method: ModuleType) -> None:
    params = method.Params.from_query(
        {
            "did": [DID],
            "limit": ["7"],
            "deep": ["true"],
            "kind": ["b"],
            "level": ["2"],
            "yes": ["true"],
            "tags": ["x", "y"],
            "sizes": ["1", "-2"],
            "flags": ["true", "false"],
            "levels": ["1"],
            "anything": ["text"],
            "stranger": ["ignored"],
        }
    )
    assert params.to_data() == {
        "did": DID,
        "limit": 7,
        "deep": True,
        "kind": "b",
        "level": 2,
        "yes": True,
        "tags": ["x", "y"],
        "sizes": [1, -2],
        "flags": [True, False],
        "levels": [1],
        "anything": "text",
    }


def test_defaults_of_parameters_are_applied(method: ModuleType) -> None:
    params = method.Params.from_query({"did": [DID]})
    assert (params.limit, params.deep, params.kind, params.tags) == (50, False, None, None)


@pytest.mark.parametrize(
    ("name", "texts", "reason"),
    [
        ("did", ["nobody"], "must be a valid did"),
        ("did", [DID, DID], "must not be given more than once"),
        ("limit", ["1", "2"], "must not be given more than once"),
        ("limit", [""], "must be an integer"),
        ("limit", ["x"], "must be an integer"),
        ("limit", ["1.0"], "must be an integer"),
        ("limit", ["1e1"], "must be an integer"),
        ("limit", ["+1"], "must be an integer"),
        ("limit", ["--1"], "must be an integer"),
        ("limit", [" 1"], "must be an integer"),
        ("limit", ["1_0"], "must be an integer"),
        ("limit", ["\u0661"], "must be an integer"),
        ("limit", ["9" * 5000], "must be an integer"),
        ("limit", ["0"], "must not be less than 1"),
        ("limit", ["101"], "must not be greater than 100"),
        ("deep", ["1"], "must be true or false"),
        ("deep", ["True"], "must be true or false"),
        ("deep", [""], "must be true or false"),
        ("kind", ["c"], "must be 'a' or 'b'"),
        ("level", ["3"], "must be 1 or 2"),
        ("yes", ["false"], "must be True"),
        ("tags", ["a", "b", "c", "d"], "must not have more than 3 elements"),
        ("tags/0", [""], "must not be empty"),
        ("sizes", ["1", "x"], "must be an integer"),
        ("levels/1", ["1", "3"], "must be 1 or 2"),
    ],
)
def test_a_bad_parameter_is_refused(method: ModuleType, name: str, texts: list[str], reason: str) -> None:
    with pytest.raises(LexiconError) as refusal:
        method.Params.from_query({"did": [DID], name.partition("/")[0]: texts})
    assert (refusal.value.path, refusal.value.message) == (name, reason)


def test_a_missing_parameter_is_refused(method: ModuleType) -> None:
    with pytest.raises(LexiconError) as refusal:
        method.Params.from_query({})
    assert (refusal.value.path, refusal.value.message) == ("did", "is required")


def test_defaults_of_an_input_are_applied_also_inside(method: ModuleType) -> None:
    body = method.Input.from_wire({"text": "x", "inner": {}, "shared": {}})
    assert (body.count, body.loud, body.lang, body.maybe, body.inner.depth) == (3, True, "de", 5, 1)
    assert body.shared.a is None
    assert method.Input.from_wire({"text": "x", "maybe": None}).maybe is None


def test_no_default_is_put_into_an_answer(method: ModuleType) -> None:
    answer = method.Output(items=[method.OutputItemsItem()])
    assert answer.to_wire() == b'{"items":[{}]}'


def test_an_input_ignores_unknown_fields_and_shared_objects_keep_them(method: ModuleType) -> None:
    body = method.Input.from_wire({"text": "x", "more": 1, "shared": {"other": [1]}, "inner": {"more": 2}})
    assert body.to_data()["shared"] == {"other": [1]}
    assert "more" not in body.to_data()
    assert body.to_data()["inner"] == {"depth": 1}


def test_an_output_refuses_unknown_fields_and_another_servers_answer_may_have_them(method: ModuleType) -> None:
    with pytest.raises(ValidationError):
        method.Output(items=[], more=1)
    assert refused(method.Output, {"items": [], "more": 1}) == ("more", "is not known")
    assert refused(method.Output, {"items": [{"n": 1, "x": 2}]}) == ("items/0/x", "is not known")
    assert method.Output.from_answer({"items": [{"n": 1, "x": 2}], "more": 1}).to_data() == {"items": [{"n": 1}]}


def test_an_input_refuses_a_blob_of_the_legacy_form(method: ModuleType) -> None:
    cid = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
    path, message = refused(method.Input, {"text": "x", "pictures": [{"cid": cid, "mimeType": "image/png"}]})
    assert (path, message) == ("pictures/0", "must be a blob with a $type, not of the legacy form")


def test_a_large_array_of_errors_is_refused_at_its_first(method: ModuleType) -> None:
    value = {"text": "x", "pictures": [{}] * 200_000}
    started = time.perf_counter()
    assert refused(method.Input, value) == ("pictures/0", "must be a blob")
    assert time.perf_counter() - started < 5


def test_the_method_describes_itself(method: ModuleType) -> None:
    described = method.METHOD
    assert (described.nsid, described.params, described.input, described.output) == (
        "com.example.act",
        method.Params,
        method.Input,
        method.Output,
    )
    assert (described.input_encoding, described.output_encoding) == ("application/json", "application/json")


def test_bodies_by_reference_union_and_bytes(compiled: Compiler) -> None:
    tree = compiled(
        {
            "lexicon": 1,
            "id": "com.example.byRef",
            "defs": {
                "main": {
                    "type": "procedure",
                    "input": {"encoding": "application/json", "schema": {"type": "union", "refs": ["#view", "#other"]}},
                    "output": {"encoding": "application/json", "schema": {"type": "ref", "ref": "#view"}},
                    "errors": [{"name": "Odd", "description": "It is odd."}],
                },
                "view": {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
                "other": {"type": "object", "properties": {}},
            },
        },
        {
            "lexicon": 1,
            "id": "com.example.bytes",
            "defs": {
                "main": {
                    "type": "procedure",
                    "input": {"encoding": "*/*"},
                    "output": {"encoding": "application/vnd.ipld.car"},
                }
            },
        },
        {"lexicon": 1, "id": "com.example.nothing", "defs": {"main": {"type": "procedure"}}},
        {"lexicon": 1, "id": "com.example.ask", "defs": {"main": {"type": "query"}}},
    )
    by_ref = tree["com.example.byRef"]
    assert by_ref.METHOD.output is by_ref.View
    assert by_ref.METHOD.errors == ("Odd",)
    value = {"$type": "com.example.byRef#view", "a": "x"}
    assert isinstance(by_ref.Input.from_wire(value).root, by_ref.View)
    assert json.loads(by_ref.Input.from_wire(value).to_wire()) == value
    assert refused(by_ref.Input, {"$type": "com.example.byRef#view"}) == ("a", "is required")
    assert refused(by_ref.Input, 3) == ("", "must be an object with a $type")
    raw = tree["com.example.bytes"].METHOD
    assert (raw.input, raw.output, raw.input_encoding, raw.output_encoding) == (
        None,
        None,
        "*/*",
        "application/vnd.ipld.car",
    )
    nothing = tree["com.example.nothing"].METHOD
    assert (nothing.input, nothing.output, nothing.input_encoding, nothing.output_encoding) == (None, None, None, None)
    ask = tree["com.example.ask"].METHOD
    assert (ask.output, ask.output_encoding) == (None, None)


def test_names_that_python_or_the_base_class_uses_are_moved_aside(compiled: Compiler) -> None:
    names = [
        "class",
        "list",
        "copy",
        "json",
        "schema",
        "model_config",
        "fooBar",
        "foo_bar",
        "3d",
        "a-b",
        "values",
        "from_wire",
        "self",
    ]
    record = compiled.record(**{name: {"type": "array", "items": {"type": "string"}} for name in names})
    data = {"$type": "com.example.thing"} | {name: [name] for name in names}
    value = record.from_data(data)
    assert value.to_data() == data
    assert (value.class_, value.list_, value.foo_bar, value.foo_bar_2, value.n3d, value.a_b) == (
        ["class"],
        ["list"],
        ["fooBar"],
        ["foo_bar"],
        ["3d"],
        ["a-b"],
    )
    assert json.loads(value.to_wire()) == data


def test_threads_may_use_a_class_for_the_first_time_together(compiled: Compiler) -> None:
    node = {"type": "ref", "ref": "#node"}
    value = {"a": {"n": 1, "next": {"n": 2}}, "b": [{"n": 3}]}
    for _ in range(5):
        main = compiled.defs(
            main={"type": "object", "properties": {"a": node, "b": {"type": "array", "items": node}}},
            node={"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}, "next": node}},
        ).Main
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda cls: cls.from_wire(value).to_data(), [main] * 32))
        assert answers == [value] * 32
