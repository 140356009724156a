"""Everything that we hold of somebody, as a ZIP archive in pieces.

An entry is JSON, or JSON Lines where there may be any number of rows, and the repository as a CAR. A page of rows, or a
piece of the CAR, is in memory at a time. Columns that hold secrets are not read at all (`queries/holdings.py`).
"""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from tonearm.atproto import dag_cbor
from tonearm.atproto.at_uri import at_uri
from tonearm.atproto.json_data import to_json
from tonearm.atproto.tid import tid_text
from tonearm.index.queries import holdings
from tonearm.lexicons import nsids
from tonearm.pds.errors import PdsError
from tonearm.services.identity_hash import MICROS, second_of
from tonearm.services.lifecycle.states import existing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tonearm.index.engine import Database, Row
    from tonearm.index.queries.actors import AccountRow
    from tonearm.index.queries.holdings import Listing
    from tonearm.pds.builtin.account.holdings import HeldBlob
    from tonearm.services.lifecycle.zip_stream import ZipStream

AT_ONCE = 2
"""Archives that are made at once; others wait."""

LISTINGS: dict[str, Listing] = {
    "plays.jsonl": holdings.PLAYS,
    "songs.jsonl": holdings.SONGS,
    "artists.jsonl": holdings.ARTISTS,
    "albums.jsonl": holdings.ALBUMS,
    "submissions.jsonl": holdings.JOURNAL,
    "queue.jsonl": holdings.QUEUE,
    "writes.jsonl": holdings.WRITES,
    "confirmed.jsonl": holdings.CONFIRMED,
    "deleted-plays.jsonl": holdings.DELETED,
    "moved-plays.jsonl": holdings.MOVED,
    "client-keys.jsonl": holdings.CLIENT_KEYS,
}
FEW: dict[str, tuple[str, ...]] = {
    "account.json": ("account",),
    "profile.json": ("actor",),
    "tokens.json": ("api_token",),
    "player-keys.json": ("player_key",),
    "sessions.json": ("login_session",),
    "pds-sessions.json": ("remote_login", "oauth_session"),
    "publishing.json": ("outbox_actor",),
    "moves.json": ("account_move", "former_identity"),
    "deletion.json": ("account_deletion",),
}
README = """All that Tonearm holds of {handle} ({did}), as of {now}.

account, profile           who you are here
plays                      your plays, in the order of their times
songs, artists, albums     what you played, how often, and first when
submissions                what players reported, as it came, and what became of it
queue, publishing          what is not in your repository yet, and what holds it up
writes, confirmed          what was sent to your repository by this server, and when it had arrived
moves, moved-plays         another identity that the account had before, and which plays have other keys since
deleted-plays              plays that were deleted, so that they do not come back
client-keys                keys by which players made sure of reporting a play once
tokens, player-keys, sessions, pds-sessions   names and times; the secrets themselves are kept hashed or sealed, and are
                           not in here
identity, blobs            of a local account: its operations at the directory, its app passwords, what was uploaded
repository                 your records, as a CAR file

Files that end in .jsonl have one JSON value a line. Times are UTC.
"""


class RepositoryExport(Protocol):
    """Where a whole repository comes from."""

    def export_car(self, did: str) -> AsyncIterator[bytes]:
        """The repository as a CAR, in pieces."""
        ...


class Hosted(Protocol):
    """What the built-in PDS holds of an account beside its repository."""

    async def about(self, did: str) -> dict[str, Any]:
        """The account's identity, app passwords and sessions."""
        ...

    def blobs(self, did: str) -> AsyncIterator[HeldBlob]:
        """Its blobs."""
        ...


@dataclass(frozen=True, slots=True)
class Exports:
    """Makes the archives."""

    database: Database
    builtin: RepositoryExport
    hosted: Hosted
    remote: RepositoryExport
    now: Callable[[], float]
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def archive(self, actor_id: int) -> AsyncIterator[bytes]:
        """Yield the archive of an account.

        Raises:
            AccountNotFoundError: there is no such account.
        """
        from tonearm.services.lifecycle.zip_stream import ZipStream  # noqa: PLC0415 - off the path of the first answer

        account = await self.database.read(existing(actor_id))
        async with self._slots:
            now = datetime.fromtimestamp(self.now(), UTC)
            zipped = ZipStream(now)
            zipped.begin("README.txt")
            text = README.format(handle=account.handle, did=account.did, now=now.isoformat(timespec="seconds"))
            yield zipped.add(text.encode())
            for name, tables in FEW.items():
                zipped.begin(name)
                yield zipped.add(_document(await self._few(actor_id, tables)))
            for name, listing in LISTINGS.items():
                zipped.begin(name)
                async for piece in self._listed(account, listing):
                    yield await asyncio.to_thread(zipped.add, piece)
            more = self._of_host(account, zipped) if account.pds_url is None else self._elsewhere(account, zipped)
            async for sent in more:
                yield sent
            yield zipped.end()

    async def _few(self, actor_id: int, tables: tuple[str, ...]) -> Any:
        found = {table: await self.database.read(holdings.few(table, actor_id)) for table in tables}
        if "account" in found:
            found["account"][0]["has_password"] = await self.database.read(holdings.has_password(actor_id))
        values = {table: [_readable(row) for row in rows] for table, rows in found.items()}
        if len(tables) > 1:
            return values
        (rows,) = values.values()
        return (rows[0] if rows else None) if tables[0] in {"account", "actor", "outbox_actor"} else rows

    async def _listed(self, account: AccountRow, listing: Listing) -> AsyncIterator[bytes]:
        after = None
        while rows := await self.database.read(holdings.page(listing, account.actor_id, after)):
            after = rows[-1][0]
            yield await asyncio.to_thread(_lines, account.did, listing, rows)

    async def _of_host(self, account: AccountRow, zipped: ZipStream) -> AsyncIterator[bytes]:
        zipped.begin("identity.json")
        about = await self.hosted.about(account.did)
        operations = [{**_readable(each), "operation": to_json(each["operation"])} for each in about["operations"]]
        passwords, sessions = ([_readable(each) for each in about[name]] for name in ("app_passwords", "sessions"))
        more = {"operations": operations, "app_passwords": passwords, "sessions": sessions}
        yield zipped.add(_document({**_readable(about), **more}))
        zipped.begin("repository.car", compressed=False)
        async for piece in self.builtin.export_car(account.did):
            yield await asyncio.to_thread(zipped.add, piece)
        async for blob in self.hosted.blobs(account.did):
            zipped.begin(f"blobs/{blob.cid}", compressed=False)
            yield await asyncio.to_thread(zipped.add, blob.content)

    async def _elsewhere(self, account: AccountRow, zipped: ZipStream) -> AsyncIterator[bytes]:
        """The repository as its PDS sends it, or where to get it."""
        url = f"{account.pds_url}/xrpc/{nsids.COM_ATPROTO_SYNC_GET_REPO}?did={account.did}"
        told = f"Your repository is kept by your own PDS, and can be downloaded there:\n\n{url}\n"
        begun = False
        try:
            async for piece in self.remote.export_car(account.did):
                if not begun:
                    zipped.begin("repository.car", compressed=False)
                    begun = True
                yield await asyncio.to_thread(zipped.add, piece)
        except PdsError as error:
            why = "It broke off, so repository.car is not whole" if begun else "It could not be fetched now"
            told += f"\n{why}: {error}\n"
        zipped.begin("repository.txt")
        yield zipped.add(told.encode())


def _lines(did: str, listing: Listing, rows: list[Row]) -> bytes:
    """Rows as JSON Lines."""
    return b"".join(_line(did, listing, dict(zip(listing.columns, row, strict=True))) for row in rows)


def _line(did: str, listing: Listing, values: dict[str, Any]) -> bytes:
    shown = dict(values)
    if "rkey" in shown:
        shown["uri"] = at_uri(did, shown.pop("collection"), shown.pop("rkey"))
    if "record" in shown:
        shown["record"] = to_json(dag_cbor.decode(values["record"])) if values["record"] else None
    if "tid" in shown:
        shown["uri"] = at_uri(did, nsids.APP_ROCKSKY_SCROBBLE, tid_text(shown.pop("tid")))
        if listing.table == "play":
            shown["played_at"] = _moment(second_of(values["tid"]) * MICROS)
    for name in ("song_id", "artist_id", "album_id"):
        if name in shown:
            shown[name] = tid_text(shown[name])
    if "new_tid" in shown:
        shown["new_rkey"] = tid_text(shown.pop("new_tid"))
    if "first_tid" in shown:
        shown["first_played_at"] = _moment(second_of(shown.pop("first_tid")) * MICROS)
    if "raw" in shown:
        shown |= _as_submitted(shown.pop("raw"))
    return json.dumps(_readable(shown), ensure_ascii=False).encode() + b"\n"


def _as_submitted(raw: bytes) -> dict[str, str]:
    try:
        return {"raw": raw.decode()}
    except UnicodeDecodeError:
        return {"raw_base64": base64.b64encode(raw).decode()}


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its times as people read them."""
    return {
        name: _moment(value) if name.endswith("_at") and isinstance(value, int) else value
        for name, value in row.items()
    }


def _moment(micros: int) -> str:
    return datetime.fromtimestamp(micros / MICROS, UTC).isoformat().replace("+00:00", "Z")


def _document(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"
