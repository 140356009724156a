"""Identities of local accounts: did:plc made offline, the handle, the operations that a PLC directory gets later.

The operations of an identity form a chain, numbered from 0. The last one says what its DID document is. Each stands in
the database until a directory has taken it, in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from tonearm.atproto import did_plc
from tonearm.atproto.dag_cbor import decode, encode
from tonearm.atproto.formats import is_handle
from tonearm.index.engine import Work, execute, select
from tonearm.pds.builtin.errors import HandleError, RepoNotFoundError
from tonearm.pds.builtin.repository.store import append_events
from tonearm.pds.builtin.stream.frames import identity_event

if TYPE_CHECKING:
    from tonearm.atproto.did_key import SigningKey

SHORTEST_LABEL = 1
LONGEST_LABEL = 63


class Repo(NamedTuple):
    """A hosted account. `created_at` is microseconds since 1970."""

    repo_id: int
    did: str
    handle: str
    status: str
    created_at: int


@dataclass(frozen=True, slots=True)
class PlcOperation:
    """An operation that no directory has taken yet."""

    did: str
    number: int
    operation: dict[str, Any]


_REPO = "SELECT repo_id, did, handle, status, created_at FROM pds_repo"
_LAST_OPERATION = "SELECT operation, number FROM pds_plc_operation WHERE repo_id = $1 ORDER BY number DESC LIMIT 1"


def normal_handle(text: str, domains: tuple[str, ...]) -> str:
    """Return a new handle in lower case.

    Args:
        text: what the caller asks for.
        domains: the domains under which this host gives handles.

    Raises:
        HandleError: malformed, or not one label under one of the domains.
    """
    handle = text.lower().removeprefix("@")
    if not is_handle(handle):
        raise HandleError("the handle is malformed")
    label, _, domain = handle.partition(".")
    if domain not in domains:
        raise HandleError(f"handles here end in {' or '.join('.' + domain for domain in domains)}")
    if not SHORTEST_LABEL <= len(label) <= LONGEST_LABEL:
        raise HandleError("the handle's first label is too long")
    return handle


def find_repo(identifier: str) -> Work[Repo | None]:
    """Return the account with this DID or handle (any case, with or without an @)."""
    column, value = ("did", identifier) if identifier.startswith("did:") else ("handle", _folded(identifier))
    rows = yield select(f"{_REPO} WHERE {column} = $1", value)
    return Repo(*rows[0]) if rows else None


def _folded(identifier: str) -> str:
    return identifier.lower().removeprefix("@")


def repo_named(identifier: str) -> Work[Repo]:
    """Return the account with this DID or handle.

    Raises:
        RepoNotFoundError: there is none.
    """
    repo = yield from find_repo(identifier)
    if repo is None:
        raise RepoNotFoundError(f"Could not find repo: {identifier}")
    return repo


def last_operation(repo_id: int) -> Work[tuple[dict[str, Any], int]]:
    """Return an identity's latest operation and its number."""
    rows = yield select(_LAST_OPERATION, repo_id)
    return decode(rows[0][0]), rows[0][1]


def add_operation(repo_id: int, number: int, operation: dict[str, Any]) -> Work[None]:
    """Append an operation to an identity's chain."""
    yield execute(
        "INSERT INTO pds_plc_operation (repo_id, number, operation) VALUES ($1, $2, $3)",
        *(repo_id, number, encode(operation)),
    )


def change_identity(
    repo: Repo, rotation_key: SigningKey, handle: str, pds_endpoint: str, at: tuple[int, str]
) -> Work[bool]:
    """Give an identity another handle or another home; False when it has both already.

    Args:
        repo: the account.
        rotation_key: its own.
        handle: as `normal_handle` returned it.
        pds_endpoint: the origin of this host.
        at: microseconds since 1970, and the same as RFC 3339.

    Raises:
        HandleError: the handle is taken.
    """
    other = yield from find_repo(handle)
    if other is not None and other.repo_id != repo.repo_id:
        raise HandleError("the handle is taken")
    last, number = yield from last_operation(repo.repo_id)
    changed = did_plc.unsigned_operation(
        rotation_keys=last["rotationKeys"],
        signing_key=last["verificationMethods"]["atproto"],
        handle=handle,
        pds_endpoint=pds_endpoint,
        prev=did_plc.operation_cid(last),
    )
    if all(changed[part] == last[part] for part in ("alsoKnownAs", "services")):
        return False
    yield from add_operation(repo.repo_id, number + 1, did_plc.sign_operation(changed, rotation_key))
    yield execute("UPDATE pds_repo SET handle = $1 WHERE repo_id = $2", handle, repo.repo_id)
    yield from append_events(repo.repo_id, [identity_event(repo.did, handle, at[1])], at[0])
    return True


def unsubmitted(limit: int) -> Work[list[PlcOperation]]:
    """Return operations that a directory has not taken, each identity's in order."""
    rows = yield select(
        "SELECT r.did, o.number, o.operation FROM pds_plc_operation o JOIN pds_repo r ON r.repo_id = o.repo_id"
        " WHERE o.submitted_at IS NULL ORDER BY o.repo_id, o.number LIMIT $1",
        limit,
    )
    return [PlcOperation(did, number, decode(operation)) for did, number, operation in rows]


def mark_submitted(did: str, number: int, at_micros: int) -> Work[None]:
    """Remember that a directory has taken an operation."""
    yield execute(
        "UPDATE pds_plc_operation SET submitted_at = $3 WHERE number = $2"
        " AND repo_id = (SELECT repo_id FROM pds_repo WHERE did = $1)",
        *(did, number, at_micros),
    )
