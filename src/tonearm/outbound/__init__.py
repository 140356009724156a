"""Outbound: every request that this server sends to somebody else's.

It owns the one HTTP client of the process and the rules about where it may go.

Model. Handles, DID documents and metadata name hosts, and anybody can write them; so can they name our own loopback
interface, a neighbour in a private network, or a cloud's metadata service. Hence a URL is asked only when its scheme
is https and its host a public address; https also shuts out most servers that expect no stranger. Addresses are
judged after the lookup, and those that passed are the ones connected to: a name that resolves differently the second
time gains nothing. Redirects are off unless asked for, and each is judged like the first URL. Every answer is limited
in size and time; compressed ones are neither asked for nor accepted, so that a limit on bytes is a limit on memory.

What an administrator configured is allowed as it is: the origins of the settings exactly, and the hosts of
`TONEARM_ALLOWED_PRIVATE_HOSTS`, with http too.

Rejected: a check of the name before the request, with a client that looks the name up again (rebinding); a list of
forbidden names (there is always another name for 127.0.0.1); a client for each purpose, one of which would be
forgotten.

Invariant: nothing else in `src/` opens a connection to another server, but for databases and DNS.
"""

from tonearm.outbound.client import OutboundAnswer, OutboundClient, OutboundStream
from tonearm.outbound.errors import (
    OutboundAnswerError,
    OutboundError,
    OutboundRefusedError,
    OutboundUnavailableError,
)

__all__ = [
    "OutboundAnswer",
    "OutboundAnswerError",
    "OutboundClient",
    "OutboundError",
    "OutboundRefusedError",
    "OutboundStream",
    "OutboundUnavailableError",
]
