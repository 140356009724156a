"""NSIDs are typed once, in the lexicons: hand-written code names them through the generated constants."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(__file__).parents[2] / "src" / "tonearm"
GENERATED = SOURCE / "lexicons"

_NSID = re.compile(r"\b(?:app\.rocksky|app\.tonearm|app\.bsky|com\.atproto|fm\.teal)(?:\.[a-zA-Z][\w-]*)+")


def docstrings(tree: ast.AST) -> Iterator[ast.Constant]:
    """String statements: the docstrings of modules, classes, functions and attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def literal_nsids(source: str) -> list[tuple[int, str]]:
    """Line and NSID of every string in a module, docstrings apart, in which an NSID is spelt out."""
    tree = ast.parse(source)
    described = set(docstrings(tree))
    strings = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [
        (node.lineno, found.group())
        for node in strings
        if node not in described and (found := _NSID.search(node.value))
    ]


def test_no_module_spells_an_nsid() -> None:
    found = [
        f"{path.relative_to(SOURCE)}:{line}: {nsid}"
        for path in sorted(SOURCE.rglob("*.py"))
        if not path.is_relative_to(GENERATED)
        for line, nsid in literal_nsids(path.read_text())
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        'X = "app.rocksky.scrobble"',
        'call("/xrpc/com.atproto.server.createSession")',
        'f"{host}/xrpc/app.tonearm.journal.getQueue?limit={n}"',
    ],
)
def test_a_spelt_nsid_is_found(source: str) -> None:
    assert len(literal_nsids(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        '"""Serves app.rocksky.scrobble.createScrobble."""',
        "X = 1  # app.rocksky.scrobble",
        "from tonearm.lexicons.app.rocksky import scrobble",
        'host = "app.example.com"',
    ],
)
def test_prose_and_imports_are_left_alone(source: str) -> None:
    assert literal_nsids(source) == []
