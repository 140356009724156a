"""The end of a module: what its main definition is to the runtime (`METHOD`, `KEY`, `PERMISSIONS`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codegen import schema
from codegen.emit.text import docstring, wrapped
from codegen.types import quoted, reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from codegen.emit.module import Module

JSON = "application/json"


def ending_of(module: Module) -> Iterator[str]:
    """Yield the statements after the classes."""
    match module.document.main:
        case schema.Record() as record:
            yield f"KEY: {module.scope.need_typing('Final')} = {quoted(record.key)}\n"
        case schema.Query() | schema.Procedure() as method:
            yield from _body_aliases(module, method)
            yield _call_text(module, method)
        case schema.Subscription() as subscription:
            yield from _subscription(module, subscription)
        case schema.PermissionSet() as permissions:
            yield _permissions(module, permissions)


def _body_aliases(module: Module, method: schema.Query | schema.Procedure) -> Iterator[str]:
    """Yield names for bodies that are a definition by reference."""
    bodies = {"Input": method.input if isinstance(method, schema.Procedure) else None, "Output": method.output}
    for name, body in bodies.items():
        if body is not None and isinstance(body.schema, schema.Ref):
            expression = reference(body.schema, module.scope, module.document)
            yield wrapped(f"{name}: {module.scope.need_typing('TypeAlias')} = {expression}")


def _python_type(module: Module, body: schema.Body | None, name: str) -> str:
    """Answer what a handler gets or gives: a class of the module, a stream of bytes, nothing."""
    if body is None:
        return "None"
    return module.scope.need_method(f"Binary{name}") if body.schema is None else name


def _call_text(module: Module, method: schema.Query | schema.Procedure) -> str:
    kind = module.scope.need_method(type(method).__name__)
    output_type = _python_type(module, method.output, "Output")
    types = ["Params", output_type]
    arguments = ["NSID", "Params", "Output" if output_type == "Output" else "None"]
    if isinstance(method, schema.Procedure):
        input_type = _python_type(module, method.input, "Input")
        types.insert(1, input_type)
        arguments.insert(2, "Input" if input_type == "Input" else "None")
        arguments += _encoding("input", method.input)
    arguments += _encoding("output", method.output)
    return _method_text(module, f"{kind}[{', '.join(types)}]", kind, arguments, method.errors)


def _encoding(name: str, body: schema.Body | None) -> list[str]:
    if body is None:
        return [f"{name}_encoding=None"]
    return [] if body.encoding == JSON else [f"{name}_encoding={quoted(body.encoding)}"]


def _method_text(
    module: Module, annotation: str, kind: str, arguments: list[str], errors: tuple[schema.ErrorName, ...]
) -> str:
    del module
    if errors:
        arguments = [*arguments, f"errors={_tuple(quoted(error.name) for error in errors)}"]
    text = wrapped(f"METHOD: {annotation} = {kind}({', '.join(arguments)})")
    described = [f"{error.name}: {error.description}" for error in errors if error.description]
    return text + (docstring("\n\n".join(["Errors:", *described])) if described else "")


def _tuple(texts: Iterator[str]) -> str:
    members = list(texts)
    return f"({members[0]},)" if len(members) == 1 else f"({', '.join(members)})"


def _subscription(module: Module, subscription: schema.Subscription) -> Iterator[str]:
    classes: dict[str, str] = {}
    for ref in subscription.message.refs if subscription.message else ():
        target = module.scope.catalog.find(module.document, ref)
        if target is not None and isinstance(target.definition, schema.Object | schema.Record):
            own = target.document.id == module.document.id
            frame_type = f"#{target.name}" if own else target.full_name
            classes[frame_type] = reference(schema.Ref(ref=ref), module.scope, module.document)
    union = " | ".join(classes.values()) or "None"
    yield wrapped(f"Message: {module.scope.need_typing('TypeAlias')} = {union}")
    kind = module.scope.need_method("Subscription")
    members = ", ".join(f"{quoted(frame_type)}: {name}" for frame_type, name in classes.items())
    arguments = ["NSID", "Params", f"messages={{{members}}}"]
    yield _method_text(module, f"{kind}[Params, Message]", kind, arguments, subscription.errors)


def _permissions(module: Module, permissions: schema.PermissionSet) -> str:
    runtime = module.scope.need_runtime("permissions")
    items = []
    for permission in permissions.permissions:
        parameters = f", {_mapping(permission.parameters)}" if permission.parameters else ""
        items.append(f"{runtime}.Permission({quoted(permission.resource)}{parameters})")
    arguments = ["NSID", f"({', '.join(items)}{',' if len(items) == 1 else ''})"]
    for name, text in (("title", permissions.title), ("detail", permissions.detail)):
        if text:
            arguments.append(f"{name}={quoted(text)}")
    for name, texts in (
        ("title_by_language", permissions.title_by_language),
        ("detail_by_language", permissions.detail_by_language),
    ):
        if texts:
            arguments.append(f"{name}={_mapping(texts)}")
    final = module.scope.need_typing("Final")
    return wrapped(f"PERMISSIONS: {final} = {runtime}.PermissionSet({', '.join(arguments)})")


def _mapping(values: Mapping[str, object]) -> str:
    return f"{{{', '.join(f'{quoted(key)}: {_literal(value)}' for key, value in values.items())}}}"


def _literal(value: object) -> str:
    if isinstance(value, tuple):
        return _tuple(_literal(member) for member in value) if value else "()"
    return quoted(value) if isinstance(value, str) else repr(value)
