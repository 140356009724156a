"""`com.atproto.repo.*`: writing and reading records of the built-in PDS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tonearm.atproto.at_uri import at_uri
from tonearm.atproto.cid import Cid, cid_text
from tonearm.atproto.tid import tid_text
from tonearm.lexicons.com.atproto import repo as lex
from tonearm.pds.builtin.repository.incoming import Incoming, Prepared, prepare
from tonearm.pds.builtin.repository.rows import UNSET
from tonearm.xrpc.errors import XrpcError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tonearm.pds.builtin.account.accounts import HostAccounts
    from tonearm.pds.builtin.repository.blobs import Blobs
    from tonearm.pds.builtin.repository.reader import Reader
    from tonearm.pds.builtin.repository.repositories import Repositories
    from tonearm.pds.builtin.repository.rows import Action, Applied
    from tonearm.xrpc.method import BinaryInput, ProcedureCall, QueryCall


async def create_record(
    call: ProcedureCall[lex.create_record.Params, lex.create_record.Input], repos: Repositories, accounts: HostAccounts
) -> lex.create_record.Output:
    """Add a record under a free key."""
    asked = call.input
    write = Incoming("create", asked.collection, asked.rkey, asked.record)
    did, (item,), applied = await _write(call, [write], repos, accounts)
    return lex.create_record.Output(
        uri=at_uri(did, item.edit.collection, item.edit.rkey),
        cid=_text(item.edit.cid),
        commit=_commit_meta(applied),
        validation_status=item.status,
    )


async def put_record(
    call: ProcedureCall[lex.put_record.Params, lex.put_record.Input], repos: Repositories, accounts: HostAccounts
) -> lex.put_record.Output:
    """Add or replace a record; the same content makes no commit."""
    asked = call.input
    swap = asked.swap_record if "swap_record" in asked.model_fields_set else UNSET
    write = Incoming("put", asked.collection, asked.rkey, asked.record, swap)
    did, (item,), applied = await _write(call, [write], repos, accounts)
    return lex.put_record.Output(
        uri=at_uri(did, item.edit.collection, item.edit.rkey),
        cid=_text(item.edit.cid),
        commit=_commit_meta(applied) if applied.changed else None,
        validation_status=item.status,
    )


async def delete_record(
    call: ProcedureCall[lex.delete_record.Params, lex.delete_record.Input], repos: Repositories, accounts: HostAccounts
) -> lex.delete_record.Output:
    """Remove a record; an absent one is no error."""
    asked = call.input
    swap = UNSET if asked.swap_record is None else asked.swap_record
    write = Incoming("drop", asked.collection, asked.rkey, swap=swap)
    _, _, applied = await _write(call, [write], repos, accounts)
    return lex.delete_record.Output(commit=_commit_meta(applied) if applied.changed else None)


async def apply_writes(
    call: ProcedureCall[lex.apply_writes.Params, lex.apply_writes.Input], repos: Repositories, accounts: HostAccounts
) -> lex.apply_writes.Output:
    """Store several writes in one commit, or none of them."""
    writes = [_incoming(write) for write in call.input.writes]
    did, prepared, applied = await _write(call, writes, repos, accounts)
    return lex.apply_writes.Output(commit=_commit_meta(applied), results=[_result(did, item) for item in prepared])


async def get_record(call: QueryCall[lex.get_record.Params], reader: Reader) -> lex.get_record.Output:
    """Read one record."""
    asked = call.params
    repo, record = await reader.record(asked.repo, asked.collection, asked.rkey)
    if record is None or asked.cid not in (None, record.cid):
        raise XrpcError("RecordNotFound", f"no record {at_uri(repo.did, asked.collection, asked.rkey)}")
    return lex.get_record.Output(
        uri=at_uri(repo.did, asked.collection, asked.rkey), cid=record.cid, value=record.value()
    )


async def list_records(call: QueryCall[lex.list_records.Params], reader: Reader) -> lex.list_records.Output:
    """Read a page of a collection; the cursor is the last key of the page before."""
    asked = call.params
    repo, page = await reader.page(
        asked.repo, asked.collection, limit=asked.limit, cursor=asked.cursor, reverse=bool(asked.reverse)
    )
    records = [
        lex.list_records.Record(uri=at_uri(repo.did, asked.collection, item.rkey), cid=item.cid, value=item.value())
        for item in page
    ]
    return lex.list_records.Output(cursor=page[-1].rkey if page else None, records=records)


async def describe_repo(
    call: QueryCall[lex.describe_repo.Params], reader: Reader, accounts: HostAccounts
) -> lex.describe_repo.Output:
    """Say whose a repository is and what collections it has."""
    repo, collections = await reader.collections(call.params.repo)
    document = await accounts.did_document(repo.did)
    return lex.describe_repo.Output(
        handle=repo.handle,
        did=repo.did,
        did_doc=document,
        collections=collections,
        handle_is_correct=f"at://{repo.handle}" in document["alsoKnownAs"],
    )


async def upload_blob(call: ProcedureCall[lex.upload_blob.Params, BinaryInput], blobs: Blobs) -> lex.upload_blob.Output:
    """Store a blob until a record references it."""
    from tonearm.xrpc.values import Blob  # noqa: PLC0415 - brings pydantic, which start-up does without

    blob = await blobs.upload(call.caller.did, call.input.content_type, call.input.chunks)
    return lex.upload_blob.Output(blob=Blob(blob.cid, blob.media_type, blob.size_bytes))


async def _write(
    call: ProcedureCall[Any, Any], writes: Sequence[Incoming], repos: Repositories, accounts: HostAccounts
) -> tuple[str, list[Prepared], Applied]:
    """Do what every write has in common: whose repository, what lexicon, which commit."""
    asked = call.input
    repo = await accounts.named(asked.repo)
    if repo.did != call.caller.did:
        raise XrpcError("AuthenticationRequired", "The session is another account's")
    prepared = await prepare(writes, repos.tids, validate=getattr(asked, "validate_", None))
    applied = await repos.apply(repo.did, [item.edit for item in prepared], swap_commit=asked.swap_commit)
    return repo.did, prepared, applied


def _incoming(write: lex.apply_writes.Create | lex.apply_writes.Update | lex.apply_writes.Delete) -> Incoming:
    if isinstance(write, lex.apply_writes.Delete):
        return Incoming("delete", write.collection, write.rkey)
    action: Action = "create" if isinstance(write, lex.apply_writes.Create) else "update"
    return Incoming(action, write.collection, write.rkey, write.value)


def _result(
    did: str, item: Prepared
) -> lex.apply_writes.CreateResult | lex.apply_writes.UpdateResult | lex.apply_writes.DeleteResult:
    edit = item.edit
    if edit.action == "delete":
        return lex.apply_writes.DeleteResult()
    kind = lex.apply_writes.CreateResult if edit.action == "create" else lex.apply_writes.UpdateResult
    return kind(uri=at_uri(did, edit.collection, edit.rkey), cid=_text(edit.cid), validation_status=item.status)


def _commit_meta(applied: Applied) -> lex.defs.CommitMeta:
    return lex.defs.CommitMeta(cid=_text(applied.head.commit_cid), rev=tid_text(applied.head.rev))


def _text(cid: bytes) -> str:
    return cid_text(Cid(cid))
