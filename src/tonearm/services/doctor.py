"""Is everything as it should be? What `tonearm doctor` says, with what to do about what is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonearm.index import outbox
from tonearm.index.engine import select
from tonearm.index.queries import actors, oauth
from tonearm.lexicons import nsids

if TYPE_CHECKING:
    from tonearm.index.engine import Database, Work
    from tonearm.pds.builtin.host import BuiltinPds
    from tonearm.services.credentials.key_rotation import KeyRotation


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `told` says how it is and, when it is not good, what to do."""

    what: str
    good: bool
    told: str


async def examine(
    index: Database, pds_database: Database, pds: BuiltinPds, rotation: KeyRotation, *, url: str
) -> list[Finding]:
    """Look at the databases, the built-in PDS and the queue. That they could be opened was found before."""
    accounts = await index.read(actors.accounts())
    findings = [Finding("database", good=True, told=f"{index.dialect}, {await index.read(_plays())} plays")]
    if index.dialect == "sqlite":
        findings += [await _integrity("index database", index), await _integrity("PDS database", pds_database)]
    missing = [a.handle for a in accounts if a.pds_url is None and await pds.accounts.find(a.did) is None]
    findings.append(
        Finding(
            "built-in PDS",
            not missing,
            f"no repository for {', '.join(missing)}: restore the PDS database from a backup"
            if missing
            else f"{sum(a.pds_url is None for a in accounts)} local accounts have their repositories",
        )
    )
    lost = [a.handle for a in accounts if a.pds_url and not await index.read(_has_session(a.actor_id))]
    if lost:
        told = f"{', '.join(lost)} must log in again, in a browser or by tonearm account login HANDLE"
        findings.append(Finding("logins", good=False, told=told))
    findings.append(await _secrets(rotation))
    waiting, refused, held = await index.read(outbox.count_unconfirmed())
    told = f"{waiting} writes on their way, {refused} refused, {held} accounts wait for a login"
    if refused:
        queue = nsids.APP_TONEARM_JOURNAL_GET_QUEUE
        told += f". Refused writes stand in their owners' queues ({queue}): edit or discard them"
    findings.append(Finding("queue", not refused and not held, told))
    if not accounts:
        findings.append(Finding("accounts", good=False, told="there is none yet: tonearm account create NAME"))
    del url
    return findings


async def _secrets(rotation: KeyRotation) -> Finding:
    older, unfinished = await rotation.state()
    if not older and not unfinished:
        return Finding("secrets", good=True, told="all are sealed with the present master key")
    told = f"a change of the master key is not finished ({older} secrets have an older one): run tonearm keys rotate"
    return Finding("secrets", good=False, told=told)


def _plays() -> Work[int]:
    rows = yield select("SELECT count(*) FROM play")
    count: int = rows[0][0]
    return count


async def _integrity(what: str, database: Database) -> Finding:
    def check() -> Work[str]:
        rows = yield select("PRAGMA quick_check(1)")
        told: str = rows[0][0]
        return told

    told = await database.read(check())
    advice = "no damage found" if told == "ok" else f"{told}: stop the server and restore a backup"
    return Finding(what, told == "ok", advice)


def _has_session(actor_id: int) -> Work[bool]:
    """Whether we may write to an actor's PDS, by an app password or by OAuth."""
    return (yield from actors.has_remote_login(actor_id)) or (yield from oauth.has_session(actor_id))
