"""Parse the types that a field can have, each with its keywords and what they demand of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import regex

from codegen import schema
from codegen.metaschema import syntax
from codegen.metaschema.node import with_article

if TYPE_CHECKING:
    from collections.abc import Callable

    from codegen.metaschema.node import Node

RESERVED_PROPERTIES = frozenset({"$type", "$link", "$bytes"})
PRIMARY_TYPES = frozenset({"record", "query", "procedure", "subscription", "permission-set"})


def description_of(node: Node) -> str:
    """Answer what every definition may say of itself."""
    return node.text("description") or ""


def typed(node: Node, kind: str) -> schema.Type:
    """Parse an object of a known type, every keyword of it."""
    parsed = TYPES[kind](node)
    node.close(with_article(kind))
    return parsed


def type_below(parent: Node, key: str, allowed: frozenset[str] | None = None, where: str = "here") -> schema.Type:
    """Parse the type below a keyword; `allowed` narrows which it may be."""
    node = parent.child(key, required=True)
    kind = node.text("type", required=True) if node is not None else None
    if node is None or kind is None:
        return schema.Unknown()
    if kind not in TYPES and kind != "params" and kind not in PRIMARY_TYPES:
        node.fault(f"is not a type: {kind!r}", "type")
    elif kind not in (FIELD_TYPES if allowed is None else allowed):
        node.fault(f"must not be {with_article(kind)} {where}", "type")
    else:
        return typed(node, kind)
    return schema.Unknown()


def _null(node: Node) -> schema.Null:
    return schema.Null(description=description_of(node))


def _boolean(node: Node) -> schema.Boolean:
    parsed = schema.Boolean(
        description=description_of(node), default=node.boolean("default"), const=node.boolean("const")
    )
    _exclusive(node, parsed.default, parsed.const)
    return parsed


def _integer(node: Node) -> schema.Integer:
    parsed = schema.Integer(
        description=description_of(node),
        minimum=node.integer("minimum"),
        maximum=node.integer("maximum"),
        enum=node.integers("enum"),
        const=node.integer("const"),
        default=node.integer("default"),
    )
    _ordered(node, "minimum", parsed.minimum, "maximum", parsed.maximum)

    def fault(value: int) -> str | None:
        if parsed.minimum is not None and value < parsed.minimum:
            return f"must not be less than the minimum {parsed.minimum}"
        if parsed.maximum is not None and value > parsed.maximum:
            return f"must not be greater than the maximum {parsed.maximum}"
        return None

    _fitting(node, parsed, fault)
    return parsed


def _string(node: Node) -> schema.String:
    formats = ", ".join(schema.FORMATS)
    parsed = schema.String(
        description=description_of(node),
        format=node.text("format", check=lambda text: text in schema.FORMATS, what=f"one of {formats}"),
        min_length=node.integer("minLength", minimum=0),
        max_length=node.integer("maxLength", minimum=0),
        min_graphemes=node.integer("minGraphemes", minimum=0),
        max_graphemes=node.integer("maxGraphemes", minimum=0),
        enum=node.texts("enum"),
        const=node.text("const"),
        known_values=node.texts("knownValues", empty=True),
        default=node.text("default"),
    )
    _ordered(node, "minLength", parsed.min_length, "maxLength", parsed.max_length)
    _ordered(node, "minGraphemes", parsed.min_graphemes, "maxGraphemes", parsed.max_graphemes)
    _ordered(node, "minGraphemes", parsed.min_graphemes, "maxLength", parsed.max_length)
    _fitting(node, parsed, lambda text: _length_fault(parsed, text))
    return parsed


def _length_fault(rule: schema.String, text: str) -> str | None:
    size, clusters = len(text.encode("utf-8", "surrogatepass")), len(regex.findall(r"\X", text))
    if not (rule.min_length or 0) <= size <= (size if rule.max_length is None else rule.max_length):
        return f"has {size} bytes, which minLength or maxLength refuses"
    if not (rule.min_graphemes or 0) <= clusters <= (clusters if rule.max_graphemes is None else rule.max_graphemes):
        return f"has {clusters} graphemes, which minGraphemes or maxGraphemes refuses"
    return None


def _bytes(node: Node) -> schema.Bytes:
    parsed = schema.Bytes(
        description=description_of(node),
        min_length=node.integer("minLength", minimum=0),
        max_length=node.integer("maxLength", minimum=0),
    )
    _ordered(node, "minLength", parsed.min_length, "maxLength", parsed.max_length)
    return parsed


def _cid_link(node: Node) -> schema.CidLink:
    return schema.CidLink(description=description_of(node))


def _blob(node: Node) -> schema.Blob:
    return schema.Blob(
        description=description_of(node),
        accept=node.texts("accept", check=syntax.is_media_type, what="a media type, type/* or */*"),
        max_size=node.integer("maxSize", minimum=1),
    )


def _array(node: Node) -> schema.Array:
    parsed = schema.Array(
        description=description_of(node),
        items=type_below(node, "items", where="in an array"),
        min_length=node.integer("minLength", minimum=0),
        max_length=node.integer("maxLength", minimum=0),
    )
    _ordered(node, "minLength", parsed.min_length, "maxLength", parsed.max_length)
    return parsed


def _object(node: Node) -> schema.Object:
    properties = properties_of(node, lambda names, name: type_below(names, name, where="as a property"))
    return schema.Object(
        description=description_of(node),
        properties=properties,
        required=node.names_of("required", properties),
        nullable=node.names_of("nullable", properties),
    )


def properties_of(node: Node, parse: Callable[[Node, str], schema.Type]) -> dict[str, schema.Type]:
    """Parse named properties; each is read by `parse` from the object that holds them all."""
    names = node.child("properties", required=True)
    if names is None:
        return {}
    for name in names.names():
        if not name:
            names.fault("must not be empty", name)
        elif name in RESERVED_PROPERTIES:
            names.fault("must not be a property: the data model uses the name itself", name)
    return {name: parse(names, name) for name in names.names()}


def _ref(node: Node) -> schema.Ref:
    ref = node.text("ref", required=True, check=syntax.is_reference, what="nsid, nsid#name or #name")
    return schema.Ref(description=description_of(node), ref=ref or "")


def _union(node: Node) -> schema.Union:
    refs = node.texts("refs", required=True, empty=True, check=syntax.is_reference, what="nsid, nsid#name or #name")
    parsed = schema.Union(description=description_of(node), refs=refs or (), closed=bool(node.boolean("closed")))
    if parsed.closed and refs == ():
        node.fault("must not be empty when the union is closed", "refs")
    return parsed


def _unknown(node: Node) -> schema.Unknown:
    return schema.Unknown(description=description_of(node))


def _token(node: Node) -> schema.Token:
    return schema.Token(description=description_of(node))


def _exclusive(node: Node, default: object, const: object) -> None:
    if default is not None and const is not None:
        node.fault("must not stand beside const", "default")


def _ordered(node: Node, low_key: str, low: int | None, high_key: str, high: int | None) -> None:
    if low is not None and high is not None and low > high:
        node.fault(f"must not be greater than {high_key} ({high})", low_key)


def _fitting(node: Node, rule: schema.Integer | schema.String, fault: Callable[[Any], str | None]) -> None:
    """Note values that the other keywords of the same type refuse."""
    _exclusive(node, rule.default, rule.const)
    single: dict[str, int | str | None] = {"default": rule.default, "const": rule.const}
    for key, value in single.items():
        if value is None:
            continue
        if rule.enum is not None and value not in rule.enum:
            node.fault("must be one of enum", key)
        reason = fault(value)
        if reason is not None:
            node.fault(reason, key)
    for at, choice in enumerate(rule.enum or ()):
        reason = fault(choice)
        if reason is not None:
            node.fault(reason, "enum", at)


TYPES: dict[str, Callable[[Node], schema.Type]] = {
    "null": _null,
    "boolean": _boolean,
    "integer": _integer,
    "string": _string,
    "bytes": _bytes,
    "cid-link": _cid_link,
    "blob": _blob,
    "array": _array,
    "object": _object,
    "ref": _ref,
    "union": _union,
    "unknown": _unknown,
    "token": _token,
}
FIELD_TYPES = frozenset(TYPES) - {"token"}
