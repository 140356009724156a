"""The README's table of commands is what the command line has."""

from __future__ import annotations

import re
from pathlib import Path

import typer.main
from typer.testing import CliRunner

from tonearm.cli import cli

README = (Path(__file__).parents[2] / "README.md").read_text()


def commands() -> dict[str, set[str]]:
    """Every command with its options, by name: `token create`."""
    found = {}
    for name, command in typer.main.get_command(cli).commands.items():
        for leaf_name, leaf in (getattr(command, "commands", None) or {"": command}).items():
            options = {option for parameter in leaf.params for option in parameter.opts if option.startswith("--")}
            found[f"{name} {leaf_name}".strip()] = options
    return found


def documented() -> dict[str, set[str]]:
    section = README.partition("## Commands")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([a-z -]+?)((?: [^a-z`][^`]*)?)` \|(.*)\|$", section, re.MULTILINE)
    return {name.strip(): set(re.findall(r"--[a-z-]+", usage + text)) for name, usage, text in rows}


def test_every_command_is_in_the_table_and_every_row_is_a_command() -> None:
    assert set(documented()) == set(commands())


def test_every_option_is_in_the_table() -> None:
    actual = commands()
    for name, options in documented().items():
        assert options <= actual[name], name
        assert actual[name] - {"--help", "--password-file"} <= options, name


def test_every_command_explains_itself() -> None:
    for name in commands():
        shown = CliRunner().invoke(cli, [*name.split(), "--help"])
        assert shown.exit_code == 0
        assert len(shown.output.splitlines()) > 4
