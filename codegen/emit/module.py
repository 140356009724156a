"""One document as a module that is not text yet: classes with their fields, and what they need of each other.

A field is *deferred*, its annotation quoted, when a class that it names does not exist yet while its own class is made:
two classes that name each other, or two modules that do. Everything else is evaluated once, when the module is
compiled, which is a good part of what an import costs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codegen import schema
from codegen.emit.plan import INPUT, PARAMS, ClassPlan
from codegen.names import attribute_names, snake_case
from codegen.problems import under
from codegen.types import Scope, quoted, type_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from codegen.emit.plan import Plan
    from codegen.resolve import Catalog

Named = tuple[str, str]
"""A class: the NSID of its document and its name."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a class. `default` is the text of its default, None when it must be given."""

    attribute: str
    wire_name: str
    annotation: str
    default: str | None
    nullable: bool
    documentation: str
    names: frozenset[Named] = frozenset()


@dataclass(frozen=True, slots=True)
class Class:
    """A class with its fields."""

    plan: ClassPlan
    fields: tuple[Field, ...]


@dataclass(slots=True)
class Module:
    """A module: its document, its classes in the order in which they must be made, what their text needs."""

    document: schema.Document
    name: str
    scope: Scope
    classes: list[Class] = field(default_factory=list)
    aliases: list[Field] = field(default_factory=list)

    @property
    def foreign(self) -> set[str]:
        """The NSIDs of the other documents whose classes it names."""
        return {nsid for nsid, _ in self.scope.named if nsid != self.document.id}


def module_of(document: schema.Document, catalog: Catalog, plans: dict[str, Plan]) -> Module:
    """Build the classes of a document."""
    avoid = frozenset(snake_case(name) for name in _property_names(plans[document.id]))
    module = Module(document, catalog.modules[document.id], Scope(catalog, plans, document, avoid))
    built = {plan.name: _class_of(plan, module.scope) for plan in plans[document.id].classes.values()}
    module.classes = _in_order(built, document.id)
    module.aliases = list(_aliases(module.scope))
    return module


def _property_names(plan: Plan) -> Iterator[str]:
    for known in plan.classes.values():
        if isinstance(known.body, schema.Object | schema.Params):
            yield from known.body.properties


def _class_of(plan: ClassPlan, scope: Scope) -> Class:
    scope.need_runtime("models")
    body = plan.body
    if isinstance(body, schema.Object | schema.Params):
        attributes = attribute_names(body.properties)
        return Class(plan, tuple(_field(plan, body, name, attributes[name], scope) for name in body.properties))
    if body is not None:
        annotation, names = _annotation(body, scope, plan.path)
        return Class(plan, (Field("root", "root", annotation, None, False, "", names),))
    return Class(plan, ())


def _annotation(definition: schema.Type, scope: Scope, path: str) -> tuple[str, frozenset[Named]]:
    before = scope.named
    scope.named = set()
    annotation = type_of(definition, scope, scope.document, path)
    names = frozenset(scope.named)
    scope.named = before | names
    return annotation, names


def _field(plan: ClassPlan, body: schema.Object | schema.Params, name: str, attribute: str, scope: Scope) -> Field:
    definition = body.properties[name]
    if isinstance(definition, schema.Unknown) and plan.base == PARAMS:
        definition = schema.String(description=definition.description)  # a query string holds nothing but text
    annotation, names = _annotation(definition, scope, under(f"{plan.path}.properties", name))
    may_be_null = isinstance(body, schema.Object) and name in body.nullable
    default = _default(plan, definition)
    if default is None and name not in body.required:
        default = "None"
    if (may_be_null or default == "None") and annotation != "None":
        annotation = f"{annotation} | None"
    return Field(
        attribute=attribute,
        wire_name=name,
        annotation=annotation,
        default=default,
        nullable=may_be_null and default is not None,
        documentation=documentation_of(definition, default_is_said=default not in {None, "None"}),
        names=names,
    )


def _default(plan: ClassPlan, definition: schema.Type) -> str | None:
    """Answer the default that a receiver fills in: of parameters and inputs, never of what is stored or answered."""
    if plan.base not in {PARAMS, INPUT} or not isinstance(definition, schema.Boolean | schema.Integer | schema.String):
        return None
    value = definition.default
    if value is None:
        return None
    return quoted(value) if isinstance(value, str) else repr(value)


def documentation_of(definition: schema.Type, *, default_is_said: bool = False) -> str:
    """Answer what the type expression, or the default beside it, does not say."""
    parts = [definition.description]
    inner = definition.items if isinstance(definition, schema.Array) else definition
    if isinstance(inner, schema.String) and inner.known_values:
        parts.append(f"Known values: {', '.join(inner.known_values)}.")
    if inner is not definition and inner.description:
        parts.append(f"Each: {inner.description}")
    default = getattr(definition, "default", None)
    if default is not None and not default_is_said:
        parts.append(f"A reader takes an absent one for {default!r}.")
    return "\n\n".join(part for part in parts if part.strip())


def _in_order(classes: Mapping[str, Class], nsid: str) -> list[Class]:
    """Order classes so that each follows those that it names, as far as they do not name it back."""
    ordered: dict[str, Class] = {}
    entered: set[str] = set()

    def visit(name: str) -> None:
        if name in entered:
            return
        entered.add(name)
        for field_of_class in classes[name].fields:
            for other_nsid, other in sorted(field_of_class.names):
                if other_nsid == nsid:
                    visit(other)
        ordered[name] = classes[name]

    for name in classes:
        visit(name)
    return list(ordered.values())


def _aliases(scope: Scope) -> Iterator[Field]:
    """Yield the definitions that are no objects, as names for their expressions."""
    for name, definition in scope.document.defs.items():
        if isinstance(definition, schema.Type) and not isinstance(definition, schema.Object | schema.Token):
            annotation, names = _annotation(definition, scope, under("$.defs", name))
            yield Field(name, name, annotation, None, False, documentation_of(definition), names)
