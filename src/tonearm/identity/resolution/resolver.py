"""Who somebody is."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tonearm.atproto.formats import is_did, is_handle
from tonearm.identity.resolution.cache import AnswerCache, Lifetimes
from tonearm.identity.resolution.dids import LOCAL_GOOD_S, DidDocuments
from tonearm.identity.resolution.errors import (
    DidNotFoundError,
    HandleMismatchError,
    HandleNotFoundError,
    IdentityError,
    ResolutionUnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tonearm.identity.resolution.dids import LocalIdentities
    from tonearm.identity.resolution.document import DidDocument
    from tonearm.identity.resolution.handles import HandleBackend
    from tonearm.outbound import OutboundClient

PLC_DIRECTORY = "https://plc.directory"
BYTES_A_CHARACTER_OF_JSON = 4

DOCUMENTS = Lifetimes(good_s=3600, stale_s=86_400, missing_s=60, unavailable_s=5)
HANDLES = Lifetimes(good_s=600, stale_s=86_400, missing_s=30, unavailable_s=5)
DOCUMENTS_BYTES = 16 << 20
HANDLES_BYTES = 4 << 20
FAILURES = 5_000
AT_ONCE = 128


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is.

    Attributes:
        did: permanent.
        handle: verified both ways; None when none does.
        pds_url: where the repository is.
        signing_key: the did:key that signs the repository, and service tokens.
        document: the DID document as it came.
    """

    did: str
    handle: str | None
    pds_url: str | None
    signing_key: str | None
    document: Mapping[str, Any] = field(repr=False)


class Resolver:
    """Resolves handles and DIDs, and remembers the answers for a while."""

    def __init__(
        self,
        outbound: OutboundClient,
        local: LocalIdentities,
        handles: Sequence[HandleBackend],
        *,
        plc_url: str = PLC_DIRECTORY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the ways to resolve.

        Args:
            outbound: asks other servers.
            local: the identities that live here; they are looked at first.
            handles: further ways from a handle to a DID, in order.
            plc_url: the origin of the PLC directory.
            clock: seconds, never going back.
        """
        self._local = local
        self._backends = handles
        self._documents = AnswerCache(
            DidDocuments(outbound, local, plc_url).fetch,
            lifetimes=DOCUMENTS,
            budget_bytes=DOCUMENTS_BYTES,
            failures=FAILURES,
            at_once=AT_ONCE,
            kind_of=lambda did: did[: len("did:web:")],
            size_of=lambda document: document.size_bytes * BYTES_A_CHARACTER_OF_JSON,
            clock=clock,
        )
        self._handles = AnswerCache(
            self._ask_for_handle,
            lifetimes=HANDLES,
            budget_bytes=HANDLES_BYTES,
            failures=FAILURES,
            at_once=AT_ONCE,
            kind_of=lambda _handle: "",
            size_of=len,
            clock=clock,
        )

    async def close(self) -> None:
        """Give up the questions under way."""
        await self._documents.close()
        await self._handles.close()

    async def identity(self, identifier: str, *, fresh: bool = False) -> Identity:
        """Answer who has this handle or DID.

        A handle that is given must point at the DID and be the one that the DID's document claims. For a DID, a claimed
        handle that does not point back is left out.

        Args:
            identifier: a handle, with or without an @ and in any case, or a DID.
            fresh: ask now, whatever is remembered.

        Raises:
            HandleMismatchError: the account that the handle points at does not claim it.
            IdentityError: as `did_of_handle` and `document` do.
        """
        identifier = identifier.strip().removeprefix("@")
        if identifier.startswith("did:"):
            document = await self.document(identifier, fresh=fresh)
            return _identity(document, await self._verified(document, fresh=fresh))
        handle = identifier.lower()
        document = await self.document(await self.did_of_handle(handle, fresh=fresh), fresh=fresh)
        if document.handle != handle:
            raise HandleMismatchError(
                f"{handle} points at {document.did}, which does not call itself that; its owner has to set the handle"
            )
        return _identity(document, handle)

    async def document(self, did: str, *, fresh: bool = False, max_age_s: float | None = None) -> DidDocument:
        """Answer a DID's document.

        Args:
            did: of did:plc or did:web.
            fresh: ask now, whatever is remembered.
            max_age_s: how old the answer may be; None for the usual hour.

        Raises:
            DidNotFoundError: there is none.
            BadDidDocumentError: what stands in its place is no document of this DID.
            ResolutionUnavailableError: no answer; and no earlier one within a day, unless `fresh` or `max_age_s`.
        """
        if not is_did(did):
            raise DidNotFoundError("that is no DID")
        return await self._documents.get(did, max_age_s=0 if fresh else max_age_s)

    async def did_of_handle(self, handle: str, *, fresh: bool = False) -> str:
        """Answer the DID that a handle points at. Whether the DID claims the handle is not looked at.

        Raises:
            HandleNotFoundError: the handle is malformed, or nobody knows it.
            ResolutionUnavailableError: no answer.
        """
        handle = handle.strip().removeprefix("@").lower()
        if not is_handle(handle):
            raise HandleNotFoundError("a handle is a domain name, such as alice.example.com")
        return await self._handles.get(handle, max_age_s=0 if fresh else None)

    def forget(self, did: str) -> None:
        """Ask again about a DID and its handles the next time: an event said that something changed."""
        document = self._documents.peek(did)
        if document is not None and document.handle is not None:
            self._handles.forget(document.handle)
        self._documents.forget(did)
        self._handles.forget_values(did)

    async def _verified(self, document: DidDocument, *, fresh: bool) -> str | None:
        if document.handle is None:
            return None
        try:
            did = await self.did_of_handle(document.handle, fresh=fresh)
        except IdentityError:
            return None
        return document.handle if did == document.did else None

    async def _ask_for_handle(self, handle: str) -> tuple[str, float | None]:
        did = await self._local.did_of(handle)
        if did is not None:
            return did, LOCAL_GOOD_S
        silent: ResolutionUnavailableError | None = None
        for backend in self._backends:
            try:
                did = await backend.did_of(handle)
            except ResolutionUnavailableError as error:
                silent = silent or error
                continue
            if did is not None:
                return did, None
        if silent is not None:
            raise silent
        raise HandleNotFoundError(f"there is no account {handle}: look for a typing mistake")


def _identity(document: DidDocument, handle: str | None) -> Identity:
    return Identity(document.did, handle, document.pds_url, document.signing_key, document.raw)
