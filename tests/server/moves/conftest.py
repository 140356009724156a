"""A server with an account to be moved, and another server where its owner has an identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.hostile.directory import Directory
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
async def home(tmp_path: Path, elsewhere: Elsewhere) -> AsyncIterator[Server]:
    """The server that the account moves away from, where the database does not matter. A directory knows both sides."""
    directory = Directory(host="localhost")
    async with directory.running():
        document = await elsewhere.server.core.pds.accounts.did_document(elsewhere.did)
        directory.documents[elsewhere.did] = document
        directory.handles[elsewhere.person.handle] = elsewhere.did
        asked = {"plc_url": directory.origin, "handle_resolver_url": directory.origin}
        async with running_server(tmp_path / "home", **asked) as running:
            yield running
