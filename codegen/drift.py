"""The generated tree against the disk: what is missing, what is stale, what was edited.

Every generated file begins with `MARK`. A Python file in the tree without it is nobody's: it is reported, and writing
refuses to touch it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MARK = "# Generated "

Kind = Literal["missing", "stale", "edited", "foreign"]

_REASONS: Mapping[Kind, str] = {
    "missing": "is missing: a lexicon asks for it",
    "stale": "is stale: no lexicon asks for it any more",
    "edited": "is not what its lexicon gives: the lexicon has changed, or the file was edited",
    "foreign": "was not generated and does not belong here",
}


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One file that is not as it would be generated. `path` is relative to the folder of the tree."""

    path: str
    kind: Kind

    def __str__(self) -> str:
        return f"{self.path}: {_REASONS[self.kind]}"


def differences(folder: Path, files: Mapping[str, str]) -> list[Difference]:
    """Compare a folder with the files that it should hold."""
    on_disk = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*.py*")
        if path.suffix in {".py", ".pyi"}
    }
    found = []
    for path in sorted(files.keys() | on_disk.keys()):
        if path not in on_disk:
            found.append(Difference(path, "missing"))
        elif path not in files:
            marked = on_disk[path].startswith(MARK.encode())
            found.append(Difference(path, "stale" if marked else "foreign"))
        elif on_disk[path] != files[path].encode():
            found.append(Difference(path, "edited"))
    return found


def write(folder: Path, files: Mapping[str, str]) -> list[Difference]:
    """Make a folder hold the generated files; answer what was done, foreign files, left alone, included."""
    done = differences(folder, files)
    for difference in done:
        target = folder / difference.path
        if difference.kind == "stale":
            target.unlink()
            _remove_empty(target.parent, folder)
        elif difference.kind != "foreign":
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(files[difference.path].encode())
    return done


def _remove_empty(folder: Path, root: Path) -> None:
    """Remove a folder that holds no module any more, with its compiled leftovers, and so on upwards."""
    while folder != root and all(child.name == "__pycache__" for child in folder.iterdir()):
        for cache in folder.iterdir():
            for compiled in cache.iterdir():
                compiled.unlink()
            cache.rmdir()
        folder.rmdir()
        folder = folder.parent
