"""A server whose pages are tested: what they do does not depend on the database, so one will do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.browser_pages import PageBrowser, page_browser
from tests.support.server import Server, running_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running_server(tmp_path) as running:
        yield running


@pytest.fixture
async def browser(server: Server) -> AsyncIterator[PageBrowser]:
    async with page_browser(server) as made:
        yield made
