"""Which classes a document becomes, and their names.

Every object of a document gets a class, also one inside another: `Output`, and `OutputTrack` for the object that
stands as its property `track`. A class is known by the JSON path of its object, so that a reference from another
document finds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codegen import schema
from codegen.names import pascal_case, unused
from codegen.problems import under

if TYPE_CHECKING:
    from collections.abc import Iterator

PARAMS, INPUT, OUTPUT, OBJECT, RECORD, WRAPPED = "Params", "Input", "Output", "Object", "Record", "Wrapped"
"""The bases in `tonearm.xrpc.models`."""

NAMES_OF_A_MODULE = frozenset({"ERRORS", "KEY", "METHOD", "NSID", "PERMISSIONS", "Message"})


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """A class to generate. `body` is None for `Params` without parameters; `type_name` stands as its `$type`."""

    path: str
    name: str
    base: str
    body: schema.Object | schema.Params | schema.Ref | schema.Union | None
    description: str
    type_name: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The classes of one document by JSON path, in the order of the document."""

    document: schema.Document
    classes: dict[str, ClassPlan]


def plan_of(document: schema.Document) -> Plan:
    """Name the classes of a document: those of its method or record first, so that no other takes their names."""
    plan = Plan(document, {})
    for name in sorted(document.defs, key=lambda name: name != "main"):
        definition = document.defs[name]
        path = under("$.defs", name)
        match definition:
            case schema.Record():
                _add_object(
                    plan, f"{path}.record", "Record", RECORD, definition.record, definition.description, document.id
                )
            case schema.Query() | schema.Procedure() | schema.Subscription():
                _add_method(plan, path, definition)
            case schema.Object():
                type_name = document.id if name == "main" else f"{document.id}#{name}"
                _add_object(plan, path, pascal_case(name), OBJECT, definition, definition.description, type_name)
            case schema.Array():
                _add_inside(plan, under(path, "items"), f"{pascal_case(name)}Item", OBJECT, definition.items)
    return plan


def _add_method(plan: Plan, path: str, method: schema.Method) -> None:
    parameters = method.parameters
    where = f"{path}.parameters"
    description = parameters.description if parameters else ""
    plan.classes[where] = ClassPlan(where, "Params", PARAMS, parameters, description)
    if isinstance(method, schema.Procedure):
        _add_body(plan, f"{path}.input.schema", INPUT, method.input)
    if not isinstance(method, schema.Subscription):
        _add_body(plan, f"{path}.output.schema", OUTPUT, method.output)


def _add_body(plan: Plan, path: str, name: str, body: schema.Body | None) -> None:
    if body is None or body.schema is None:
        return
    if isinstance(body.schema, schema.Object):
        _add_object(plan, path, name, name, body.schema, body.schema.description or body.description)
    elif isinstance(body.schema, schema.Union):
        plan.classes[path] = ClassPlan(path, name, WRAPPED, body.schema, body.description)


def _add_object(
    plan: Plan, path: str, name: str, base: str, body: schema.Object, description: str, type_name: str | None = None
) -> None:
    taken = {known.name for known in plan.classes.values()} | NAMES_OF_A_MODULE
    name = unused(f"{name}Def" if name in taken else name, taken)
    plan.classes[path] = ClassPlan(path, name, base, body, description, type_name)
    inner = OBJECT if base == RECORD else base
    for key, child in body.properties.items():
        _add_inside(plan, under(f"{path}.properties", key), f"{name}{pascal_case(key)}", inner, child)


def _add_inside(plan: Plan, path: str, name: str, base: str, definition: schema.Type) -> None:
    if isinstance(definition, schema.Object):
        _add_object(plan, path, name, base, definition, definition.description)
    elif isinstance(definition, schema.Array):
        _add_inside(plan, under(path, "items"), f"{name}Item", base, definition.items)


def objects_named(plan: Plan) -> Iterator[tuple[str, ClassPlan]]:
    """Yield the classes that have a `$type`, by it."""
    for known in plan.classes.values():
        if known.type_name is not None:
            yield known.type_name, known
