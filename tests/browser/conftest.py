"""A browser without scripts, and a server to look at. Our own pages have to work just so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.chromium import running_chromium
from tests.support.real_pds import real_account, real_pds
from tests.support.server import Server, running_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Browser, Page

__all__ = ["real_account", "real_pds"]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running_server(tmp_path) as running:
        yield running


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with running_chromium() as browser:
        yield browser


@pytest.fixture
async def page(chromium: Browser) -> AsyncIterator[Page]:
    """A tab in which no script of a page runs."""
    context = await chromium.new_context(java_script_enabled=False)
    yield await context.new_page()
    await context.close()
