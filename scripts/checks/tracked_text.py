"""Checks that tracked files hold nothing of the machine they were written on.

Refused: paths into somebody's home or work folder, links that lead out of the tree, addresses of package registries (a
lock file's resolved addresses among them), and private keys. Names and versions of packages are all that an
installation needs from us.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SIZE_LIMIT_BYTES = 2_000_000

# Each pattern is written so that it does not match its own line.
RULES = {
    "a path of one machine": re.compile(rb"(?<![\w.~-])/(?:root|work|Users)/[\w.]|/home/(?!listener)\w+/"),
    "a package registry's address": re.compile(
        rb"https?://[\w.-]*(?:pypi|pythonhosted|npmjs|registry|artifactory|debian)[\w-]*\.|"
        rb"index-url\s*[=\s]|\"resolved\"\s*:"
    ),
    "a private key": re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KE[Y]-----"),
}


def findings(data: bytes, path: str) -> list[str]:
    """Sentences about every line of a file that breaks a rule. Binary files are not read."""
    if b"\0" in data[:8000]:
        return []
    return [
        f"{path}:{number}: {what}: {line.strip()[:100].decode(errors='replace')}"
        for number, line in enumerate(data.split(b"\n"), start=1)
        for what, rule in RULES.items()
        if rule.search(line)
    ]


def tracked() -> list[str]:
    """Paths of all files that are tracked or about to be."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    return sorted({name.decode() for name in listing.stdout.split(b"\0") if name})


def leads_out(link: Path, root: Path = ROOT) -> bool:
    """Whether a link is a path of one machine, or leaves the tree."""
    target = link.readlink()
    return target.is_absolute() or not (link.parent / target).resolve().is_relative_to(root.resolve())


def main() -> int:
    """Print every finding; answer the exit status."""
    links = [name for name in tracked() if (ROOT / name).is_symlink()]
    problems = [f"{name}: a link that leads out of the tree" for name in links if leads_out(ROOT / name)]
    names = [name for name in tracked() if (ROOT / name).is_file() and not (ROOT / name).is_symlink()]
    for name in names:
        if (ROOT / name).stat().st_size > SIZE_LIMIT_BYTES:
            problems.append(f"{name}: over {SIZE_LIMIT_BYTES:,} bytes")
        problems += findings((ROOT / name).read_bytes(), name)
    print("\n".join(problems) or f"{len(names)} files, nothing of one machine in them")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
