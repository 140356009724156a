"""Documents to `{path: text}`: one module per NSID, and the files between and above them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codegen import schema
from codegen.emit.classes import aliases_of, classes_of
from codegen.emit.imports import circles
from codegen.emit.method import ending_of
from codegen.emit.module import Module, module_of
from codegen.emit.packages import nsids_of, packages_of
from codegen.emit.plan import plan_of
from codegen.emit.routing import router_of, router_stub_of
from codegen.emit.text import docstring, template, tidy
from codegen.types import quoted

if TYPE_CHECKING:
    from codegen.resolve import Catalog

_KINDS = {
    schema.Record: "a record",
    schema.Query: "a query",
    schema.Procedure: "a procedure",
    schema.Subscription: "an event stream",
    schema.PermissionSet: "a permission set",
}


def render(catalog: Catalog) -> dict[str, str]:
    """Answer the text of every generated file by its path below the folder of the package."""
    plans = {nsid: plan_of(document) for nsid, document in catalog.documents.items()}
    modules = {nsid: module_of(document, catalog, plans) for nsid, document in catalog.documents.items()}
    circle = circles({nsid: module.foreign for nsid, module in modules.items()})
    files = {_path_of(catalog, module.name): _module_text(module, circle) for module in modules.values()}
    files |= packages_of(catalog)
    files["nsids.py"] = nsids_of(catalog)
    files["router.py"] = router_of(catalog)
    files["router.pyi"] = router_stub_of(catalog)
    return {path: tidy(text) for path, text in sorted(files.items())}


def _path_of(catalog: Catalog, module: str) -> str:
    return f"{catalog.place_of(module).replace('.', '/')}.py"


def _module_text(module: Module, circle: dict[str, int]) -> str:
    late = {nsid for nsid in module.foreign if circle[nsid] == circle[module.document.id]}
    classes = classes_of(module, late)
    ending = [*aliases_of(module, late), *ending_of(module)]
    final = module.scope.need_typing("Final")
    return template("module").substitute(
        source=f"lexicons/{module.document.file}",
        docstring=docstring(_documentation(module.document)),
        imports=_imports(module, late),
        nsid=f"NSID: {final} = {quoted(module.document.id)}",
        classes="".join(f"\n\n{text}" for text in classes),
        late=_late_imports(module, late),
        ending=("\n" if classes else "") + "".join(f"\n{text}" for text in ending) if ending else "",
    )


def _documentation(document: schema.Document) -> str:
    kind = _KINDS.get(type(document.main)) if document.main is not None else None
    texts = [f"`{document.id}`, {kind}." if kind else f"`{document.id}`.", document.description]
    if document.main is not None and not isinstance(document.main, schema.Record | schema.Object):
        texts.append(document.main.description)
    return "\n\n".join(text for text in texts if text)


def _imports(module: Module, late: set[str]) -> str:
    scope = module.scope
    groups = []
    if scope.typing:
        groups.append(f"from typing import {', '.join(sorted(scope.typing))}\n")
    if scope.field_calls:
        groups.append("from pydantic import Field\n")
    early = {name for nsid, name in scope.catalog.modules.items() if nsid not in late}
    own = [_import_text(name, alias) for name, alias in scope.imports.items() if name in early]
    if scope.runtime:
        own.append(f"from tonearm.xrpc import {', '.join(sorted(scope.runtime))}\n")
    if scope.methods:
        own.append(f"from tonearm.xrpc.method import {', '.join(sorted(scope.methods))}\n")
    if own:
        groups.append("".join(sorted(own)))
    return "\n".join(groups)


def _late_imports(module: Module, late: set[str]) -> str:
    names = {module.scope.catalog.modules[nsid] for nsid in late}
    own = sorted(_import_text(name, alias) for name, alias in module.scope.imports.items() if name in names)
    return f"\n\n# Last, as these modules import this one.\n{''.join(own)}" if own else ""


def _import_text(module: str, alias: str) -> str:
    package, _, name = module.rpartition(".")
    return f"from {package} import {name} as {alias}\n"
