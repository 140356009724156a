"""The files between the modules: lazy packages, and the names of all lexicons."""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from codegen.names import PACKAGE, constant_case, unused
from codegen.types import quoted

if TYPE_CHECKING:
    from codegen.resolve import Catalog

TEMPLATES = Path(__file__).parent / "templates"


def packages_of(modules: list[str]) -> dict[str, str]:
    """Answer an `__init__.py` for every package on the way to a module, by its path."""
    members: dict[str, set[str]] = {PACKAGE: {"nsids", "router"}}
    for module in modules:
        name = module
        while name != PACKAGE:
            package, _, leaf = name.rpartition(".")
            members.setdefault(package, set()).add(leaf)
            name = package
    template = Template((TEMPLATES / "package.txt").read_text("utf-8"))
    return {
        f"{package}/__init__.py".removeprefix(PACKAGE)
        .replace(".", "/")
        .replace("/__init__/py", "/__init__.py")[1:]: template.substitute(
            name=package.removeprefix(f"{PACKAGE}.") if package != PACKAGE else PACKAGE,
            imports="\n".join(f"    from {package} import {leaf} as {leaf}" for leaf in sorted(leaves)),
            names="\n".join(f"            {quoted(leaf)}," for leaf in sorted(leaves)),
        )
        for package, leaves in members.items()
    }


def nsids_of(catalog: Catalog) -> str:
    """Answer `nsids.py`: a constant for each NSID."""
    constants: dict[str, str] = {}
    for nsid in catalog.documents:
        constants[unused(constant_case(nsid), constants)] = nsid
    lines = "\n".join(f"{name}: Final = {quoted(nsid)}" for name, nsid in constants.items())
    return Template((TEMPLATES / "nsids.txt").read_text("utf-8")).substitute(lines=lines)
