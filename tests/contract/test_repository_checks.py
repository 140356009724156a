"""The checks of `scripts/check` that are ours find what they are there to find."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2]


def check(name: str) -> ModuleType:
    """A program of scripts/checks as a module."""
    spec = importlib.util.spec_from_file_location(f"check_{name}", ROOT / "scripts" / "checks" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


sizes = check("sizes")
documents = check("documents")
tracked_text = check("tracked_text")


def function(lines: int, *, docstring: int = 0, indent: str = "") -> str:
    doc = ['    """Say.', *["    more"] * (docstring - 2), '    """'] if docstring else []
    body = ["def f():", *doc, *["    pass"] * (lines - 1)]
    return "".join(f"{indent}{line}\n" for line in body)


@pytest.mark.parametrize("lines", [2, 40])
def test_a_function_of_forty_lines_is_short_enough(lines: int) -> None:
    assert sizes.too_long(function(lines, docstring=20), "m.py") == {}


def test_a_function_of_forty_one_lines_is_too_long() -> None:
    assert list(sizes.too_long(function(41), "m.py")) == ["m.py:f"]


def test_a_long_method_is_named_with_its_class() -> None:
    source = "class C:\n" + function(41, indent="    ") + "if True:\n" + function(41, indent="    ")
    assert list(sizes.too_long(source, "m.py")) == ["m.py:C.f", "m.py:f"]


@pytest.mark.parametrize(("lines", "places"), [(500, []), (501, ["m.py"])])
def test_a_module_has_at_most_five_hundred_lines(lines: int, places: list[str]) -> None:
    assert list(sizes.too_long("x = 1\n" * lines, "m.py")) == places


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# First, a heading\n")
    page = tmp_path / "page.md"
    page.write_text(
        "[good](other.md#first-a-heading) [web](https://example.com/x) [here](#missing)\n"
        "[gone](gone.md) [bad heading](other.md#second) `docs/gone.md` `docs/decisions/*.md`\n"
        "```\n[in code](gone.md)\n```\n"
    )
    assert documents.broken_links(page, tmp_path) == [
        "page.md links to #missing, where there is no such heading",
        "page.md links to gone.md, which does not exist",
        "page.md links to other.md#second, where there is no such heading",
        "page.md names `docs/gone.md`, which does not exist",
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"see " + b"/ro" + b"ot/.cache/pip",
        b"cd " + b"/wo" + b"rk/main",
        b"/ho" + b"me/alice/music",
        b'"resol' + b'ved": "x"',
        b"--index" + b"-url=x",
        b"https://mirror.py" + b"pi.example/simple",
        b"-----BEGIN EC PRIVATE " + b"KEY-----",
    ],
)
def test_text_of_one_machine_is_found(line: bytes) -> None:
    assert len(tracked_text.findings(b"fine\n" + line + b"\nfine", "file")) == 1


@pytest.mark.parametrize(
    "line",
    [b"/xrpc/app.rocksky.x", b"src/work/main", b"https://example.com/root/a", b"/home/listener/music/a.flac", b"a\0/x"],
)
def test_other_text_is_left_alone(line: bytes) -> None:
    assert tracked_text.findings(line, "file") == []


@pytest.mark.parametrize(("target", "out"), [("/srv/cache", True), ("../../elsewhere", True), ("README.md", False)])
def test_a_link_that_leads_out_of_the_tree_is_refused(tmp_path: Path, target: str, out: bool) -> None:
    """Checking such a link out would put it in place of what a machine keeps there."""
    link = tmp_path / "link"
    link.symlink_to(target)
    assert tracked_text.leads_out(link, tmp_path) == out
