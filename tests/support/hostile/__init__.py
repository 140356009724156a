"""A network of peers for the OAuth login that is honest until a test makes it hostile.

`hostile_world` runs real HTTP servers on loopback: a directory (PLC, a did:web host, handles), two PDSes and two
authorization servers, one of them a stranger's, and a trap, a server that nobody may reach. Each peer follows the
specifications, checks what it is sent as strictly as they allow (`complaints` has what was wrong), and keeps a log of
all requests (`log`). What a test switches on:

- `peer.instead[path] = redirect(...)`, or another of `answers`, in place of what it would have said;
- `authority.metadata`, `authority.callback`, `authority.tokens`, `pds.resource`: changes to what it says, `ABSENT`
  to leave a field out;
- `peer.loses`: paths whose requests take effect, and whose answers are lost;
- `nonces.mode` of an authority or PDS: "steady", "storm" (each request is told to come back with another), "none";
- `directory.documents` and `directory.handles`, as they are at that moment;
- `authority.signs_in`: who agrees there, whoever was asked for.

Rejected: answers that are written down for each test. They cannot notice that a proof was missing, and a test of a
refused login is only worth something beside the same login that is taken.
"""

from tests.support.hostile.answers import ABSENT, endless, garbage, json_answer, later, once, redirect, slow
from tests.support.hostile.world import HostileWorld, hostile_world

__all__ = [
    "ABSENT",
    "HostileWorld",
    "endless",
    "garbage",
    "hostile_world",
    "json_answer",
    "later",
    "once",
    "redirect",
    "slow",
]
