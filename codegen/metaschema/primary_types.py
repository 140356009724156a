"""Parse what only the main definition of a document can be: records, methods, permission sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codegen import schema
from codegen.metaschema import syntax
from codegen.metaschema.field_types import description_of, properties_of, type_below

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codegen.metaschema.node import Node

PARAMETER_TYPES = frozenset({"boolean", "integer", "string", "unknown"})


def _parameter(names: Node, name: str) -> schema.Type:
    parsed = type_below(names, name, PARAMETER_TYPES | {"array"}, "as a parameter")
    if isinstance(parsed, schema.Array):
        kind = type(parsed.items)
        if kind not in {schema.Boolean, schema.Integer, schema.String, schema.Unknown}:
            names.fault("must be an array of boolean, integer, string or unknown", name)
    return parsed


def _params(method: Node) -> schema.Params | None:
    node = method.child("parameters")
    if node is None:
        return None
    if node.text("type", required=True) not in {"params", None}:
        node.fault("must be 'params'", "type")
    properties = properties_of(node, _parameter)
    parsed = schema.Params(
        description=description_of(node), properties=properties, required=node.names_of("required", properties)
    )
    node.close("params")
    return parsed


def _body(method: Node, key: str) -> schema.Body | None:
    node = method.child(key)
    if node is None:
        return None
    encoding = node.text(
        "encoding", required=True, check=syntax.is_media_type, what="one media type without parameters"
    )
    parsed = None
    if node.raw("schema") is not None:
        parsed = type_below(node, "schema", frozenset({"ref", "union", "object"}), "as the schema of a body")
    narrowed = parsed if isinstance(parsed, schema.Ref | schema.Union | schema.Object) else None
    if narrowed is not None and encoding is not None and encoding != "application/json":
        node.fault(f"must be 'application/json' with a schema, not {encoding!r}", "encoding")
    body = schema.Body(description=description_of(node), encoding=encoding or "", schema=narrowed)
    node.close("a body")
    return body


def _errors(method: Node) -> tuple[schema.ErrorName, ...]:
    errors: list[schema.ErrorName] = []
    for node in method.children("errors"):
        name = node.text("name", required=True, check=syntax.is_error_name, what="a name without white space") or ""
        if name and any(error.name == name for error in errors):
            node.fault(f"declares {name!r} once more", "name")
        errors.append(schema.ErrorName(name=name, description=description_of(node)))
        node.close("an error")
    return tuple(errors)


def _record(node: Node) -> schema.Record:
    key = node.text(
        "key", required=True, check=syntax.is_record_key_type, what="tid, nsid, any or literal: and a record key"
    )
    parsed = type_below(node, "record", frozenset({"object"}), "as a record")
    record = parsed if isinstance(parsed, schema.Object) else schema.Object(properties={})
    result = schema.Record(description=description_of(node), key=key or "", record=record)
    node.close("a record")
    return result


def _query(node: Node) -> schema.Query:
    parsed = schema.Query(
        description=description_of(node),
        parameters=_params(node),
        output=_body(node, "output"),
        errors=_errors(node),
    )
    node.close("a query")
    return parsed


def _procedure(node: Node) -> schema.Procedure:
    parsed = schema.Procedure(
        description=description_of(node),
        parameters=_params(node),
        input=_body(node, "input"),
        output=_body(node, "output"),
        errors=_errors(node),
    )
    node.close("a procedure")
    return parsed


def _subscription(node: Node) -> schema.Subscription:
    message = node.child("message")
    union: schema.Union | None = None
    if message is not None:
        parsed = type_below(message, "schema", frozenset({"union"}), "as the schema of a message")
        union = parsed if isinstance(parsed, schema.Union) else None
        description_of(message)
        message.close("a message")
    result = schema.Subscription(
        description=description_of(node), parameters=_params(node), message=union, errors=_errors(node)
    )
    node.close("a subscription")
    return result


def _permission_set(node: Node) -> schema.PermissionSet:
    node.raw("permissions", required=True)
    parsed = schema.PermissionSet(
        description=description_of(node),
        title=node.text("title") or "",
        detail=node.text("detail") or "",
        title_by_language=_by_language(node, "title:lang"),
        detail_by_language=_by_language(node, "detail:lang"),
        permissions=tuple(_permission(child) for child in node.children("permissions")),
    )
    node.close("a permission-set")
    return parsed


def _by_language(node: Node, key: str) -> Mapping[str, str]:
    child = node.child(key)
    texts: dict[str, str] = {}
    for language in child.names() if child is not None else ():
        if child is not None:
            if not syntax.is_language(language):
                child.fault("must be a language tag", language)
            texts[language] = child.text(language) or ""
    return texts


def _permission(node: Node) -> schema.Permission:
    if node.text("type", required=True) not in {"permission", None}:
        node.fault("must be 'permission'", "type")
    resource = node.text("resource", required=True, check=bool, what="the name of a resource") or ""
    parameters: dict[str, Any] = {}
    for key in node.names():
        if key not in {"type", "resource"}:
            value = node.raw(key)
            parameters[key] = tuple(value) if isinstance(value, list) else value
            if not all(isinstance(scalar, str | int) for scalar in (value if isinstance(value, list) else [value])):
                node.fault("must be a string, an integer, a boolean or an array of them", key)
    return schema.Permission(resource=resource, parameters=parameters)


PRIMARIES: dict[str, Callable[[Node], schema.Primary]] = {
    "record": _record,
    "query": _query,
    "procedure": _procedure,
    "subscription": _subscription,
    "permission-set": _permission_set,
}
