"""One server for each module here, whose outbox the test serves, and a listener with a queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.support.obstacles import Obstacles
from tests.support.queue_owner import Owner
from tests.support.server import Server, running_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
def database(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    async with running_server(tmp_path_factory.mktemp("server"), database=database, outbox=False) as running:
        Obstacles.put_up(running.core)
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def owner(server: Server) -> Owner:
    return Owner(server, await server.create_account(), server.core.outbox.routes)
