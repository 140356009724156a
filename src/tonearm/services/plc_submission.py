"""Telling a PLC directory about the identities that were made here offline.

A local account's did:plc is minted from a signed genesis operation without asking anybody. Once a directory is
configured, its operations are submitted in their order; until the directory has taken one, the next waits.
"""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonearm.atproto.json_data import to_json
from tonearm.outbound import OutboundError

if TYPE_CHECKING:
    from tonearm.outbound import OutboundClient
    from tonearm.pds.builtin.account.identities import PlcOperation
    from tonearm.pds.builtin.host import BuiltinPds

log = logging.getLogger(__name__)

EVERY_S = 60.0
TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class PlcSubmission:
    """Submits the operations of local identities to one directory."""

    pds: BuiltinPds
    outbound: OutboundClient
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
        body = json.dumps(to_json(operation.operation)).encode()
        headers = {"Content-Type": "application/json"}
        try:
            answer = await self.outbound.fetch("POST", url, headers=headers, body=body, timeout_s=TIMEOUT_S)
        except OutboundError as error:
            log.warning("the PLC directory cannot be reached: %s", error)
            return False
        if answer.status != 200:
            log.warning("the PLC directory refuses an operation of %s: status %d", operation.did, answer.status)
        return answer.status == 200
