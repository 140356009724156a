"""Inline documents, generated, imported and run."""

from __future__ import annotations

import importlib
import itertools
import json
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from codegen.document import parse_document
from codegen.drift import write
from codegen.render import render
from codegen.resolve import Catalog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

    from codegen.problems import Problem


@dataclass(frozen=True)
class Tree:
    """A generated package that can be imported."""

    catalog: Catalog
    files: dict[str, str]
    problems: list[Problem]

    def module(self, nsid: str) -> ModuleType:
        return importlib.import_module(self.catalog.modules[nsid])

    def __getitem__(self, nsid: str) -> ModuleType:
        return self.module(nsid)


@dataclass
class Compiler:
    """Compiles documents to packages of their own, `lexicons_1`, `lexicons_2`..."""

    folder: Path
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __call__(self, *documents: dict[str, Any]) -> Tree:
        """Compile whole documents; each must be valid, references may dangle."""
        package = f"lexicons_{next(self._numbers)}"
        parsed = []
        for document in documents:
            result, faults = parse_document(f"{document['id']}.json", json.dumps(document))
            assert result is not None, [str(fault) for fault in faults]
            parsed.append(result)
        catalog = Catalog.of(parsed, package)
        files = render(catalog)
        write(self.folder / package, files)
        importlib.invalidate_caches()
        return Tree(catalog, files, catalog.problems())

    def defs(self, nsid: str = "com.example.defs", **defs: dict[str, Any]) -> ModuleType:
        """Compile one document from its definitions."""
        return self({"lexicon": 1, "id": nsid, "defs": defs})[nsid]

    def record(self, required: tuple[str, ...] = (), /, **properties: dict[str, Any]) -> type[Any]:
        """Compile a record from its properties and answer its class."""
        record = {"type": "object", "required": list(required), "properties": properties}
        return self.defs("com.example.thing", main={"type": "record", "key": "tid", "record": record}).Record


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compiler]:
    folder = tmp_path_factory.mktemp("generated")
    sys.path.insert(0, str(folder))
    yield Compiler(folder)
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.startswith("lexicons_")]:
        del sys.modules[name]
