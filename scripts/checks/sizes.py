"""Checks the size of what a reader has to hold: modules of at most 500 lines, functions of at most 40.

A function is counted without its docstring; a test is as long as the specification that it spells out, and is not
counted. Generated code is not read line by line and is left out. What has a good reason to be longer stands in
sizes_allowed.txt with that reason; an entry that is no longer needed is an error too.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "codegen", "scripts", "tests")
GENERATED = ("src/tonearm/lexicons/", "tests/codegen/cases/")
MODULE_LIMIT = 500
FUNCTION_LIMIT = 40
ALLOWED = Path(__file__).with_name("sizes_allowed.txt")


def _own_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function, decorators and docstring not counted."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def _functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, int]]:
    """The qualified name and length of every function; what stands inside a function counts as part of it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + node.name, _own_lines(node)
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{prefix}{node.name}.")
        else:
            yield from _functions(node, prefix)


def too_long(source: str, path: str) -> dict[str, str]:
    """What is over a limit in a module's source: `path` or `path:function` and a sentence about it."""
    found = {}
    lines = source.count("\n")
    if lines > MODULE_LIMIT:
        found[path] = f"{path} has {lines} lines; {MODULE_LIMIT} is the limit: split it"
    functions = () if path.startswith("tests/") else _functions(ast.parse(source))
    for name, length in functions:
        if length > FUNCTION_LIMIT:
            found[f"{path}:{name}"] = f"{path}:{name} has {length} lines; {FUNCTION_LIMIT} is the limit"
    return found


def _allowed() -> dict[str, str]:
    """The entries of sizes_allowed.txt: place, then the reason."""
    lines = [line for line in ALLOWED.read_text().splitlines() if line and not line.startswith("#")]
    return {place: reason for place, _, reason in (line.partition("  ") for line in lines)}


def main() -> int:
    """Print every breach; answer the exit status."""
    found: dict[str, str] = {}
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).rglob("*.py")):
            path = file.relative_to(ROOT).as_posix()
            if not path.startswith(GENERATED):
                found |= too_long(file.read_text(), path)
    allowed = _allowed()
    problems = [sentence for place, sentence in found.items() if place not in allowed]
    problems += [f"{place} is allowed to be long and need not be" for place in allowed if place not in found]
    problems += [f"{place} is allowed to be long without a reason" for place, reason in allowed.items() if not reason]
    print("\n".join(problems) or f"modules up to {MODULE_LIMIT} lines, functions up to {FUNCTION_LIMIT}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
