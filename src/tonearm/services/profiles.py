"""Profiles: what people call themselves, read from their repositories in the background.

A profile is the record `app.bsky.actor.profile` of an account's own PDS, a handle what its DID document says and the
handle confirms. Both are read after a login, when an event says that an identity has changed, and once a day. All of it
is written by strangers: answers are limited in size and time, so many are asked for at once, a name is cut and cleaned,
and of a picture only the CID is taken, from which its address at the PDS is made.

Nothing here is on the way of a request: what was read last is shown until something newer was read.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from tonearm.atproto.dag_cbor import decode
from tonearm.atproto.formats import is_cid
from tonearm.atproto.json_data import to_json
from tonearm.index.queries import actors, profiles
from tonearm.index.queries.profiles import Profile
from tonearm.lexicons import nsids
from tonearm.services.accounts import NO_HANDLE
from tonearm.services.identity_hash import MICROS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tonearm.identity.resolution import Identity, Resolver
    from tonearm.index.engine import Database
    from tonearm.outbound import OutboundClient
    from tonearm.pds.builtin.repository.reader import Reader

log = logging.getLogger(__name__)

EVERY_S = 86_400.0
RETRY_S = 3600.0
SWEEP_S = 60.0
AT_ONCE = 4
BATCH = 100
WANTED_MOST = 10_000
"""Requests beyond this are left to the daily round."""
LIMIT_BYTES = 65_536
TIMEOUT_S = 10.0
NAME_BYTES = 640
NAME_CHARACTERS = 64
"""The longest display name. Source: app.bsky.actor.profile."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Kinds of characters that show nothing, or turn the text around them about."""
_JOINERS = frozenset("\u200c\u200d")
"""Without these some scripts and most emoji fall apart."""


class LocalProfiles(Protocol):
    """Profiles in repositories of the built-in PDS."""

    async def profile(self, did: str) -> dict[str, Any] | None:
        """The profile record of an account that lives here, as JSON has it; None without one."""
        ...


@dataclass(frozen=True, slots=True)
class HostedProfiles:
    """Reads profiles of local accounts."""

    reader: Reader

    async def profile(self, did: str) -> dict[str, Any] | None:
        """The profile record of an account that lives here, as JSON has it; None without one."""
        _, stored = await self.reader.record(did, nsids.APP_BSKY_ACTOR_PROFILE, "self")
        record = None if stored is None else to_json(decode(stored.block))
        return record if isinstance(record, dict) else None


@dataclass(slots=True)
class Profiles:
    """Follows profiles and handles. `run` goes on until cancelled."""

    database: Database
    resolver: Resolver
    outbound: OutboundClient
    local: LocalProfiles
    now: Callable[[], float]
    _wanted: dict[str, None] = field(default_factory=dict)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self, did: str) -> None:
        """Somebody has logged in, or an event says that an identity has changed: look soon. Costs nothing."""
        if len(self._wanted) < WANTED_MOST:
            self._wanted[did] = None
        self._woken.set()

    async def run(self) -> None:
        """Read what is wanted and what is due until cancelled."""
        while True:
            self._woken.clear()
            while dids := self._take_wanted() or await self._due():
                await self._refresh_all(dids)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SWEEP_S):
                    await self._woken.wait()

    def _take_wanted(self) -> list[str]:
        dids = list(self._wanted)[:BATCH]
        for did in dids:
            del self._wanted[did]
        return dids

    async def _due(self) -> list[str]:
        before = int((self.now() - EVERY_S) * MICROS)
        return await self.database.write(profiles.take_due(before, before + int(RETRY_S * MICROS), BATCH))

    async def _refresh_all(self, dids: list[str]) -> None:
        waiting = iter(dids)

        async def refresh_some() -> None:
            for did in waiting:
                try:
                    await self.refresh(did)
                except Exception as error:  # noqa: BLE001 - whatever somebody's servers answer, the others are read
                    log.info("the profile of %s cannot be read: %s", did, type(error).__name__)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, len(dids))):
                group.create_task(refresh_some())

    async def refresh(self, did: str) -> bool:
        """Read somebody's handle and profile now; False when nothing is new, or there is no such account.

        Raises:
            IdentityError: the DID cannot be resolved.
            OutboundError: the PDS does not answer, or with too much.
        """
        account = await self.database.read(actors.account_of_did(did))
        if account is None or account.state == "deleting":
            return False
        identity = await self.resolver.identity(did, fresh=True)
        handle = identity.handle or await self._unverified(did, account.handle)
        if account.pds_url is None:
            record, pds_url = await self.local.profile(did), identity.pds_url
        else:
            record, pds_url = await self._record(identity), identity.pds_url
        profile = Profile(handle, display_name_of(record), avatar_url_of(record, did, pds_url))
        return await self.database.write(profiles.keep_profile(account, profile, int(self.now() * MICROS)))

    async def _unverified(self, did: str, known: str) -> str:
        """The handle of somebody of whom none verifies now: the one that was known, as long as they claim it."""
        document = await self.resolver.document(did)
        return known if document.handle == known else NO_HANDLE

    async def _record(self, identity: Identity) -> dict[str, Any] | None:
        if identity.pds_url is None:
            return None
        query = urlencode({"repo": identity.did, "collection": nsids.APP_BSKY_ACTOR_PROFILE, "rkey": "self"})
        url = f"{identity.pds_url}/xrpc/{nsids.COM_ATPROTO_REPO_GET_RECORD}?{query}"
        answer = await self.outbound.fetch("GET", url, limit_bytes=LIMIT_BYTES, timeout_s=TIMEOUT_S)
        body = answer.json()
        if answer.status != 200:
            told = body.get("error") if isinstance(body, dict) else None
            if told == "RecordNotFound":
                return None
            raise LookupError(f"the PDS of {identity.did} answers {answer.status}")
        record = body.get("value") if isinstance(body, dict) else None
        return record if isinstance(record, dict) else None


def display_name_of(record: dict[str, Any] | None) -> str | None:
    """The name in a profile record, cleaned and cut to what the lexicon allows; None without one."""
    name = (record or {}).get("displayName")
    if not isinstance(name, str):
        return None
    import regex  # noqa: PLC0415 - heavy to import, and off every request's path

    beginning = name[: 4 * NAME_BYTES]  # bounds the work on a huge text
    seen = "".join(each if each in _JOINERS or unicodedata.category(each) not in _UNSEEN else " " for each in beginning)
    kept, left = "", NAME_BYTES
    for cluster in regex.findall(r"\X", " ".join(seen.split()))[:NAME_CHARACTERS]:
        left -= len(cluster.encode())
        if left < 0:
            break
        kept += cluster
    return kept.strip(" \u200c\u200d") or None


def avatar_url_of(record: dict[str, Any] | None, did: str, pds_url: str | None) -> str | None:
    """The address of the picture in a profile record, at the PDS; None without one."""
    avatar = (record or {}).get("avatar")
    if not isinstance(avatar, dict) or pds_url is None:
        return None
    ref, media_type = avatar.get("ref"), avatar.get("mimeType")
    cid = ref.get("$link") if isinstance(ref, dict) else None
    if not isinstance(cid, str) or not is_cid(cid) or not isinstance(media_type, str):
        return None
    if not media_type.startswith("image/"):
        return None
    return f"{pds_url}/xrpc/{nsids.COM_ATPROTO_SYNC_GET_BLOB}?{urlencode({'did': did, 'cid': cid})}"
