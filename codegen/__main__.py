"""The command line: `python -m codegen [--check | --compat OLD]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from codegen import compat, drift
from codegen.render import render
from codegen.resolve import read_catalog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codegen.resolve import Catalog

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and answer the exit status: 1 when something is wrong with the documents, the tree or an evolution."""
    options = _parser().parse_args(arguments)
    if not options.lexicons.is_dir():
        print(f"{options.lexicons}: is no folder of lexicons", file=sys.stderr)
        return 1
    catalog, problems = read_catalog(options.lexicons)
    for problem in problems:
        print(problem, file=sys.stderr)
    if options.compat is not None:
        wrong = _compat(options.compat, catalog)
    elif options.check:
        wrong = _report(drift.differences(options.output, render(catalog)))
        if not wrong:
            print(f"{len(catalog.documents)} lexicons, the generated tree is current")
    else:
        done = drift.write(options.output, render(catalog))
        wrong = _report([difference for difference in done if difference.kind == "foreign"])
        print(f"{len(catalog.documents)} lexicons, {len(done)} files changed")
    return 1 if wrong or problems else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="codegen", description="Compile lexicons to Python.")
    parser.add_argument("--lexicons", type=Path, default=ROOT / "lexicons", help="the folder of documents")
    parser.add_argument("--output", type=Path, default=ROOT / "src/tonearm/lexicons", help="the generated package")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--check", action="store_true", help="write nothing; say which files are not current")
    instead.add_argument("--compat", type=Path, metavar="OLD", help="write nothing; hold the documents against OLD")
    return parser


def _report(found: Sequence[drift.Difference]) -> bool:
    for difference in found:
        print(difference, file=sys.stderr)
    return bool(found)


def _compat(folder: Path, catalog: Catalog) -> bool:
    if not folder.is_dir():
        print(f"{folder}: is no folder of lexicons", file=sys.stderr)
        return True
    old, problems = read_catalog(folder)
    for problem in problems:
        print(f"{folder}: {problem}", file=sys.stderr)
    found = compat.changes(old, catalog)
    for line in compat.report(found):
        print(line, file=sys.stderr)
    return any(change.forbidden for change in found) or bool(problems)


if __name__ == "__main__":
    sys.exit(main())
