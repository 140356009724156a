"""The command line: `python -m codegen [--check | --compat OLD]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from codegen.render import render
from codegen.sources import read_catalog, write_tree

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Run, and answer the exit status: 0, or 1 when something is wrong with the documents or the tree."""
    parser = argparse.ArgumentParser(prog="codegen", description="Compile lexicons to Python.")
    parser.add_argument("--lexicons", type=Path, default=ROOT / "lexicons", help="the folder of documents")
    parser.add_argument("--output", type=Path, default=ROOT / "src/tonearm/lexicons", help="the generated package")
    options = parser.parse_args(arguments)
    catalog, problems = read_catalog(options.lexicons)
    for problem in problems:
        print(problem, file=sys.stderr)
    changed = write_tree(options.output, render(catalog))
    print(f"{len(catalog.documents)} lexicons, {len(changed)} files changed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
