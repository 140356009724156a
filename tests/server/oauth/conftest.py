"""A Tonearm in a hostile world."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.server.oauth.dance import Dance, dancing
from tests.support.hostile import HostileWorld, hostile_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def world() -> AsyncIterator[HostileWorld]:
    async with hostile_world() as running:
        yield running


@pytest.fixture
async def dance(world: HostileWorld, tmp_path: Path) -> AsyncIterator[Dance]:
    async with dancing(tmp_path, world) as running:
        yield running
