"""Checks that docs/settings.md lists every setting as the code defines it; `--write` writes the table anew.

The table stands between the two marks of the page. A setting's sentence is its description in `tonearm.settings`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tonearm.settings import PREFIX, Settings, secret_names

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
BEGIN, END = "<!-- the table: scripts/checks/settings_page.py -->\n", "<!-- end of the table -->\n"


def _default(field: FieldInfo) -> str:
    value = field.default
    return "" if value is None or value == "" else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def rows() -> list[tuple[str, str, str]]:
    """The variable, the default (empty: none, or derived as the sentence says) and the sentence of each setting."""
    secrets = set(secret_names())
    found = []
    for name, field in Settings.model_fields.items():
        variable = f"`{PREFIX}{name.upper()}`" + (" or `..._FILE`" if name in secrets else "")
        found.append((variable, _default(field), (field.description or "").replace("|", "\\|")))
    return found


def table() -> str:
    """The table in Markdown."""
    lines = ["| variable | default | |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {variable} | {default} | {text} |" for variable, default, text in rows())]) + "\n"


def main(arguments: list[str]) -> int:
    """Compare, or write with `--write`; answer the exit status."""
    page = PAGE.read_text()
    head, _, rest = page.partition(BEGIN)
    current, _, tail = rest.partition(END)
    if arguments == ["--write"]:
        PAGE.write_text(head + BEGIN + table() + END + tail)
        return 0
    if current != table():
        print("docs/settings.md differs from src/tonearm/settings.py: run scripts/checks/settings_page.py --write")
        return 1
    print(f"{len(rows())} settings, all documented")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
