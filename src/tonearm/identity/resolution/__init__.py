"""Resolution: from a handle or a DID to who that is, where their repository lives and which key signs for them.

    resolver = Resolver(outbound, local, [HandleServer(...), DnsHandles(), WellKnownHandles(outbound)], plc_url=...)
    identity = await resolver.identity("alice.example.com")     # or a DID

Model. A handle points at a DID (`handles`: the accounts of this server, a server that the administrator named, DNS,
the handle's web server; the first that knows it), a DID has a document (`dids`: our own accounts, a PLC directory, a
web server), and the document claims a handle. A handle counts only when both directions agree. Answers are kept
(`cache`): a document for an hour, a handle for ten minutes, that there is none for a minute or less; while nobody
answers, the last answer serves for a day. Whatever decides about a login asks with `fresh`. `forget` is called for
every `#identity` and `#account` event. All who ask for the same at once share one question.

Everything here may be controlled by an adversary: documents are limited in size, values and failures have caches of
their own (a flood of unknown DIDs pushes no good answer out), and so many questions are under way at most.

Rejected: a table of identities. It would be one more thing to invalidate, and asking anew after a restart costs one
request for each person who comes back. Rejected as well: believing what a PDS says of its own accounts.

Invariant: `Identity.handle` is never a handle that the DID did not claim, or that points elsewhere.
"""

from tonearm.identity.resolution.dids import LocalIdentities
from tonearm.identity.resolution.document import DidDocument
from tonearm.identity.resolution.errors import (
    BadDidDocumentError,
    DidNotFoundError,
    HandleMismatchError,
    HandleNotFoundError,
    IdentityError,
    ResolutionUnavailableError,
)
from tonearm.identity.resolution.handles import DnsHandles, HandleBackend, HandleServer, WellKnownHandles
from tonearm.identity.resolution.resolver import PLC_DIRECTORY, Identity, Resolver

__all__ = [
    "PLC_DIRECTORY",
    "BadDidDocumentError",
    "DidDocument",
    "DidNotFoundError",
    "DnsHandles",
    "HandleBackend",
    "HandleMismatchError",
    "HandleNotFoundError",
    "HandleServer",
    "Identity",
    "IdentityError",
    "LocalIdentities",
    "ResolutionUnavailableError",
    "Resolver",
    "WellKnownHandles",
]
