"""Telling a PLC directory about the identities that were made here offline.

A local account's did:plc is minted from a signed genesis operation without asking anybody. Once a directory is
configured, its operations are submitted in their order; until the directory has taken one, the next waits.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from tonearm.atproto.json_data import to_json

if TYPE_CHECKING:
    from tonearm.pds.builtin.account.identities import PlcOperation
    from tonearm.pds.builtin.host import BuiltinPds

log = logging.getLogger(__name__)

EVERY_S = 60.0
TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class PlcSubmission:
    """Submits the operations of local identities to one directory."""

    pds: BuiltinPds
    http: aiohttp.ClientSession
    directory_url: str

    async def run(self) -> None:
        """Go on until cancelled; look for new operations once a minute."""
        while True:
            await self.submit_all()
            await asyncio.sleep(EVERY_S)

    async def submit_all(self) -> int:
        """Submit what no directory has taken yet; answers how many it took.

        An operation that is refused, and those of the same identity after it, are tried again the next time.
        """
        taken = 0
        stuck: set[str] = set()
        for operation in await self.pds.accounts.unsubmitted_operations():
            if operation.did in stuck:
                continue
            if await self._submit(operation):
                await self.pds.accounts.mark_submitted(operation)
                taken += 1
            else:
                stuck.add(operation.did)
        return taken

    async def _submit(self, operation: PlcOperation) -> bool:
        url = f"{self.directory_url.rstrip('/')}/{operation.did}"
        try:
            async with self.http.post(
                url,
                json=to_json(operation.operation),
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
                allow_redirects=False,
            ) as answer:
                if answer.status == 200:
                    return True
                log.warning("the PLC directory refuses an operation of %s: status %d", operation.did, answer.status)
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("the PLC directory cannot be reached: %s", type(error).__name__)
        return False
