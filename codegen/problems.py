"""What is wrong with a lexicon, where."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault. `path` is a JSON path (`$.defs.main.key`), `$` for the whole file."""

    file: str
    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.path}: {self.reason}"


@dataclass(slots=True)
class Problems:
    """The faults of one file, as they are found."""

    file: str
    found: list[Problem] = field(default_factory=list)

    def add(self, path: str, reason: str) -> None:
        """Note a fault and go on."""
        self.found.append(Problem(self.file, path, reason))


def under(path: str, key: str | int) -> str:
    """Answer the JSON path of a member: `$.defs.main`, `$.refs[0]`, `$.properties['odd name']`."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if key.replace("-", "_").isidentifier() else f"{path}[{key!r}]"
