"""Checks the documents: every relative link leads to a file and a heading, every repository path in backticks exists.

A path in backticks is one that starts with a folder of the repository (`src/`, `docs/`, `scripts/`, ...). Patterns
with `*`, `<` or `{` name many files and are left alone.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("src/", "docs/", "scripts/", "tests/", "codegen/", "lexicons/", ".ci/")

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_PATH = re.compile(r"`([\w./-]+)(?:::\w+)?`")
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#+ +(.+?)\s*$", re.MULTILINE)


def _anchors(text: str) -> set[str]:
    """The anchors that a page's headings get: lower case, punctuation gone, spaces to hyphens."""
    headings = (heading.group(1).lower() for heading in _HEADING.finditer(_FENCE.sub("", text)))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


def broken_links(page: Path, root: Path = ROOT) -> list[str]:
    """Sentences about every link and path of a page that leads nowhere."""
    text = page.read_text()
    name = page.relative_to(root).as_posix()
    problems = []
    for target in _LINK.findall(_FENCE.sub("", text)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists():
            problems.append(f"{name} links to {target}, which does not exist")
        elif anchor and file.suffix == ".md" and anchor not in _anchors(file.read_text()):
            problems.append(f"{name} links to {target}, where there is no such heading")
    paths = [path for path in _PATH.findall(text) if path.startswith(FOLDERS)]
    return problems + [f"{name} names `{path}`, which does not exist" for path in paths if not (root / path).exists()]


def pages() -> list[Path]:
    """Every Markdown file that belongs to the repository."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [ROOT / line for line in listing.stdout.splitlines() if (ROOT / line).exists()]


def main() -> int:
    """Print every broken link; answer the exit status."""
    found = pages()
    problems = [problem for page in found for problem in broken_links(page)]
    index = (ROOT / "docs" / "decisions" / "README.md").read_text()
    decisions = [page.name for page in found if page.parent.name == "decisions" and page.name != "README.md"]
    problems += [f"docs/decisions/README.md does not list {name}" for name in decisions if f"({name})" not in index]
    print("\n".join(problems) or f"{len(found)} pages, every link and path leads somewhere")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
