"""The files between the modules: lazy packages, and the names of all lexicons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codegen.emit.text import template
from codegen.names import constant_case, unused
from codegen.types import quoted

if TYPE_CHECKING:
    from codegen.resolve import Catalog


def packages_of(catalog: Catalog) -> dict[str, str]:
    """Answer an `__init__.py` for every package on the way to a module, by its path."""
    members: dict[str, set[str]] = {"": {"nsids", "router"}}
    for module in catalog.modules.values():
        place = catalog.place_of(module)
        while place:
            parent, _, leaf = place.rpartition(".")
            members.setdefault(parent, set()).add(leaf)
            place = parent
    return {
        "/".join([*place.split("."), "__init__.py"] if place else ["__init__.py"]): _package_text(
            f"{catalog.package}.{place}" if place else catalog.package, sorted(leaves)
        )
        for place, leaves in members.items()
    }


def _package_text(package: str, leaves: list[str]) -> str:
    return template("package").substitute(
        imports="\n".join(f"    from {package} import {leaf} as {leaf}" for leaf in leaves),
        names="\n".join(f"            {quoted(leaf)}," for leaf in leaves),
    )


def nsids_of(catalog: Catalog) -> str:
    """Answer `nsids.py`: a constant for each NSID."""
    constants: dict[str, str] = {}
    for nsid in catalog.documents:
        constants[unused(constant_case(nsid), constants)] = nsid
    lines = "\n".join(f"{name}: Final = {quoted(nsid)}" for name, nsid in constants.items())
    return template("nsids").substitute(lines=lines)
