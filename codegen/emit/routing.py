"""`router.py` and `router.pyi`: a typed slot for every callable method, grouped by namespace.

The types of some hundred slots cost megabytes and tens of milliseconds at each start, and nobody reads them there. So
they stand in the stub, which only type checkers read, and the module has a table.

A slot takes the access first, then the handler, then what the handler depends on. The handler's own parameters after
the call decide what the dependencies must be (a ParamSpec), so mypy refuses a handler with a wrong signature and a
dependency of a wrong type alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codegen import schema
from codegen.emit.text import docstring, template, wrapped
from codegen.names import pascal_case, snake_case, unused
from codegen.types import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codegen.resolve import Catalog


def router_of(catalog: Catalog) -> str:
    """Answer `router.py`: the table of the methods and that of their slots."""
    methods = _methods_of(catalog)
    groups = _groups_of(methods)
    attributes = _group_attributes(list(groups))
    return template("router").substitute(
        methods="".join(_table_line(catalog, nsid, method) for nsid, method in methods.items()),
        slots="".join(_slots_text(attributes[group], nsids) for group, nsids in groups.items()),
    )


def router_stub_of(catalog: Catalog) -> str:
    """Answer `router.pyi`: the types of the slots."""
    callable_methods = _methods_of(catalog)
    groups = _groups_of(callable_methods)
    aliases = _import_aliases(catalog, list(callable_methods))
    slots = _group_attributes(list(groups))
    return template("router_stub").substitute(
        imports="".join(_import_line(catalog.modules[nsid], alias) for nsid, alias in sorted(aliases.items())),
        groups="\n\n".join(
            _group_text(_class_name(group), group, nsids, callable_methods, aliases) for group, nsids in groups.items()
        ),
        slots="\n".join(_slot_property(slots[group], group) for group in groups),
    )


def _methods_of(catalog: Catalog) -> dict[str, schema.Method]:
    mains = {nsid: document.main for nsid, document in catalog.documents.items()}
    return {nsid: main for nsid, main in mains.items() if isinstance(main, schema.Method)}


def _groups_of(methods: Mapping[str, schema.Method]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for nsid in methods:
        groups.setdefault(nsid.rpartition(".")[0], []).append(nsid)
    return groups


def _slots_text(attribute: str, nsids: list[str]) -> str:
    names = _method_names(nsids)
    lines = (wrapped(f"{quoted(names[nsid.rpartition('.')[2]])}: {quoted(nsid)},", "            ") for nsid in nsids)
    return f"        {quoted(attribute)}: {{\n{''.join(lines)}        }},\n"


def _import_aliases(catalog: Catalog, nsids: list[str]) -> dict[str, str]:
    aliases: dict[str, str] = {}
    for nsid in nsids:
        aliases[nsid] = unused(snake_case(nsid), aliases.values())
    return {nsid: alias for nsid, alias in aliases.items() if nsid in catalog.modules}


def _import_line(module: str, alias: str) -> str:
    package, _, leaf = module.rpartition(".")
    line = f"from {package} import {leaf} as {alias}\n"
    return line if len(line) <= 121 else f"from {package} import (\n    {leaf} as {alias},\n)\n"


def _group_attributes(groups: list[str]) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for group in groups:
        attributes[group] = unused(snake_case(group), attributes.values())
    return attributes


def _method_names(nsids: list[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for nsid in nsids:
        leaf = nsid.rpartition(".")[2]
        names[leaf] = unused(snake_case(leaf), names.values())
    return names


def _class_name(group: str) -> str:
    return f"_{pascal_case(group)}"


def _kind(method: schema.Method) -> str:
    return type(method).__name__.lower()


def _table_line(catalog: Catalog, nsid: str, method: schema.Method) -> str:
    return wrapped(f"{quoted(nsid)}: ({quoted(_kind(method))}, {quoted(catalog.modules[nsid])}),", "        ")


def _slot_property(attribute: str, group: str) -> str:
    return f'    @property\n    def {attribute}(self) -> {_class_name(group)}:\n        """`{group}`."""\n'


def _group_text(
    class_name: str,
    group: str,
    nsids: list[str],
    methods: Mapping[str, schema.Method],
    aliases: Mapping[str, str],
) -> str:
    names = _method_names(nsids)
    lines = [
        f"class {class_name}:\n",
        docstring(f"The methods of `{group}`.", "    "),
    ]
    for nsid in nsids:
        name = names[nsid.rpartition(".")[2]]
        lines.append("\n" + _slot_text(nsid, name, methods[nsid], aliases[nsid]))
    return "".join(lines)


def _slot_text(nsid: str, name: str, method: schema.Method, alias: str) -> str:
    call, answer = _call_type(method, alias), _answer_type(method, alias)
    handler = f"handler: Callable[Concatenate[{call}, D], {answer}],"
    return (
        f"    def {name}(\n        self,\n        access: Access,\n{wrapped(handler, '        ')}"
        f"        *deps: D.args,\n        **options: D.kwargs,\n    ) -> None:\n"
        f'        """Serve `{nsid}`."""\n'
    )


def _call_type(method: schema.Method, alias: str) -> str:
    match method:
        case schema.Query():
            return f"QueryCall[{alias}.Params]"
        case schema.Procedure():
            return f"ProcedureCall[{alias}.Params, {_body_type(method.input, alias, 'Input')}]"
        case schema.Subscription():
            return f"SubscriptionCall[{alias}.Params]"


def _answer_type(method: schema.Method, alias: str) -> str:
    if isinstance(method, schema.Subscription):
        return f"AsyncGenerator[{alias}.Message | bytes, None]"
    return f"Awaitable[{_body_type(method.output, alias, 'Output')}]"


def _body_type(body: schema.Body | None, alias: str, name: str) -> str:
    if body is None:
        return "None"
    return f"Binary{name}" if body.schema is None else f"{alias}.{name}"
