"""Parse one lexicon file and hold it against the meta-schema.

The meta-schema is strict: a keyword that a type does not have is refused, since a misspelt constraint that is silently
ignored is worse than none. What can be said of a document alone is said here; what needs others (does a reference lead
anywhere?) in resolve.py.

Source: the lexicon specification; reference implementations' meta-schema for what the text leaves open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import regex

from codegen import schema, syntax
from codegen.node import Node, parse_json
from codegen.problems import Problem, Problems, under

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NAMED_TYPES = frozenset({"boolean", "integer", "string", "bytes", "cid-link", "blob", "array", "object", "token"})
PRIMARY_TYPES = frozenset({"record", "query", "procedure", "subscription", "permission-set"})
PARAMETER_TYPES = frozenset({"boolean", "integer", "string", "unknown"})
SCHEMA_RECORD = "com.atproto.lexicon.schema"
"""The `$type` that a document carries when it is published as a record."""


def parse_document(
    file: str, text: str, expected_id: str | None = None
) -> tuple[schema.Document | None, list[Problem]]:
    """Parse and validate a lexicon file.

    Args:
        file: its path for people, used in problems.
        text: the JSON.
        expected_id: the NSID that its place in the folder asks for.

    Returns:
        The document and no problems, or None and every problem that was found.
    """
    problems = Problems(file)
    try:
        value = parse_json(text)
    except ValueError as error:
        problems.add("$", f"is not JSON: {error}")
        return None, problems.found
    except RecursionError:
        problems.add("$", "is nested too deep")
        return None, problems.found
    document = _document(Node(value, "$", problems), file, expected_id)
    return (None, problems.found) if problems.found else (document, [])


def _document(node: Node, file: str, expected_id: str | None) -> schema.Document:
    version = node.raw("lexicon", required=True)
    if version is not None and (type(version) is not int or version != 1):
        node.fault(f"must be 1, not {version!r}", "lexicon")
    node.text("$type", check=lambda text: text == SCHEMA_RECORD, what=repr(SCHEMA_RECORD))
    nsid = node.text("id", required=True, check=syntax.is_nsid, what="an NSID") or ""
    if nsid and expected_id is not None and nsid != expected_id:
        node.fault(f"must be {expected_id!r}, as the file's place says, not {nsid!r}", "id")
    defs: dict[str, schema.Definition] = {}
    child = node.child("defs", required=True)
    if child is not None:
        for name in child.names():
            defs[name] = _definition(child, name)
        if not defs:
            child.fault("must have a definition")
    document = schema.Document(
        file=file, id=nsid, revision=node.integer("revision"), description=_description(node), defs=defs
    )
    node.close("a lexicon")
    return document


def _description(node: Node) -> str:
    return node.text("description") or ""


def _definition(defs: Node, name: str) -> schema.Definition:
    if not syntax.is_definition_name(name):
        defs.fault("must be a name of letters, digits, - and _ that begins with a letter", name)
    node = defs.child(name, required=True)
    kind = node.text("type", required=True) if node is not None else None
    if node is None or kind is None:
        return schema.Unknown()
    if kind in PRIMARY_TYPES:
        if name != "main":
            node.fault(f"must be 'main' to be a {kind}")
        return _PRIMARIES[kind](node)
    if kind in NAMED_TYPES:
        return _typed(node, kind)
    if kind in _TYPES or kind == "params":
        node.fault(f"must not be a {kind}: it has a meaning only inside another definition", "type")
    else:
        node.fault(f"is not a type: {kind!r}", "type")
    return schema.Unknown()


def _typed(node: Node, kind: str) -> schema.Type:
    parsed = _TYPES[kind](node)
    article = "an" if kind[0] in "aeiou" else "a"
    node.close(f"{article} {kind}")
    return parsed


def _type(parent: Node, key: str, allowed: frozenset[str] | None = None, where: str = "here") -> schema.Type:
    """Parse the type below a keyword; `allowed` narrows which it may be."""
    node = parent.child(key, required=True)
    kind = node.text("type", required=True) if node is not None else None
    if node is None or kind is None:
        return schema.Unknown()
    if kind not in _TYPES and kind != "params" and kind not in PRIMARY_TYPES:
        node.fault(f"is not a type: {kind!r}", "type")
    elif kind not in (FIELD_TYPES if allowed is None else allowed):
        node.fault(f"must not be a {kind} {where}", "type")
    else:
        return _typed(node, kind)
    return schema.Unknown()


def _null(node: Node) -> schema.Null:
    return schema.Null(description=_description(node))


def _boolean(node: Node) -> schema.Boolean:
    parsed = schema.Boolean(
        description=_description(node), default=node.boolean("default"), const=node.boolean("const")
    )
    _exclusive(node, parsed.default, parsed.const)
    return parsed


def _integer(node: Node) -> schema.Integer:
    parsed = schema.Integer(
        description=_description(node),
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
        description=_description(node),
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
        description=_description(node),
        min_length=node.integer("minLength", minimum=0),
        max_length=node.integer("maxLength", minimum=0),
    )
    _ordered(node, "minLength", parsed.min_length, "maxLength", parsed.max_length)
    return parsed


def _cid_link(node: Node) -> schema.CidLink:
    return schema.CidLink(description=_description(node))


def _blob(node: Node) -> schema.Blob:
    return schema.Blob(
        description=_description(node),
        accept=node.texts("accept", check=syntax.is_media_type, what="a media type, type/* or */*"),
        max_size=node.integer("maxSize", minimum=1),
    )


def _array(node: Node) -> schema.Array:
    parsed = schema.Array(
        description=_description(node),
        items=_type(node, "items", where="in an array"),
        min_length=node.integer("minLength", minimum=0),
        max_length=node.integer("maxLength", minimum=0),
    )
    _ordered(node, "minLength", parsed.min_length, "maxLength", parsed.max_length)
    return parsed


def _object(node: Node) -> schema.Object:
    properties = _properties(node, lambda names, name: _type(names, name, where="as a property"))
    return schema.Object(
        description=_description(node),
        properties=properties,
        required=node.names_of("required", properties),
        nullable=node.names_of("nullable", properties),
    )


def _properties(node: Node, parse: Callable[[Node, str], schema.Type]) -> dict[str, schema.Type]:
    names = node.child("properties", required=True)
    if names is None:
        return {}
    for name in names.names():
        if not name:
            names.fault("must not be empty", name)
        elif name.startswith("$"):
            names.fault("must not begin with $, which the data model keeps for itself", name)
    return {name: parse(names, name) for name in names.names()}


def _ref(node: Node) -> schema.Ref:
    ref = node.text("ref", required=True, check=syntax.is_reference, what="nsid, nsid#name or #name")
    return schema.Ref(description=_description(node), ref=ref or "")


def _union(node: Node) -> schema.Union:
    refs = node.texts("refs", required=True, empty=True, check=syntax.is_reference, what="nsid, nsid#name or #name")
    parsed = schema.Union(description=_description(node), refs=refs or (), closed=bool(node.boolean("closed")))
    if parsed.closed and refs == ():
        node.fault("must not be empty when the union is closed", "refs")
    return parsed


def _unknown(node: Node) -> schema.Unknown:
    return schema.Unknown(description=_description(node))


def _token(node: Node) -> schema.Token:
    return schema.Token(description=_description(node))


def _parameter(names: Node, name: str) -> schema.Type:
    parsed = _type(names, name, PARAMETER_TYPES | {"array"}, "as a parameter")
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
    properties = _properties(node, _parameter)
    parsed = schema.Params(
        description=_description(node), properties=properties, required=node.names_of("required", properties)
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
        parsed = _type(node, "schema", frozenset({"ref", "union", "object"}), "as the schema of a body")
    narrowed = parsed if isinstance(parsed, schema.Ref | schema.Union | schema.Object) else None
    if narrowed is not None and encoding is not None and encoding != "application/json":
        node.fault(f"must be 'application/json' with a schema, not {encoding!r}", "encoding")
    body = schema.Body(description=_description(node), encoding=encoding or "", schema=narrowed)
    node.close("a body")
    return body


def _errors(method: Node) -> tuple[schema.ErrorName, ...]:
    errors: list[schema.ErrorName] = []
    for node in method.children("errors"):
        name = node.text("name", required=True, check=syntax.is_error_name, what="a name without white space") or ""
        if any(error.name == name for error in errors):
            node.fault(f"declares {name!r} once more", "name")
        errors.append(schema.ErrorName(name=name, description=_description(node)))
        node.close("an error")
    return tuple(errors)


def _record(node: Node) -> schema.Record:
    key = node.text(
        "key", required=True, check=syntax.is_record_key_type, what="tid, nsid, any or literal: and a record key"
    )
    parsed = _type(node, "record", frozenset({"object"}), "as a record")
    record = parsed if isinstance(parsed, schema.Object) else schema.Object(properties={})
    result = schema.Record(description=_description(node), key=key or "", record=record)
    node.close("a record")
    return result


def _query(node: Node) -> schema.Query:
    parsed = schema.Query(
        description=_description(node),
        parameters=_params(node),
        output=_body(node, "output"),
        errors=_errors(node),
    )
    node.close("a query")
    return parsed


def _procedure(node: Node) -> schema.Procedure:
    parsed = schema.Procedure(
        description=_description(node),
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
        parsed = _type(message, "schema", frozenset({"union"}), "as the schema of a message")
        union = parsed if isinstance(parsed, schema.Union) else None
        _description(message)
        message.close("a message")
    result = schema.Subscription(
        description=_description(node), parameters=_params(node), message=union, errors=_errors(node)
    )
    node.close("a subscription")
    return result


def _permission_set(node: Node) -> schema.PermissionSet:
    node.raw("permissions", required=True)
    parsed = schema.PermissionSet(
        description=_description(node),
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


def _exclusive(node: Node, default: object, const: object) -> None:
    if default is not None and const is not None:
        node.fault("must not stand beside const", "default")


def _ordered(node: Node, low_key: str, low: int | None, high_key: str, high: int | None) -> None:
    if low is not None and high is not None and low > high:
        node.fault(f"must not be greater than {high_key} ({high})", low_key)


def _fitting(node: Node, rule: schema.Integer | schema.String, fault: Callable[[Any], str | None]) -> None:
    """Note values that the other keywords of the same type refuse."""
    _exclusive(node, rule.default, rule.const)
    for key, value in (("default", rule.default), ("const", rule.const)):
        if value is None:
            continue
        if rule.enum is not None and value not in rule.enum:
            node.fault("must be one of enum", key)
        reason = fault(value)
        if reason is not None:
            node.fault(reason, key)
    for at, value in enumerate(rule.enum or ()):
        reason = fault(value)
        if reason is not None:
            node.fault(reason, under("enum", at).removeprefix("$."))


_TYPES: dict[str, Callable[[Node], schema.Type]] = {
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
FIELD_TYPES = frozenset(_TYPES) - {"token"}

_PRIMARIES: dict[str, Callable[[Node], schema.Primary]] = {
    "record": _record,
    "query": _query,
    "procedure": _procedure,
    "subscription": _subscription,
    "permission-set": _permission_set,
}
