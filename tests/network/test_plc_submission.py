"""Local identities, minted offline, are taken by a real PLC directory and resolve from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.support.server import running_server
from tonearm.services.plc_submission import PlcSubmission

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.real_pds import RealPds

pytestmark = pytest.mark.needs_node


async def test_a_real_directory_takes_offline_identities_and_their_changes(
    real_pds: RealPds, http: aiohttp.ClientSession, tmp_path: Path
):
    async with running_server(tmp_path) as server:
        submission = PlcSubmission(server.core.pds, server.core.outbound, real_pds.plc_url)
        await server.core.pds.accounts.rename(server.did, "alice-b.test")
        assert await submission.submit_all() == 2
        assert await submission.submit_all() == 0
        async with http.get(f"{real_pds.plc_url}/{server.did}") as answer:
            document = await answer.json()
        assert document["id"] == server.did
        assert document["alsoKnownAs"] == ["at://alice-b.test"]
        assert document["service"][0]["serviceEndpoint"] == server.url


async def test_what_a_directory_does_not_take_is_tried_again(tmp_path: Path):
    async with running_server(tmp_path) as server:
        assert await PlcSubmission(server.core.pds, server.core.outbound, "http://127.0.0.1:9").submit_all() == 0
        assert len(await server.core.pds.accounts.unsubmitted_operations()) == 1
