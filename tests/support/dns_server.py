"""A name server on loopback that knows what a test tells it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass
class NameServer(asyncio.DatagramProtocol):
    """`texts` has the TXT records by name, each a list of its strings; None is no answer at all."""

    texts: dict[str, list[list[str]] | None] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    broken: bool = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        name = query.question[0].name.to_text(omit_final_dot=True).lower()
        self.asked.append(name)
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        records = self.texts.get(name, [])
        if records is None:
            return
        if self.broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif records:
            lines = [" ".join(f'"{part}"' for part in parts) for parts in records]
            answer.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "TXT", *lines))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        self.transport.sendto(answer.to_wire(), address)

    @property
    def address(self) -> tuple[str, int]:
        host, port = self.transport.get_extra_info("sockname")
        return host, port


@asynccontextmanager
async def name_server() -> AsyncIterator[NameServer]:
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(NameServer, local_addr=("127.0.0.1", 0))
    try:
        yield server
    finally:
        transport.close()
