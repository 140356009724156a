"""`com.atproto.sync.*`: repositories of the built-in PDS for those who copy them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.api.com_atproto_errors import sync_errors
from tonearm.atproto.cid import Cid, CidError, cid_text, parse_cid
from tonearm.atproto.tid import tid_int, tid_text
from tonearm.lexicons.com.atproto import sync as lex
from tonearm.pds.builtin.stream.events import FutureCursorError
from tonearm.pds.builtin.stream.frames import info_frame
from tonearm.xrpc.errors import XrpcError
from tonearm.xrpc.method import BinaryOutput

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from tonearm.pds.builtin.repository.blobs import Blobs
    from tonearm.pds.builtin.repository.export import Exporter
    from tonearm.pds.builtin.repository.reader import HostedRepo, Reader
    from tonearm.pds.builtin.stream.events import EventLog
    from tonearm.xrpc.method import QueryCall, SubscriptionCall

CAR = "application/vnd.ipld.car"
BLOCKS_LIMIT = 1_000
"""Most CIDs that one getBlocks may ask for."""
_SANDBOX = {"Content-Security-Policy": "default-src 'none'; sandbox"}
"""A blob is whatever somebody uploaded: a browser must not run it on this origin."""


async def get_latest_commit(
    call: QueryCall[lex.get_latest_commit.Params], reader: Reader
) -> lex.get_latest_commit.Output:
    """Say which commit is the newest."""
    with sync_errors():
        head = await reader.head(call.params.did)
    return lex.get_latest_commit.Output(cid=cid_text(Cid(head.commit_cid)), rev=tid_text(head.rev))


async def get_record(call: QueryCall[lex.get_record.Params], reader: Reader) -> BinaryOutput:
    """Prove that a record is there, or is not."""
    with sync_errors():
        return BinaryOutput(CAR, await reader.proof(call.params.did, call.params.collection, call.params.rkey))


async def get_blocks(call: QueryCall[lex.get_blocks.Params], reader: Reader) -> BinaryOutput:
    """Read blocks by their CIDs."""
    if len(call.params.cids) > BLOCKS_LIMIT:
        raise XrpcError("InvalidRequest", f"at most {BLOCKS_LIMIT} cids")
    try:
        cids = [parse_cid(text) for text in call.params.cids]
    except CidError as error:
        raise XrpcError("BlockNotFound", f"no block of this repository has such a CID: {error}") from error
    with sync_errors():
        return BinaryOutput(CAR, await reader.blocks(call.params.did, cids))


async def get_repo(call: QueryCall[lex.get_repo.Params], exporter: Exporter) -> BinaryOutput:
    """Send a repository, or what is newer than a revision."""
    since = 0 if call.params.since is None else tid_int(call.params.since)
    chunks = exporter.car(call.params.did, since=since)
    with sync_errors():
        first = await anext(chunks)
    return BinaryOutput(CAR, _continued(first, chunks))


async def _continued(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    try:
        yield first
        async for chunk in rest:
            yield chunk
    finally:
        await rest.aclose()


async def get_repo_status(call: QueryCall[lex.get_repo_status.Params], reader: Reader) -> lex.get_repo_status.Output:
    """Say whether a repository can be read here."""
    repo = await reader.hosted(call.params.did)
    if repo is None:
        raise XrpcError("RepoNotFound", f"no repository {call.params.did} here")
    active = repo.status == "active"
    return lex.get_repo_status.Output(
        did=repo.did,
        active=active,
        status=None if active else repo.status,
        rev=tid_text(repo.rev) if active else None,
    )


async def list_repos(call: QueryCall[lex.list_repos.Params], reader: Reader) -> lex.list_repos.Output:
    """List the repositories, in the order in which they were made."""
    cursor = call.params.cursor or "0"
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise XrpcError("InvalidRequest", "the cursor is malformed")
    page = await reader.all_hosted(int(cursor), call.params.limit)
    following = str(page[-1].repo_id) if len(page) == call.params.limit else None
    return lex.list_repos.Output(cursor=following, repos=[_listed(repo) for repo in page])


def _listed(repo: HostedRepo) -> lex.list_repos.Repo:
    active = repo.status == "active"
    return lex.list_repos.Repo(
        did=repo.did,
        head=cid_text(Cid(repo.head)),
        rev=tid_text(repo.rev),
        active=active,
        status=None if active else repo.status,
    )


async def get_blob(call: QueryCall[lex.get_blob.Params], blobs: Blobs) -> BinaryOutput:
    """Read a blob that a record references."""
    with sync_errors():
        media_type, content = await blobs.content(call.params.did, call.params.cid)
    return BinaryOutput(media_type, content, _SANDBOX)


async def list_blobs(call: QueryCall[lex.list_blobs.Params], blobs: Blobs) -> lex.list_blobs.Output:
    """List the blobs that records reference."""
    asked = call.params
    since = 0 if asked.since is None else tid_int(asked.since)
    with sync_errors():
        cids = await blobs.page(asked.did, since=since, after=asked.cursor or "", limit=asked.limit)
    return lex.list_blobs.Output(cursor=cids[-1] if len(cids) == asked.limit else None, cids=cids)


async def subscribe_repos(
    call: SubscriptionCall[lex.subscribe_repos.Params], events: EventLog
) -> AsyncGenerator[lex.subscribe_repos.Message | bytes, None]:
    """Send every event above the cursor, then every new one."""
    cursor = call.params.cursor
    if cursor is not None and cursor > 0:
        oldest, _ = await events.bounds()
        if cursor < oldest - 1:
            yield info_frame("OutdatedCursor", "events after this cursor are no longer kept; these are the oldest")
    try:
        async for _, frame in events.frames(cursor):
            yield frame
    except FutureCursorError:
        raise XrpcError("FutureCursor", "the cursor is ahead of the stream") from None
