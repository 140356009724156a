"""Reading the folder of lexicons and writing the folder of generated modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codegen.document import parse_document
from codegen.problems import Problem
from codegen.resolve import Catalog

if TYPE_CHECKING:
    from pathlib import Path

    from codegen import schema


def read_catalog(folder: Path) -> tuple[Catalog, list[Problem]]:
    """Parse every `*.json` below a folder, in which the path of a file is its NSID.

    Returns:
        What could be parsed, and every problem of every file, of references too.
    """
    documents: list[schema.Document] = []
    problems: list[Problem] = []
    for path in sorted(folder.rglob("*.json")):
        place = path.relative_to(folder)
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            problems.append(Problem(place.as_posix(), "$", "is not UTF-8"))
            continue
        document, found = parse_document(place.as_posix(), text, ".".join(place.with_suffix("").parts))
        problems += found
        if document is not None:
            documents.append(document)
    catalog = Catalog.of(documents)
    return catalog, [*problems, *catalog.problems()]


def write_tree(folder: Path, files: dict[str, str]) -> list[str]:
    """Make a folder hold the generated files and no other Python file; answer the paths that changed."""
    changed = []
    for path in generated_on_disk(folder):
        if path not in files:
            (folder / path).unlink()
            changed.append(path)
            _remove_empty(folder, (folder / path).parent)
    for name, text in files.items():
        target = folder / name
        content = text.encode()
        if not target.is_file() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            changed.append(name)
    return sorted(changed)


def generated_on_disk(folder: Path) -> list[str]:
    """Answer the Python files below a folder, which are all generated, by their paths in it."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.py"))


def _remove_empty(folder: Path, parent: Path) -> None:
    """Remove folders that hold no module any more, their caches included."""
    while parent != folder and all(child.name == "__pycache__" for child in parent.iterdir()):
        for cache in parent.iterdir():
            for compiled in cache.iterdir():
                compiled.unlink()
            cache.rmdir()
        parent.rmdir()
        parent = parent.parent
