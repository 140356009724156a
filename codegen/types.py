"""One lexicon type to one Python type expression.

Each function takes the definition and answers text such as `Annotated[str, constraints.Text(max_bytes=512)]`. What the
text needs (a name of `typing`, a module) is noted in the `Scope`, and so are the classes that it names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codegen import schema
from codegen.names import unused
from codegen.problems import under

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codegen.emit.plan import Plan
    from codegen.resolve import Catalog

FORMAT_ALIASES = {
    "at-identifier": "AtIdentifier",
    "at-uri": "AtUri",
    "cid": "CidText",
    "datetime": "Datetime",
    "did": "Did",
    "handle": "Handle",
    "language": "Language",
    "nsid": "Nsid",
    "record-key": "RecordKey",
    "tid": "Tid",
    "uri": "Uri",
}


@dataclass(slots=True)
class Scope:
    """One module under construction: where its references lead and what its text needs."""

    catalog: Catalog
    plans: dict[str, Plan]
    document: schema.Document
    avoid: frozenset[str] = frozenset()
    typing: set[str] = field(default_factory=set)
    runtime: set[str] = field(default_factory=set)
    methods: set[str] = field(default_factory=set)
    field_calls: bool = False
    imports: dict[str, str] = field(default_factory=dict)
    named: set[tuple[str, str]] = field(default_factory=set)
    expanding: set[tuple[str, str]] = field(default_factory=set)

    def need_typing(self, name: str) -> str:
        """Note a name of `typing` and answer it."""
        self.typing.add(name)
        return name

    def need_runtime(self, module: str) -> str:
        """Note a module of `tonearm.xrpc` and answer it."""
        self.runtime.add(module)
        return module

    def need_method(self, name: str) -> str:
        """Note a name of `tonearm.xrpc.method` and answer it."""
        self.methods.add(name)
        return name

    def class_at(self, nsid: str, path: str) -> str:
        """Answer how this module names the class of an object, here or in another module."""
        name = self.plans[nsid].classes[path].name
        self.named.add((nsid, name))
        if nsid == self.document.id:
            return name
        return f"{self.alias(self.catalog.modules[nsid])}.{name}"

    def alias(self, module: str) -> str:
        """Answer the name under which another generated module is imported: its last two parts, more if need be."""
        if module not in self.imports:
            parts = self.catalog.place_of(module).split(".")
            names = ["_".join(parts[-length:]) for length in range(2, len(parts) + 1)]
            taken = {*self.imports.values(), *self.avoid}
            self.imports[module] = next((name for name in names if name not in taken), unused(names[-1], taken))
        return self.imports[module]


def type_of(definition: schema.Type, scope: Scope, document: schema.Document, path: str) -> str:
    """Answer the expression of a definition, which stands in `document` at a JSON path."""
    match definition:
        case schema.Null():
            return "None"
        case schema.Boolean():
            return boolean(definition, scope)
        case schema.Integer():
            return integer(definition, scope)
        case schema.String():
            return string(definition, scope)
        case schema.Bytes():
            return byte_string(definition, scope)
        case schema.CidLink():
            return f"{scope.need_runtime('values')}.CidLink"
        case schema.Blob():
            return blob(definition, scope)
        case schema.Array():
            return array(definition, scope, document, path)
        case schema.Object():
            return scope.class_at(document.id, path)
        case schema.Ref():
            return reference(definition, scope, document)
        case schema.Union():
            return union(definition, scope, document)
        case schema.Unknown() | schema.Token():
            return f"{scope.need_runtime('values')}.UnknownObject"


def quoted(text: str) -> str:
    """Answer a string literal, in double quotes unless that costs escapes."""
    literal = repr(text)
    if literal[0] == "'" and '"' not in literal:
        return f'"{literal[1:-1]}"'
    return literal


def call(name: str, **arguments: object) -> str:
    """Answer a call with the arguments that are not None."""
    given = (f"{key}={value!r}" for key, value in arguments.items() if value is not None)
    return f"{name}({', '.join(given)})"


def one_of(values: Iterable[str | int | bool], scope: Scope) -> str:
    """Answer a Literal of values."""
    texts = (quoted(value) if isinstance(value, str) else repr(value) for value in values)
    return f"{scope.need_typing('Literal')}[{', '.join(texts)}]"


def annotated(base: str, constraint: str, scope: Scope) -> str:
    """Answer a type with a constraint."""
    return f"{scope.need_typing('Annotated')}[{base}, {constraint}]"


def boolean(rule: schema.Boolean, scope: Scope) -> str:
    """Answer `bool`, or a constant."""
    if rule.const is None:
        return "bool"
    return annotated(one_of([rule.const], scope), f"{scope.need_runtime('constraints')}.Boolean()", scope)


def integer(rule: schema.Integer, scope: Scope) -> str:
    """Answer a safe integer with its bounds, or a choice of integers."""
    constraints = scope.need_runtime("constraints")
    choice = rule.enum if rule.const is None else (rule.const,)
    if choice is not None:
        return annotated(one_of(choice, scope), f"{constraints}.Integer()", scope)
    if rule.minimum is None and rule.maximum is None:
        return f"{constraints}.Int"
    return annotated("int", call(f"{constraints}.Integer", minimum=rule.minimum, maximum=rule.maximum), scope)


def string(rule: schema.String, scope: Scope) -> str:
    """Answer a text with its lengths and format, or a choice of texts. Known values are documentation."""
    choice = rule.enum if rule.const is None else (rule.const,)
    if choice is not None:
        # The document's own check has held the choices against the lengths.
        base = one_of(choice, scope)
        return base if rule.format is None else annotated(base, _text(scope, rule.format), scope)
    lengths = (rule.min_length, rule.max_length, rule.min_graphemes, rule.max_graphemes)
    if lengths == (None, None, None, None):
        return "str" if rule.format is None else f"{scope.need_runtime('constraints')}.{FORMAT_ALIASES[rule.format]}"
    return annotated("str", _text(scope, rule.format, *lengths), scope)


def _text(
    scope: Scope,
    text_format: str | None,
    min_bytes: int | None = None,
    max_bytes: int | None = None,
    min_graphemes: int | None = None,
    max_graphemes: int | None = None,
) -> str:
    lengths = {
        "min_bytes": min_bytes,
        "max_bytes": max_bytes,
        "min_graphemes": min_graphemes,
        "max_graphemes": max_graphemes,
    }
    arguments = [] if text_format is None else [quoted(text_format)]
    arguments += [f"{name}={limit}" for name, limit in lengths.items() if limit is not None]
    return f"{scope.need_runtime('constraints')}.Text({', '.join(arguments)})"


def byte_string(rule: schema.Bytes, scope: Scope) -> str:
    """Answer bytes with their lengths."""
    values = scope.need_runtime("values")
    if rule.min_length is None and rule.max_length is None:
        return f"{values}.ByteString"
    return annotated("bytes", call(f"{values}.Bytes", minimum=rule.min_length, maximum=rule.max_length), scope)


def blob(rule: schema.Blob, scope: Scope) -> str:
    """Answer a blob with what it may be."""
    values = scope.need_runtime("values")
    arguments = []
    if rule.accept is not None:
        globs = "".join(f"{quoted(glob)}, " for glob in rule.accept)
        arguments.append(f"accept=({globs.strip() if len(rule.accept) == 1 else globs.removesuffix(', ')})")
    if rule.max_size is not None:
        arguments.append(f"max_size={rule.max_size}")
    if not arguments:
        return f"{values}.Blob"
    return annotated(f"{values}.Blob", f"{values}.BlobRule({', '.join(arguments)})", scope)


def array(rule: schema.Array, scope: Scope, document: schema.Document, path: str) -> str:
    """Answer a list with its lengths."""
    base = f"list[{type_of(rule.items, scope, document, under(path, 'items'))}]"
    if rule.min_length is None and rule.max_length is None:
        return base
    items = call(f"{scope.need_runtime('constraints')}.Items", minimum=rule.min_length, maximum=rule.max_length)
    return annotated(base, items, scope)


def reference(rule: schema.Ref, scope: Scope, document: schema.Document) -> str:
    """Answer the class of an object, the name of a token, or the expression of any other definition in place."""
    target = scope.catalog.find(document, rule.ref)
    if target is None:
        return type_of(schema.Unknown(), scope, document, "$")
    path = under("$.defs", target.name)
    match target.definition:
        case schema.Record():
            return scope.class_at(target.document.id, f"{path}.record")
        case schema.Token():
            return one_of([target.full_name], scope)
        case schema.Query() | schema.Procedure() | schema.Subscription() | schema.PermissionSet():
            return type_of(schema.Unknown(), scope, document, "$")
        case definition:
            return _in_place(definition, scope, target.document, path)


def _in_place(definition: schema.Type, scope: Scope, document: schema.Document, path: str) -> str:
    """Expand a definition where it is referred to; one that leads back to itself, a reported fault, is unknown."""
    here = (document.id, path)
    if here in scope.expanding:
        return type_of(schema.Unknown(), scope, document, path)
    scope.expanding.add(here)
    expression = type_of(definition, scope, document, path)
    scope.expanding.discard(here)
    return expression


def union(rule: schema.Union, scope: Scope, document: schema.Document) -> str:
    """Answer the classes of the members, and any other object when the union is open."""
    members, tags = [], []
    for ref in rule.refs:
        target = scope.catalog.find(document, ref)
        if target is None or not isinstance(target.definition, schema.Object | schema.Record):
            continue
        if quoted(target.full_name) not in tags:
            members.append(reference(schema.Ref(ref=ref), scope, document))
            tags.append(quoted(target.full_name))
    kind = "ClosedUnion" if rule.closed and members else "OpenUnion"
    if kind == "OpenUnion":
        members.append(f"dict[str, {scope.need_typing('Any')}]")
    return annotated(" | ".join(members), f"{scope.need_runtime('values')}.{kind}({', '.join(tags)})", scope)
