"""Permission sets: what an application asks an account for under one name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Scalar = str | int | bool


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission. `parameters` are the resource's own: `collection` of `repo`, `lxm` and `aud` of `rpc`."""

    resource: str
    parameters: Mapping[str, Scalar | tuple[Scalar, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """The permissions of a lexicon, with texts for people; other languages by their tags."""

    nsid: str
    permissions: tuple[Permission, ...]
    title: str = ""
    detail: str = ""
    title_by_language: Mapping[str, str] = field(default_factory=dict)
    detail_by_language: Mapping[str, str] = field(default_factory=dict)

    @property
    def scope(self) -> str:
        """The scope text that asks for the set in an authorization request."""
        return f"include:{self.nsid}"
