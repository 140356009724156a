"""The benches by name, in the order of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tests.benchmarks.benches import codec, index_writer, ingest, memory, own_tokens, service_auth, startup, xrpc

if TYPE_CHECKING:
    from tests.benchmarks.report import Row
    from tests.benchmarks.rounds import Run


class Bench(Protocol):
    """A module that measures one thing. The two times are what a run takes when everything is installed."""

    WHAT: str
    EXPECTED_S: int
    QUICK_S: int

    async def measure(self, run: Run) -> list[Row]:
        """Measure and return the rows; an absent peer is a row too."""
        ...


BENCHES: dict[str, Bench] = {
    "xrpc": xrpc,
    "codec": codec,
    "index-writer": index_writer,
    "memory": memory,
    "ingest": ingest,
    "startup": startup,
    "own-tokens": own_tokens,
    "service-auth": service_auth,
}
