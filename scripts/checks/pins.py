"""Checks that constraints.txt pins exactly what this environment was made from; `--write` writes it anew.

The names are those that `pyproject.toml` asks for, with every extra, what these need by the metadata of the installed
distributions, and pip. To move to newer versions: empty constraints.txt, run `scripts/install test`, run this with
`--write`.
"""

from __future__ import annotations

import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
FILE = ROOT / "constraints.txt"
HEADER = """\
# The versions that Tonearm is installed, checked and tested with, indirect ones included. Made by
# scripts/checks/pins.py --write; pyproject.toml says which versions are allowed.
"""


def _wanted() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    requirements = [Requirement(line) for line in [*lines, "pip"]]
    return [wanted for wanted in requirements if wanted.marker is None or wanted.marker.evaluate()]


def _requirements_of(requirement: Requirement) -> list[Requirement]:
    """What an installed distribution needs here, with the extras that were asked for."""
    needed = []
    for line in distribution(requirement.name).requires or ():
        child = Requirement(line)
        environments = [{"extra": extra} for extra in (requirement.extras or {""})]
        if child.marker is None or any(child.marker.evaluate(environment) for environment in environments):
            needed.append(child)
    return needed


def pins() -> list[str]:
    """Every distribution that Tonearm needs with its extras, as `name==version`, in order of name.

    Raises:
        PackageNotFoundError: one of them is not installed.
    """
    found: dict[str, str] = {}
    queue = _wanted()
    seen: set[str] = set()
    while queue:
        requirement = queue.pop()
        key = f"{canonicalize_name(requirement.name)}{sorted(requirement.extras)}"
        if key in seen:
            continue
        seen.add(key)
        found[canonicalize_name(requirement.name)] = distribution(requirement.name).version
        queue.extend(_requirements_of(requirement))
    return [f"{name}=={version}" for name, version in sorted(found.items())]


def main(arguments: list[str]) -> int:
    """Compare, or write with `--write`; answer the exit status."""
    try:
        wanted = pins()
    except PackageNotFoundError as error:
        print(f"{error.name} is not installed: run scripts/install test first")
        return 1
    if arguments == ["--write"]:
        FILE.write_text(HEADER + "".join(f"{pin}\n" for pin in wanted))
        return 0
    written = [line for line in FILE.read_text().splitlines() if line and not line.startswith("#")]
    for pin in sorted(set(wanted) - set(written)):
        print(f"constraints.txt lacks {pin}, which is installed")
    for pin in sorted(set(written) - set(wanted)):
        print(f"constraints.txt has {pin}, which nothing needs here")
    if wanted == written:
        print(f"{len(wanted)} versions, all as installed")
    return 0 if wanted == written else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
