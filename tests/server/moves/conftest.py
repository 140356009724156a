"""A server with an account to be moved, and another server where its owner has an identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.moving import Elsewhere
from tests.support.server import Server, running_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[Elsewhere]:
    async with running_server(tmp_path / "elsewhere", handle_domain="elsewhere.test") as other:
        yield Elsewhere(other, await other.create_account("alice-elsewhere"))


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Server]:
    """The server that the account moves away from, where the database does not matter."""
    async with running_server(tmp_path / "home") as running:
        yield running
