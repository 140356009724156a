"""A host with one account, over each database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.builtin_pds import World, pds_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tonearm.pds.builtin.host import BuiltinPds


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with pds_world(tmp_path, request.param) as made:
        yield made


@pytest.fixture
async def pds(world: World) -> AsyncIterator[BuiltinPds]:
    host = world.host()
    await host.start()
    yield host
    await host.close()


@pytest.fixture
async def did(pds: BuiltinPds, world: World) -> str:
    made = await pds.create_repository("alice.test")
    world.passwords |= {"alice.test": made, made: made}
    return made
