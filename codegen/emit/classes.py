"""The text of classes and of names for definitions that are no objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codegen import schema
from codegen.emit.plan import INPUT, NAMES_OF_A_MODULE, OUTPUT, PARAMS, RECORD, WRAPPED
from codegen.emit.text import WIDTH, docstring, string_parts, wrapped
from codegen.names import constant_case, pascal_case, unused
from codegen.types import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codegen.emit.module import Class, Field, Module, Named


def classes_of(module: Module, late: set[str]) -> list[str]:
    """Answer the classes of a module. `late` are the NSIDs whose modules are imported last."""
    made: set[Named] = set()
    texts = []
    for built in module.classes:
        texts.append(_class_text(built, module, late, made))
        made.add((module.document.id, built.plan.name))
    return texts


def _class_text(built: Class, module: Module, late: set[str], made: set[Named]) -> str:
    plan = built.plan
    lines = [f"class {plan.name}(models.{plan.base}):\n", docstring(_class_documentation(built, module), "    ")]
    facts = []
    if plan.type_name is not None:
        facts.append(f"    TYPE: {module.scope.need_typing('ClassVar')}[str] = {_type_name(built, module)}\n")
    nullable = [field.attribute for field in built.fields if field.nullable]
    if nullable:
        class_var = f"{module.scope.need_typing('ClassVar')}[frozenset[str]]"
        names = ", ".join(quoted(name) for name in nullable)
        facts.append(wrapped(f"NULLABLE: {class_var} = frozenset({{{names}}})", "    "))
    if facts:
        lines += ["\n", *facts]
    if built.fields:
        lines.append("\n")
    for field in built.fields:
        deferred = any(_is_late(name, module, late, made) for name in field.names)
        lines.append(_field_text(field, module, deferred=deferred))
        if field.documentation:
            lines.append(docstring(field.documentation, "    "))
    return "".join(lines)


def _type_name(built: Class, module: Module) -> str:
    return "NSID" if built.plan.type_name == module.document.id else quoted(built.plan.type_name or "")


def _is_late(name: Named, module: Module, late: set[str], made: set[Named]) -> bool:
    return name[0] in late or (name[0] == module.document.id and name not in made)


def _field_text(field: Field, module: Module, *, deferred: bool) -> str:
    ending = _default_text(field, module)
    if not deferred:
        return wrapped(f"{field.attribute}: {field.annotation}{ending}", "    ")
    line = f"    {field.attribute}: {quoted(field.annotation)}{ending}\n"
    if len(line) <= WIDTH + 1:
        return line
    parts = "".join(f"        {quoted(part)}\n" for part in string_parts(field.annotation, WIDTH - 20))
    return f"    {field.attribute}: (\n{parts}    ){ending}\n"


def _default_text(field: Field, module: Module) -> str:
    if field.attribute == field.wire_name:
        return "" if field.default is None else f" = {field.default}"
    module.scope.field_calls = True
    default = "" if field.default is None else f"default={field.default}, "
    return f" = Field({default}alias={quoted(field.wire_name)})"


def _class_documentation(built: Class, module: Module) -> str:
    plan = built.plan
    fallback = {
        PARAMS: "Parameters." if built.fields else "No parameters.",
        INPUT: "The input.",
        OUTPUT: "The output.",
        RECORD: f"A record of `{module.document.id}`.",
        WRAPPED: f"The {plan.name.lower()}.",
    }
    if plan.description:
        return plan.description
    if plan.type_name is not None and plan.base != RECORD:
        return f"`{plan.type_name}`."
    return fallback.get(plan.base, "") if plan.name == plan.base else f"`{plan.name}`, an object inside another."


def aliases_of(module: Module, late: set[str]) -> Iterator[str]:
    """Yield names for the definitions that are no objects: expressions and tokens."""
    taken = {built.plan.name for built in module.classes} | NAMES_OF_A_MODULE
    for alias in module.aliases:
        name = unused(pascal_case(alias.wire_name), taken)
        taken.add(name)
        deferred = any(nsid in late for nsid, _ in alias.names)
        annotation = quoted(alias.annotation) if deferred else alias.annotation
        text = wrapped(f"{name}: {module.scope.need_typing('TypeAlias')} = {annotation}")
        yield text + (docstring(alias.documentation) if alias.documentation else "")
    for name, definition in module.document.defs.items():
        if isinstance(definition, schema.Token):
            constant = unused(constant_case(name), taken)
            taken.add(constant)
            full_name = module.document.id if name == "main" else f"{module.document.id}#{name}"
            text = f"{constant}: {module.scope.need_typing('Final')} = {quoted(full_name)}\n"
            yield text + (docstring(definition.description) if definition.description else "")
