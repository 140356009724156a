"""The import rules of `.importlinter` hold, and each of them refuses what it is there to refuse."""

from __future__ import annotations

import configparser
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULES = ROOT / ".importlinter"

# A package of every part, in the order of the layers, each importing the one below it.
PARTS = ("atproto", "telemetry", "xrpc", "lexicons", "bus", "index", "identity", "services", "api")


def lint(folder: Path, rules: Path) -> subprocess.CompletedProcess[str]:
    program = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", program, "--config", str(rules), "--no-cache", "--no-logo"],
        cwd=folder,
        env={"PYTHONPATH": f"{folder}", "PATH": "", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def read_rules() -> configparser.ConfigParser:
    rules = configparser.ConfigParser()
    rules.read(RULES)
    return rules


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """The rules, not minding that a small tree has none of the exceptions that they name."""
    config = read_rules()
    for section in config.sections():
        if config.has_option(section, "ignore_imports"):
            config[section]["unmatched_ignore_imports_alerting"] = "none"
    with (tmp_path / "rules.ini").open("w") as file:
        config.write(file)
    return tmp_path / "rules.ini"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small tonearm and codegen that keep every rule."""
    package = tmp_path / "tonearm"
    for part in (*PARTS, "rest", "web", "firehose", "mirrors", "library", "pds"):
        (package / part).mkdir(parents=True)
        (package / part / "__init__.py").touch()
    for above, below in zip(PARTS[1:], PARTS, strict=False):
        (package / above / "__init__.py").write_text(f"import tonearm.{below}\n")
    (package / "__init__.py").touch()
    (package / "settings.py").touch()
    (package / "core.py").write_text("import tonearm.services, tonearm.pds, tonearm.index, tonearm.settings\n")
    (package / "edges.py").write_text("import tonearm.core, tonearm.api, tonearm.rest, tonearm.settings\n")
    (package / "app.py").write_text("import tonearm.edges, tonearm.core, tonearm.index, tonearm.settings\n")
    (package / "cli_running.py").write_text("import tonearm.app, tonearm.settings\n")
    (package / "cli.py").write_text("import tonearm.cli_running, tonearm.app, tonearm.settings\n")
    (tmp_path / "codegen").mkdir()
    (tmp_path / "codegen" / "__init__.py").touch()
    return tmp_path


def test_the_repository_keeps_the_rules() -> None:
    result = lint(ROOT, RULES)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_tree_that_keeps_the_rules_is_accepted(tree: Path, rules: Path) -> None:
    result = lint(tree, rules)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("tonearm/atproto/__init__.py", "tonearm.xrpc"),
        ("tonearm/xrpc/__init__.py", "tonearm.lexicons"),
        ("tonearm/lexicons/__init__.py", "tonearm.index"),
        ("tonearm/index/__init__.py", "tonearm.services"),
        ("tonearm/index/__init__.py", "tonearm.pds"),
        ("tonearm/identity/__init__.py", "tonearm.pds"),
        ("tonearm/pds/__init__.py", "tonearm.identity"),
        ("tonearm/services/__init__.py", "tonearm.api"),
        ("tonearm/api/__init__.py", "tonearm.rest"),
        ("tonearm/web/__init__.py", "tonearm.api"),
        ("tonearm/firehose/__init__.py", "tonearm.mirrors"),
        ("tonearm/api/__init__.py", "tonearm.index"),
        ("tonearm/api/__init__.py", "tonearm.pds"),
        ("tonearm/api/__init__.py", "tonearm.app"),
        ("tonearm/services/__init__.py", "tonearm.settings"),
        ("tonearm/xrpc/__init__.py", "tonearm.settings"),
        ("tonearm/app.py", "codegen"),
        ("codegen/__init__.py", "tonearm.atproto"),
    ],
)
def test_a_forbidden_import_is_refused(tree: Path, rules: Path, importer: str, imported: str) -> None:
    with (tree / importer).open("a") as file:
        file.write(f"import {imported}\n")
    result = lint(tree, rules)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout


def test_every_part_of_the_package_has_its_layer() -> None:
    layers = read_rules()["importlinter:contract:layers"]["layers"]
    placed = {word.strip("()") for word in layers.split() if word != "|"}
    parts = {
        f"tonearm.{entry.stem}"
        for entry in (ROOT / "src" / "tonearm").iterdir()
        if (entry.suffix == ".py" or (entry / "__init__.py").exists()) and not entry.stem.startswith("__")
    }
    assert parts - placed == {"tonearm.settings"}


def test_every_edge_that_exists_is_kept_from_the_index() -> None:
    sources = set(read_rules()["importlinter:contract:edges"]["source_modules"].split())
    existing = {
        f"tonearm.{edge}"
        for edge in ("api", "rest", "web")
        if (ROOT / "src" / "tonearm" / edge / "__init__.py").exists()
    }
    assert existing <= sources
